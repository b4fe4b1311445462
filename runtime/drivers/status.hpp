#pragma once
// What every driver call comes back with.

#include <cstdint>
#include <string_view>

#include "tellegen/bus/bus.hpp"

namespace tellegen::drivers {

/// Outcome of a driver call. Unless a method says otherwise, a call that is not `ok` left the device as it was, and its
/// output arguments as they were.
enum class [[nodiscard]] Status : std::uint8_t{
    ok,
    bad_argument,  // refused by the driver before the device was touched, or after its limits were read
    busy,          // the sequencer runs a program
    wrong_phase,   // the command has no meaning in the present phase
    refused,       // the sequencer answered REFUSED
    wrong_device,  // ID or major version is not the one that this driver was written for
    bad_reply,     // the device holds a value that the register map does not know
    timeout,       // nothing answered, or no interrupt came
    bus_error,     // the bus refused the address or the access
};

[[nodiscard]] std::string_view name_of(Status status);

/// A bus outcome as drivers tell it: a locked register means that the sequencer is busy.
[[nodiscard]] Status status_of(bus::BusStatus status);

}  // namespace tellegen::drivers
