#include "runtime/drivers/register_port.hpp"

#include <array>

namespace tellegen::drivers {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::bad_argument:
      return "bad argument";
    case Status::busy:
      return "busy";
    case Status::wrong_phase:
      return "wrong phase";
    case Status::refused:
      return "refused";
    case Status::wrong_device:
      return "wrong device";
    case Status::bad_reply:
      return "bad reply";
    case Status::timeout:
      return "timeout";
    case Status::bus_error:
      return "bus error";
  }
  return "unknown driver status";
}

Status status_of(bus::BusStatus status) {
  switch (status) {
    case bus::BusStatus::ok:
      return Status::ok;
    case bus::BusStatus::locked:
      return Status::busy;
    case bus::BusStatus::timeout:
      return Status::timeout;
    case bus::BusStatus::address_error:
    case bus::BusStatus::access_error:
      return Status::bus_error;
  }
  return Status::bus_error;
}

Status RegisterPort::read_word(const regmap::Register& reg, std::uint32_t& word) const {
  std::array<std::uint32_t, 1> words{};
  const Status status = status_of(bus_->read(reg.address(), words));
  if (status == Status::ok) word = words[0];
  return status;
}

Status RegisterPort::write_word(const regmap::Register& reg, std::uint32_t word) const {
  return status_of(bus_->write(reg.address(), std::array{word}));
}

Status RegisterPort::read_double(const regmap::Register& reg, double& value) const {
  std::array<std::uint32_t, 2> words{};
  const Status status = status_of(bus_->read(reg.address(), words));
  if (status == Status::ok) value = regmap::double_of(words[0], words[1]);
  return status;
}

Status RegisterPort::write_double(const regmap::Register& reg, double value) const {
  return status_of(bus_->write(reg.address(), regmap::words_of(value)));
}

}  // namespace tellegen::drivers
