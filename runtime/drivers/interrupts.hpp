#pragma once

#include "runtime/drivers/register_port.hpp"

namespace tellegen::drivers {

/// Driver of the INTERRUPT block: which causes raise the line, and which have happened.
class Interrupts {
 public:
  struct Causes {
    bool turn = false;   // the turn phase was entered
    bool done = false;   // the program ended
    bool fault = false;  // the analog array did not converge
    bool watchdog = false;  // a phase outlasted its limit
    [[nodiscard]] bool any() const { return turn || done || fault || watchdog; }
    friend bool operator==(const Causes&, const Causes&) = default;
  };

  explicit Interrupts(bus::Bus& bus) : port_(bus) {}

  /// Lets exactly these causes raise the line.
  [[nodiscard]] Status enable(const Causes& causes);
  [[nodiscard]] Status enabled(Causes& causes);
  /// Causes that happened and are not acknowledged, enabled or not.
  [[nodiscard]] Status pending(Causes& causes);
  /// Clears these causes and no others.
  [[nodiscard]] Status acknowledge(const Causes& causes);
  /// Sleeps until the line is high, then acknowledges what had happened.
  /// @returns timeout when no interrupt will come; bad_reply when the line was high without a cause.
  [[nodiscard]] Status wait(Causes& causes);

 private:
  RegisterPort port_;
};

}  // namespace tellegen::drivers
