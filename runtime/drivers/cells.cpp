#include "runtime/drivers/cells.hpp"

#include <array>
#include <cmath>

namespace tellegen::drivers {
namespace map = regmap::cells;

Status Cells::count(std::uint32_t& cells) { return port_.read_word(map::count, cells); }

Status Cells::slots(std::uint32_t cell, std::uint32_t& slots) {
  std::uint32_t cells = 0;
  if (const Status status = count(cells); status != Status::ok) return status;
  if (cell >= cells) return Status::bad_argument;
  if (const Status status = port_.write_word(map::select, cell); status != Status::ok) return status;
  return port_.read_word(map::slots, slots);
}

Status Cells::set_parameter(std::uint32_t cell, std::uint32_t slot, double value) {
  if (!std::isfinite(value)) return Status::bad_argument;
  return write(cell, slot, map::parameter, value);
}

Status Cells::parameter(std::uint32_t cell, std::uint32_t slot, double& value) {
  return read(cell, slot, map::parameter, value);
}

Status Cells::accumulator(std::uint32_t cell, std::uint32_t slot, double& value) {
  return read(cell, slot, map::accumulator, value);
}

Status Cells::set_rate(std::uint32_t cell, std::uint32_t slot, double rate) {
  if (!std::isfinite(rate)) return Status::bad_argument;
  return write(cell, slot, map::rate, rate);
}

Status Cells::set_limits(std::uint32_t cell, std::uint32_t slot, double minimum, double maximum) {
  if (!(minimum <= maximum)) return Status::bad_argument;
  if (const Status status = select(cell, slot); status != Status::ok) return status;
  // In one transfer, so that the cell never clips against one new and one old limit.
  static_assert(map::maximum.address() == map::minimum.end());
  const auto [minimum_low, minimum_high] = regmap::words_of(minimum);
  const auto [maximum_low, maximum_high] = regmap::words_of(maximum);
  const std::array words{minimum_low, minimum_high, maximum_low, maximum_high};
  return status_of(port_.bus().write(map::minimum.address(), words));
}

Status Cells::set_decay(std::uint32_t cell, std::uint32_t slot, double decay) {
  if (!(decay >= 0.0 && decay <= 1.0)) return Status::bad_argument;
  return write(cell, slot, map::decay, decay);
}

Status Cells::set_view(std::uint32_t cell, std::uint32_t slot, View view) {
  if (view != View::identity && view != View::reciprocal) return Status::bad_argument;
  if (const Status status = select(cell, slot); status != Status::ok) return status;
  return port_.write_word(map::view, map::view_kind.set(0, static_cast<std::uint32_t>(view)));
}

Status Cells::select(std::uint32_t cell, std::uint32_t slot) {
  std::uint32_t present = 0;
  if (const Status status = slots(cell, present); status != Status::ok) return status;
  if (slot >= present) return Status::bad_argument;
  return port_.write_word(map::slot, slot);
}

Status Cells::write(std::uint32_t cell, std::uint32_t slot, const regmap::Register& reg, double value) {
  if (const Status status = select(cell, slot); status != Status::ok) return status;
  return port_.write_double(reg, value);
}

Status Cells::read(std::uint32_t cell, std::uint32_t slot, const regmap::Register& reg, double& value) {
  if (const Status status = select(cell, slot); status != Status::ok) return status;
  return port_.read_double(reg, value);
}

}  // namespace tellegen::drivers
