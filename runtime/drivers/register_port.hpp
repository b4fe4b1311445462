#pragma once
// Typed access to single registers: the floor that all drivers stand on.

#include <cstdint>

#include "runtime/drivers/status.hpp"
#include "tellegen/bus/bus.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::drivers {

/// Reads and writes one register of the map in its own format. Does not own the bus.
class RegisterPort {
 public:
  explicit RegisterPort(bus::Bus& bus) : bus_(&bus) {}

  [[nodiscard]] Status read_word(const regmap::Register& reg, std::uint32_t& word) const;
  [[nodiscard]] Status write_word(const regmap::Register& reg, std::uint32_t word) const;
  [[nodiscard]] Status read_double(const regmap::Register& reg, double& value) const;
  [[nodiscard]] Status write_double(const regmap::Register& reg, double value) const;

  [[nodiscard]] bus::Bus& bus() const { return *bus_; }

 private:
  bus::Bus* bus_;
};

}  // namespace tellegen::drivers
