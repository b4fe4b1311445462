#pragma once

#include "runtime/drivers/register_port.hpp"

namespace tellegen::drivers {

using regmap::View;

/// Driver of the CELLS block: parameters, accumulators and update rules of the synapse cells. A cell has one or more
/// parameter slots; the update phase makes each of them p <- clip(p - rate * accumulator).
///
/// Every method returns bad_argument when there is no such cell or slot, or a value is not allowed; setters return busy
/// while a program runs. In both cases no parameter changes (the window may have moved).
class Cells {
 public:
  explicit Cells(bus::Bus& bus) : port_(bus) {}

  /// Number of cells on the chip.
  [[nodiscard]] Status count(std::uint32_t& cells);
  /// Number of parameter slots of one cell.
  [[nodiscard]] Status slots(std::uint32_t cell, std::uint32_t& slots);

  /// @param value finite, in SI units of the slot
  [[nodiscard]] Status set_parameter(std::uint32_t cell, std::uint32_t slot, double value);
  [[nodiscard]] Status parameter(std::uint32_t cell, std::uint32_t slot, double& value);
  /// Gradient that the accumulate phases gathered [loss / SI].
  [[nodiscard]] Status accumulator(std::uint32_t cell, std::uint32_t slot, double& value);
  /// @param rate finite; 0: the slot is not trained
  [[nodiscard]] Status set_rate(std::uint32_t cell, std::uint32_t slot, double rate);
  /// @param minimum, maximum of the trained parameter; minimum <= maximum, infinite ones bind nothing
  [[nodiscard]] Status set_limits(std::uint32_t cell, std::uint32_t slot, double minimum, double maximum);
  /// @param decay fraction of the accumulator that is kept when a new load begins, 0 to 1; 0 forgets it (plain descent)
  [[nodiscard]] Status set_decay(std::uint32_t cell, std::uint32_t slot, double decay);
  /// What is trained: the slot, or its reciprocal.
  [[nodiscard]] Status set_view(std::uint32_t cell, std::uint32_t slot, View view);

 private:
  [[nodiscard]] Status select(std::uint32_t cell, std::uint32_t slot);
  [[nodiscard]] Status write(std::uint32_t cell, std::uint32_t slot, const regmap::Register& reg, double value);
  [[nodiscard]] Status read(std::uint32_t cell, std::uint32_t slot, const regmap::Register& reg, double& value);

  RegisterPort port_;
};

}  // namespace tellegen::drivers
