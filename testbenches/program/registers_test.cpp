// `regs`: the register map in three languages.

#include <doctest/doctest.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

std::string printed(const Folder& folder, const std::string& format) {
  const auto outcome = run_tellegen(folder, {"regs", "--format", format});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out.size() > 1000);
  return outcome.out;
}

}  // namespace

TEST_CASE("the register map is Markdown unless another language is asked for") {
  const Folder folder;
  const auto markdown = printed(folder, "md");
  CHECK(markdown.find("|---") != std::string::npos);
  CHECK(run_tellegen(folder, {"regs"}).out == markdown);
}

TEST_CASE("the C header of the register map compiles as C99 and as C++, without warnings, to the published numbers") {
  const Folder folder;
  folder.write("registers.h", printed(folder, "h"));
  // Firmware knows the chip by these numbers; an array of -1 elements stops the compiler where one has changed.
  folder.write("firmware.c", R"(#include "registers.h"
#include "registers.h"
#define EXPECT(line, condition) typedef char expectation_##line[(condition) ? 1 : -1]; extern expectation_##line used_##line
EXPECT(1, TELLEGEN_SEQUENCER_COMMAND == 0x08u && TELLEGEN_SEQUENCER_COMMAND_ABORT_MASK == 8u);
EXPECT(2, TELLEGEN_SEQUENCER_STATUS == 0x0Cu && TELLEGEN_SEQUENCER_STATUS_PHASE_MASK == 0xFu && TELLEGEN_SEQUENCER_STATUS_PHASE_TURN == 3u);
EXPECT(3, TELLEGEN_SEQUENCER_STATUS_WATCHDOG_MASK == 0x800u && TELLEGEN_SEQUENCER_STATUS_WATCHDOG_SHIFT == 11u);
EXPECT(4, TELLEGEN_SEQUENCER_WATCHDOG == 0x24u && TELLEGEN_SEQUENCER_FAULT_PHASE == 0x64u && TELLEGEN_SEQUENCER_FAULT_TICK == 0x20u);
EXPECT(5, TELLEGEN_SEQUENCER_FAULT_PHASE_PHASE_NUDGED_PLUS == 4u);
EXPECT(6, TELLEGEN_INTERRUPT_STATUS == 0x100u && TELLEGEN_INTERRUPT_STATUS_WATCHDOG_MASK == 8u && TELLEGEN_INTERRUPT_MASK_FAULT_MASK == 4u);
EXPECT(7, TELLEGEN_WAVEFORM_DATA_LOW == 0x208u && TELLEGEN_WAVEFORM_DATA_HIGH == 0x20Cu && TELLEGEN_WAVEFORM_BANK_KIND_CLAMP == 4u);
EXPECT(8, TELLEGEN_CELLS_PARAMETER_LOW == 0x310u && TELLEGEN_CELLS_VIEW_VIEW_RECIPROCAL == 1u && TELLEGEN_CORRELATOR_GAIN_MINUS_HIGH == 0x40Cu);
EXPECT(9, (0xFFFFFFFFu & TELLEGEN_WAVEFORM_BANK_KIND_MASK) >> TELLEGEN_WAVEFORM_BANK_KIND_SHIFT == 7u);
int main(void) { return 0; }
)");
  const auto compiler = installed("gcc") ? installed("gcc") : installed("cc");
  if (!compiler) {
    MESSAGE("no C compiler is installed: the header was printed, not compiled");
    return;
  }
  for (const std::vector<std::string>& language :
       {std::vector<std::string>{"-x", "c", "-std=c99"}, {"-x", "c++", "-std=c++17"}}) {
    std::vector<std::string> command{*compiler};
    command.insert(command.end(), language.begin(), language.end());
    command.insert(command.end(), {"-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "firmware.c"});
    const auto outcome = run_program(folder, command);
    INFO(outcome.err);
    CHECK(outcome.code == 0);
  }
}

TEST_CASE("the SystemRDL of the register map opens as many brackets as it closes") {
  const Folder folder;
  const auto text = printed(folder, "systemrdl");
  CHECK(text.find("addrmap") != std::string::npos);
  int depth = 0;
  for (const char c : text) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    REQUIRE(depth >= 0);
  }
  CHECK(depth == 0);
}
