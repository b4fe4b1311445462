#pragma once
// The register map as text, for `tellegen regs`.

#include <string>

namespace tellegen::regmap {

/// One Markdown table a block, and one a register that has fields.
[[nodiscard]] std::string print_markdown();

/// C header of addresses, masks, shifts and enumerated values: TELLEGEN_SEQUENCER_STATUS_PHASE_MASK.
[[nodiscard]] std::string print_c_header();

/// SystemRDL 2.0 description; the property `locked_while_busy` marks registers that refuse writes during a program,
/// `takes` those that refuse some numbers.
[[nodiscard]] std::string print_systemrdl();

}  // namespace tellegen::regmap
