#include "runtime/drivers/sequencer.hpp"

#include <bit>
#include <cmath>

namespace tellegen::drivers {
namespace {
namespace map = regmap::sequencer;

constexpr double largest_skew = 2.0;  // orders a, b of one element lie within [0, 2]
}  // namespace

Status Sequencer::identify() {
  std::uint32_t id = 0;
  if (const Status status = port_.read_word(map::id, id); status != Status::ok) return status;
  if (id != map::id_value) return Status::wrong_device;
  std::uint32_t version = 0;
  if (const Status status = port_.read_word(map::version, version); status != Status::ok) return status;
  return (version >> 16) == (map::version_value >> 16) ? Status::ok : Status::wrong_device;
}

Status Sequencer::load() {
  Phase now{};
  if (const Status status = phase(now); status != Status::ok) return status;
  if (now != Phase::idle && now != Phase::done) return Status::busy;
  return issue(map::command_load);
}

Status Sequencer::start() {
  Phase now{};
  if (const Status status = phase(now); status != Status::ok) return status;
  if (now != Phase::load) return Status::wrong_phase;
  return issue(map::command_start);
}

Status Sequencer::resume() {
  Phase now{};
  if (const Status status = phase(now); status != Status::ok) return status;
  if (now != Phase::turn) return Status::wrong_phase;
  return issue(map::command_resume);
}

Status Sequencer::abort() { return issue(map::command_abort); }

Status Sequencer::issue(const regmap::Field& command) {
  if (const Status status = port_.write_word(map::command, command.set(0, 1)); status != Status::ok) return status;
  State now;
  if (const Status status = state(now); status != Status::ok) return status;
  return now.refused ? Status::refused : Status::ok;
}

Status Sequencer::state(State& state) {
  std::uint32_t word = 0;
  if (const Status status = port_.read_word(map::status, word); status != Status::ok) return status;
  const std::uint32_t code = map::status_phase.get(word);
  if (code >= regmap::phase_count) return Status::bad_reply;
  state = {static_cast<Phase>(code), map::status_busy.test(word), map::status_refused.test(word),
           map::status_fault.test(word), map::status_watchdog.test(word)};
  return Status::ok;
}

Status Sequencer::phase(Phase& phase) {
  State now;
  const Status status = state(now);
  if (status == Status::ok) phase = now.phase;
  return status;
}

Status Sequencer::set_program(const Program& program) {
  std::uint32_t word = 0;
  word = map::program_nudged_plus.set(word, program.nudged_plus);
  word = map::program_nudged_minus.set(word, program.nudged_minus);
  word = map::program_accumulate.set(word, program.accumulate);
  word = map::program_update.set(word, program.update);
  word = map::program_swap_ports.set(word, program.swap_ports);
  word = map::program_replay_bias.set(word, program.replay_bias);
  word = map::program_product_only.set(word, program.product_only);
  if (program.nudge > 2) return Status::bad_argument;
  word = map::program_nudge.set(word, program.nudge);
  word = map::program_flip_loss.set(word, program.flip_loss);
  word = map::program_potential.set(word, program.potential);
  word = map::program_settled_only.set(word, program.settled_only);
  word = map::program_clamp_outputs.set(word, program.clamp_outputs);
  word = map::program_turn_again.set(word, program.turn_again);
  word = map::program_lockstep.set(word, program.lockstep);
  return port_.write_word(map::program, word);
}

Status Sequencer::set_readout(const Readout& readout) {
  if (!std::isfinite(readout.weight_rate)) return Status::bad_argument;
  if (const Status status = port_.write_double(map::weight_rate, readout.weight_rate); status != Status::ok) return status;
  if (const Status status = port_.write_word(map::lock_in_period, readout.lock_in_period); status != Status::ok) return status;
  if (const Status status = port_.write_word(map::harmonics_low, static_cast<std::uint32_t>(readout.harmonics)); status != Status::ok) return status;
  return port_.write_word(map::harmonics_high, static_cast<std::uint32_t>(readout.harmonics >> 32));
}

Status Sequencer::readout(Readout& readout) {
  Readout seen;
  std::uint32_t low = 0, high = 0;
  if (const Status status = port_.read_double(map::weight_rate, seen.weight_rate); status != Status::ok) return status;
  if (const Status status = port_.read_word(map::lock_in_period, seen.lock_in_period); status != Status::ok) return status;
  if (const Status status = port_.read_word(map::harmonics_low, low); status != Status::ok) return status;
  if (const Status status = port_.read_word(map::harmonics_high, high); status != Status::ok) return status;
  seen.harmonics = static_cast<std::uint64_t>(high) << 32 | low;
  readout = seen;
  return Status::ok;
}

Status Sequencer::set_tail(std::uint32_t cycles) {
  if (const Status status = port_.write_word(map::tail, cycles); status != Status::ok) return status;
  std::uint32_t taken = 0;
  if (const Status status = port_.read_word(map::tail, taken); status != Status::ok) return status;
  return taken == cycles ? Status::ok : Status::bad_argument;
}

Status Sequencer::program(Program& program) {
  std::uint32_t word = 0;
  if (const Status status = port_.read_word(map::program, word); status != Status::ok) return status;
  program = {.nudged_plus = map::program_nudged_plus.test(word),
             .nudged_minus = map::program_nudged_minus.test(word),
             .accumulate = map::program_accumulate.test(word),
             .update = map::program_update.test(word),
             .swap_ports = map::program_swap_ports.test(word),
             .replay_bias = map::program_replay_bias.test(word),
             .product_only = map::program_product_only.test(word),
             .nudge = map::program_nudge.get(word),
             .flip_loss = map::program_flip_loss.test(word),
             .potential = map::program_potential.test(word),
             .settled_only = map::program_settled_only.test(word),
             .clamp_outputs = map::program_clamp_outputs.test(word),
             .turn_again = map::program_turn_again.test(word),
             .lockstep = map::program_lockstep.test(word)};
  return Status::ok;
}

Status Sequencer::set_ticks(std::uint32_t cycles) {
  if (cycles == 0) return Status::bad_argument;
  return port_.write_word(map::ticks, cycles);
}

Status Sequencer::ticks(std::uint32_t& cycles) { return port_.read_word(map::ticks, cycles); }

Status Sequencer::set_echo_skew(double skew) {
  const double halves = 2.0 * skew;
  if (!(std::abs(skew) <= largest_skew) || halves != std::trunc(halves)) return Status::bad_argument;
  return port_.write_word(map::echo_skew, std::bit_cast<std::uint32_t>(static_cast<std::int32_t>(halves)));
}

Status Sequencer::echo_skew(double& skew) {
  std::uint32_t word = 0;
  const Status status = port_.read_word(map::echo_skew, word);
  if (status == Status::ok) skew = 0.5 * std::bit_cast<std::int32_t>(word);
  return status;
}

Status Sequencer::steps_per_tick(std::uint32_t& steps) { return port_.read_word(map::steps_per_tick, steps); }

Status Sequencer::set_watchdog(std::uint32_t cycles) { return port_.write_word(map::watchdog, cycles); }

Status Sequencer::watchdog(std::uint32_t& cycles) { return port_.read_word(map::watchdog, cycles); }

Status Sequencer::fault(Fault& fault) {
  std::uint32_t word = 0, tick = 0;
  if (const Status status = port_.read_word(map::fault_phase, word); status != Status::ok) return status;
  const std::uint32_t code = map::fault_phase_field.get(word);
  if (code >= regmap::phase_count) return Status::bad_reply;
  if (const Status status = port_.read_word(map::fault_tick, tick); status != Status::ok) return status;
  fault = {static_cast<Phase>(code), tick};
  return Status::ok;
}

Status Sequencer::cycles(Phase phase, std::uint32_t& cycles) {
  const auto index = static_cast<std::size_t>(phase);
  if (index >= regmap::phase_count) return Status::bad_argument;
  return port_.read_word(map::cycles[index], cycles);
}

}  // namespace tellegen::drivers
