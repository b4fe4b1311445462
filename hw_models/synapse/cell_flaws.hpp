#pragma once
// What the cells of an array lack of ideal ones: trace memory, correlator, programmable device.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hw_models/nonideal/converter.hpp"
#include "hw_models/nonideal/programming.hpp"
#include "hw_models/nonideal/sampling.hpp"
#include "hw_models/synapse/readout.hpp"

namespace tellegen {

/// What an array's flaws are made from. Signals of a cell: its controlling variable, then its internal states.
struct CellFlawsSetup {
  std::shared_ptr<const NonIdealities> chip;
  std::uint32_t cells_on_chip = 0;
  std::vector<std::uint32_t> number;  ///< of each cell on the chip: the same draws wherever it stands
  std::size_t state_words = 0;
  std::size_t slots = 0;              ///< of a cell
  std::size_t ticks = 0;              ///< of the trace memory
  std::size_t steps_per_tick = 1;
  double step = 0;                    ///< [s] analog
  std::vector<double> full_scale;     ///< largest sample in an ideal cycle, by cell, then signal; empty: unknown
  std::vector<double> readout;        ///< size of the correlators in an ideal pass, by cell, then slot; empty: unknown
  std::vector<DeviceRange> range;     ///< by cell, then slot; empty where devices are programmed ideally
};

/// Non-idealities of the cells of an array; those of a cell depend on its number alone.
///
/// | part       | what happens                                                                                                       |
/// |------------|--------------------------------------------------------------------------------------------------------------------|
/// | trace      | signals are sampled off the clock edge, converted into a few bits, kept once in so many cycles, and decay until replayed |
/// | correlator | its result C becomes (1 + gain) C + offset, per side                                                               |
/// | device     | takes the nearest of its levels, by measured pulses, with noise                                                    |
class CellFlaws {
 public:
  explicit CellFlaws(CellFlawsSetup setup);

  /// A run begins with these values of the signals, by cell; it is the run of that count.
  void begin_run(std::uint32_t run, std::span<const double> z, std::span<const double> states);
  /// Whether every analog step has to be seen.
  [[nodiscard]] bool sees_steps() const { return moves_; }
  /// Room for the controlling variables, then the states, of an analog step.
  [[nodiscard]] std::span<double> next(std::size_t step) { return history_.next(step); }
  /// Turns the ideal record of a clock tick into what is stored.
  void store(std::size_t tick, std::span<double> z, std::span<double> states) const;
  /// Clock tick whose record stands for this one: the last of the cycles that share a word, the first to be replayed.
  [[nodiscard]] std::size_t kept_tick(std::size_t tick) const;
  /// What is left of a stored level after some time [s].
  [[nodiscard]] double left_after(double time) const;

  /// Result of a correlator as it is read.
  [[nodiscard]] double read(std::size_t cell, std::size_t slot, Side side, double sum) const;

  /// Value that a device takes when `target` is written.
  [[nodiscard]] double set(std::size_t cell, std::size_t slot, double target);
  /// Value after an update from `value` to `target`.
  [[nodiscard]] double step(std::size_t cell, std::size_t slot, double value, double target);

 private:
  [[nodiscard]] double write_noise(std::size_t cell, std::size_t slot);

  CellFlawsSetup setup_;
  RandomSource random_;
  std::size_t width_, signals_;  // cells; signals of one
  std::size_t stride_ = 1;       // clock ticks by kept word
  bool moves_, converts_;
  SampleHistory history_;
  std::vector<double> early_;    // [analog step] by cell
  std::vector<Converter> converters_;  // by cell, then signal
  std::vector<double> gain_, offset_;  // by cell; by cell, then slot
  std::vector<ProgrammableDevice> devices_;   // by cell, then slot
  std::vector<std::uint32_t> writes_;
  std::uint32_t run_ = 0;
};

}  // namespace tellegen
