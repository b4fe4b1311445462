#include "runtime/drivers/interrupts.hpp"

namespace tellegen::drivers {
namespace {
namespace map = regmap::interrupt;

std::uint32_t word_of(const Interrupts::Causes& causes) {
  return map::turn.set(0, causes.turn) | map::done.set(0, causes.done) | map::fault.set(0, causes.fault) | map::watchdog.set(0, causes.watchdog);
}

Interrupts::Causes causes_of(std::uint32_t word) {
  return {.turn = map::turn.test(word), .done = map::done.test(word), .fault = map::fault.test(word), .watchdog = map::watchdog.test(word)};
}
}  // namespace

Status Interrupts::enable(const Causes& causes) { return port_.write_word(map::mask, word_of(causes)); }

Status Interrupts::enabled(Causes& causes) {
  std::uint32_t word = 0;
  const Status status = port_.read_word(map::mask, word);
  if (status == Status::ok) causes = causes_of(word);
  return status;
}

Status Interrupts::pending(Causes& causes) {
  std::uint32_t word = 0;
  const Status status = port_.read_word(map::status, word);
  if (status == Status::ok) causes = causes_of(word);
  return status;
}

Status Interrupts::acknowledge(const Causes& causes) { return port_.write_word(map::status, word_of(causes)); }

Status Interrupts::wait(Causes& causes) {
  if (const Status status = status_of(port_.bus().wait_for_interrupt()); status != Status::ok) return status;
  Causes happened;
  if (const Status status = pending(happened); status != Status::ok) return status;
  if (!happened.any()) return Status::bad_reply;
  if (const Status status = acknowledge(happened); status != Status::ok) return status;
  causes = happened;
  return Status::ok;
}

}  // namespace tellegen::drivers
