#pragma once
#include "runtime/training/bench.hpp"
#include "runtime/training/bench_signal.hpp"

namespace tellegen {

/// Reads one `[[loss]]` table.
///
/// | key      | of kind                   | meaning                                                                      |
/// |----------|---------------------------|------------------------------------------------------------------------------|
/// | `kind`   | all                       | mse, final_mse, cross_entropy, expr                                          |
/// | `probe`  | mse, final_mse, expr      | the probe; an expression calls it y                                          |
/// | `probes` | cross_entropy, expr       | several: { name = "probe", .. }; a cross entropy takes an array too          |
/// | `target` | mse, final_mse, expr      | waveform table, number, or quantity; r in an expression, which may do without |
/// | `target` | cross_entropy             | the class that is right: number from 0 on, name of a probe, or waveform table |
/// | `expr`   | expr                      | l, in the probes' names, r and t                                             |
/// | `scale`  | cross_entropy             | s of the logits y/s, a quantity; default 1 in the probes' unit               |
/// | `weight` | all; final_mse: a number  | number or waveform table, never negative                                     |
/// | `window` | all but final_mse         | pair of times                                                                |
/// @param label  "[[loss]]" or "[[held_out.loss]]"
/// @throws InputError
[[nodiscard]] BenchLoss read_loss(const TomlTable& table, const SourceLocation& where, const std::string& label,
                                  const TimeGrid& grid, SignalReader& signals);

/// Probe as the circuit knows it: lower case, no blanks. Its form is checked, its nodes and elements are the circuit's
/// business.
/// @throws InputError none of v(a), v(a,b), i(x), z(x), q(x)
[[nodiscard]] std::string probe_text(std::string_view text, const SourceLocation& where, std::string_view subject);

/// Place of each of `some` among `all`.
[[nodiscard]] std::vector<std::size_t> places_of(const std::vector<std::string>& some, std::span<const std::string> all);

}  // namespace tellegen
