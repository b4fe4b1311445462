#include "hw_models/chip/analog_array.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hw_models/solver/operating_point.hpp"
#include "hw_models/synapse/array_step.hpp"

namespace tellegen::chip {

AnalogArray::AnalogArray(const sc_core::sc_module_name& name, const TimeGrid& grid, std::size_t steps_per_tick, std::vector<Port> probes,
                         std::vector<std::int32_t> bank_of_source, SampleMemory& memory, std::vector<double> dc_sources, std::uint32_t longest_tail,
                         std::optional<ArrayFlaws> flaws)
    : AnalogCluster(name, grid, Pace::controlled, probes, std::max<std::size_t>(1, longest_tail * steps_per_tick)), drive_level(probes.size(), 0.0), steps_per_tick_(steps_per_tick),
      probes_(std::move(probes)), bank_of_source_(std::move(bank_of_source)), memory_(memory), dc_sources_(std::move(dc_sources)),
      longest_tail_(longest_tail), flaws_(std::move(flaws)) {
  // Step m of a cycle happens (m + 1/2) h after its rising edge; rounded from the edge, so that rounding to SystemC's
  // resolution does not add up and push the last step past the next edge.
  sc_core::sc_time last = sc_core::SC_ZERO_TIME;
  for (std::size_t m = 0; m < steps_per_tick; ++m) {
    const sc_core::sc_time since_edge((static_cast<double>(m) + 0.5) * grid.step, sc_core::SC_SEC);
    step_delays_.push_back(since_edge - std::exchange(last, since_edge));
  }
  SC_METHOD(on_cycle);
  dont_initialize();
  sensitive << cycle;
  SC_METHOD(on_step);
  dont_initialize();
  sensitive << step_event_;
  SC_METHOD(on_sample);
  dont_initialize();
  sensitive << sample.pos();
  SC_METHOD(on_phase);
  dont_initialize();
  sensitive << phase;
}

bool AnalogArray::is_nudged() const {
  return present_phase() == regmap::Phase::nudged_plus || present_phase() == regmap::Phase::nudged_minus;
}

void AnalogArray::on_cycle() {
  if (tick.read() == 0) begin_phase();
  latch_cycle();
  steps_in_cycle_ = 0;
  step_event_.notify(step_delays_.front());
}

/// The drives rest outside the nudged phases.
void AnalogArray::on_phase() {
  if (!is_nudged()) std::ranges::fill(drive_level, 0.0);
}

void AnalogArray::begin_phase() {
  const bool is_clamped = present_phase() == regmap::Phase::clamped;
  sources_.assign(circuit().sources().size(), 0.0);
  injected_.assign(static_cast<std::size_t>(circuit().unknown_count()), 0.0);
  bias_.assign(circuit().branches().size(), 0.0);
  states_.assign(static_cast<std::size_t>(circuit().state_count()), 0.0);
  held_.assign(probes_.size(), 0.0);
  for (auto* levels : {&target_, &level_}) levels->fill(held_);
  if (flaws_) flaws_->begin_pass(is_clamped);
  for (const bool is_twin : {false, true}) {
    if (is_twin && (is_clamped || !settings.lockstep)) break;
    slots_.assign(circuit().initial_slots().begin(), circuit().initial_slots().end());
    for (const auto* cells : cells_) cells->put_law_parameters(slots_);
    if (flaws_) flaws_->build(circuit(), slots_, is_twin);
    if (is_twin) make_twin();
    (is_twin ? *twin_ : engine()).set_slots(slots_);
  }
  for (auto* cells : cells_) cells->configure(reading());
  is_clamped ? begin_clamped() : begin_nudged();
}

void AnalogArray::make_twin() {
  if (twin_) return;
  twin_.emplace(shared_circuit(), engine().grid(), probes_);
}

NudgeReading AnalogArray::reading() const {
  auto reading = settings.reading;
  if (!flaws_ || flaws_->chip().replay != Replay::sampled || reading.settled_only) return reading;
  // Replayed in reverse, the instant of a record is the first step of its cycle.
  reading.stride = static_cast<std::uint32_t>(steps_per_tick_);
  reading.instant = settings.kind == NudgeKind::forward ? reading.stride - 1 : 0;
  return reading;
}

void AnalogArray::begin_clamped() {
  memory_.peak_source_current = 0;
  nudged_passes_ = 0;
  start_ = {};
  no_start_.clear();
  try {
    if (!dc_sources_.empty()) start_ = find_operating_point(circuit(), {.sources = dc_sources_, .slots = slots_, .first_guess = {}, .held = {}}).state;
  } catch (const ConvergenceError& error) {
    no_start_ = error.what();  // a fault at the first step: an exception that leaves a process would end the simulation for good
    return;
  }
  for (auto* cells : cells_) {
    begin_record(*cells, circuit(), start_);
    if (flaws_) cells->begin_run(flaws_->run());
  }
  begin(forward_network, start_);
  if (flaws_ && flaws_->sees_steps()) {
    for (std::size_t p = 0; p < probes_.size(); ++p) held_[p] = engine().unknowns()[probes_[p].p] - engine().unknowns()[probes_[p].n];
    flaws_->begin_history(held_);
    std::ranges::fill(held_, 0.0);
  }
  is_clamped_state_ = true;
}

std::span<const Side> AnalogArray::sides() const {
  static constexpr std::array both{Side::plus, Side::minus};
  if (settings.lockstep) return both;
  return std::span(both).subspan(side_ == Side::plus ? 0 : 1, 1);
}

void AnalogArray::begin_nudged() {
  side_ = present_phase() == regmap::Phase::nudged_plus ? Side::plus : Side::minus;
  ++nudged_passes_;
  for (const auto side : sides())
    for (auto* cells : cells_) cells->begin_echo(side, settings.lockstep);
  if (settings.kind == NudgeKind::reversal) coast();
  for (const auto side : sides()) begin_network(network_of(side));
}

void AnalogArray::begin_network(TransientEngine& network) {
  switch (settings.kind) {
    case NudgeKind::echo: return network.begin({.ports_swapped = settings.swap_ports, .deviation = true});
    case NudgeKind::forward: return network.begin(forward_network, start_);
    case NudgeKind::reversal:
      if (failure()) return;
      const auto negative = flaws_ ? flaws_->chip().negative_conductance : NonIdealities::NegativeConductance{};
      network.begin_reversed(end_state_, {.loss_flipped = settings.flip_loss, .flip_gain = negative.gain, .flip_saturation = negative.saturation});
  }
}

/// Before its time is reversed the clamped phase goes one step past its end, so that the nudge's first step meets the loss's
/// last sample. The second nudged phase starts from the state that the first one found.
void AnalogArray::coast() {
  if (!std::exchange(is_clamped_state_, false)) return;
  read_stimulus(settings.ticks * steps_per_tick_ - 1);
  if (advance(engine(), {.sources = sources_, .injected = {}, .bias = {}})) end_state_ = engine().save();
}

/// What is held for one clock cycle: the drives, and the replayed records.
void AnalogArray::latch_cycle() {
  if (!is_nudged()) return;
  const std::size_t now = tick.read(), last = settings.ticks - 1;
  const bool is_tail = now > last;
  for (const auto side : sides()) {
    const bool is_minus = side == Side::minus;
    for (std::size_t p = 0; p < probes_.size(); ++p) {
      const bool has_own = is_minus && settings.clamp_outputs;
      const double stored = (has_own ? memory_.drive_minus : memory_.drive)[p][std::min(now, last)];
      double target = is_tail && !settings.clamp_outputs ? 0 : is_minus && !has_own ? -stored : stored;
      if (flaws_ && !is_tail) target = flaws_->drive(p, now, target, is_minus && settings.lockstep);
      target_[static_cast<std::size_t>(side)][p] = target;
    }
  }
}

/// The records that this step meets, as the cells give them.
void AnalogArray::recall() {
  const auto met = replayed_tick();
  // Cells with flaws forget while they wait, and may go from record to record.
  if (flaws_) {
    const bool is_second = nudged_passes_ > 1;
    const auto last = static_cast<std::ptrdiff_t>(settings.ticks) - 1;
    const auto waited = last - met + static_cast<std::ptrdiff_t>(tick.read() + (is_second ? settings.ticks + settings.tail : 0));
    const auto into = settings.kind == NudgeKind::forward ? steps_per_tick_ - 1 - steps_in_cycle_ : steps_in_cycle_;
    const double share = flaws_->chip().replay == Replay::interpolated ? static_cast<double>(into) / static_cast<double>(steps_per_tick_) : 0;
    for (auto* cells : cells_) cells->recall(met, share, static_cast<double>(waited) * grid().step * static_cast<double>(steps_per_tick_));
  }
  for (const auto* cells : cells_) replay(*cells, circuit(), met, settings.replay_bias, bias_, states_);
}

void AnalogArray::on_step() {
  if (!no_start_.empty()) return set_fault(true);
  switch (present_phase()) {
    case regmap::Phase::clamped: clamped_step(engine().steps_done()); break;
    case regmap::Phase::nudged_plus:
    case regmap::Phase::nudged_minus: nudged_step(); break;
    default: return;  // aborted between the edge and the step
  }
  set_fault(failure().has_value());
  if (failure()) return;
  publish();
  if (++steps_in_cycle_ < steps_per_tick_) step_event_.notify(step_delays_[steps_in_cycle_]);
}

std::string AnalogArray::fault_text() const {
  if (!no_start_.empty()) return no_start_;
  return failure() ? explain(*failure(), circuit()) : std::string();
}

void AnalogArray::set_fault(bool high) {
  if (std::exchange(fault_is_high_, high) != high) fault.write(high);
}

/// Inputs of analog step n of the clamped phase, counted from 0.
void AnalogArray::read_stimulus(std::size_t n) {
  const auto sources = circuit().sources();
  for (std::size_t s = 0; s < sources.size(); ++s)
    if (const auto bank = bank_of_source_[s]; bank < 0) {
      sources_[s] = sources[s].waveform.at(grid().time(n + 1));
    } else {
      const double stored = memory_.stimulus[bank][n];
      sources_[s] = flaws_ ? flaws_->stimulus(static_cast<std::size_t>(bank), n, stored) : stored;
    }
}

void AnalogArray::clamped_step(std::size_t n) {
  const std::size_t steps = settings.ticks * steps_per_tick_;
  read_stimulus(n);
  if (is_noisy()) {
    std::ranges::fill(injected_, 0.0);
    flaws_->add_noise(engine(), start_, injected_, false);
  }
  const auto noise = is_noisy() ? std::span<const double>(injected_) : std::span<const double>{};
  if (!advance(engine(), {.sources = sources_, .injected = noise, .bias = {}})) return;
  memory_.peak_source_current = std::max(memory_.peak_source_current, peak_source_current(engine()));
  for (auto* cells : cells_) {
    detect(*cells, engine(), start_, n, steps);
    see(*cells, engine(), start_, steps_in_cycle_);
  }
  if (!flaws_ || !flaws_->sees_steps()) return;
  const auto seen = flaws_->next(steps_in_cycle_);
  for (std::size_t p = 0; p < probes_.size(); ++p) seen[p] = engine().unknowns()[probes_[p].p] - engine().unknowns()[probes_[p].n];
}

void AnalogArray::nudged_step() {
  const std::size_t steps = settings.ticks * steps_per_tick_, m = engine().steps_done();
  if (steps_in_cycle_ == 0 || (flaws_ && flaws_->chip().replay == Replay::interpolated)) recall();
  if (settings.kind != NudgeKind::echo) {
    read_stimulus(settings.kind == NudgeKind::forward ? m : steps - 1 - m);
    if (settings.kind == NudgeKind::reversal) reverse_sources(circuit(), sources_);
  }
  for (const auto side : sides()) {
    nudge(network_of(side), side);
    if (failure()) return;
  }
}

/// One analog step of one side.
void AnalogArray::nudge(TransientEngine& network, Side side) {
  const bool is_echo = settings.kind == NudgeKind::echo, is_twin = settings.lockstep && side == Side::minus;
  const std::size_t steps = settings.ticks * steps_per_tick_, m = network.steps_done();
  auto& level = level_[static_cast<std::size_t>(side)];
  std::ranges::fill(injected_, 0.0);
  for (std::size_t p = 0; p < probes_.size(); ++p) {
    const double target = target_[static_cast<std::size_t>(side)][p];
    level[p] = flaws_ ? flaws_->settled(level[p], target) : target;
    if (settings.clamp_outputs) {
      held_[p] = level[p];
      continue;
    }
    if (!is_twin) drive_level[p] = level[p];
    injected_[probes_[p].p] += level[p];
    injected_[probes_[p].n] -= level[p];
  }
  if (is_noisy()) flaws_->add_noise(network, start_, injected_, is_twin);
  StepDrive drive{.sources = is_echo ? std::span<const double>{} : sources_, .injected = injected_,
                  .bias = is_echo ? std::span<const double>(bias_) : std::span<const double>{}};
  const auto replayed = replayed_tick();
  if (is_echo) drive.states = states_, drive.time = std::max(0.0, static_cast<double>(replayed + 1) * grid().step * static_cast<double>(steps_per_tick_));
  if (settings.clamp_outputs) drive.clamped = held_;
  if (!advance(network, drive)) return;
  for (auto* cells : cells_) {
    cells->select(side);
    correlate(*cells, network, start_, settings.kind, replayed, m, steps + settings.tail * steps_per_tick_);
  }
  for (std::size_t p = 0; p < probes_.size(); ++p) memory_.clamp[p][static_cast<std::size_t>(side)] = network.clamp_current(p);
}

void AnalogArray::on_sample() {
  for (std::size_t p = 0; p < probes_.size(); ++p) {
    const std::size_t when = sampled_tick.read();
    const double voltage = engine().unknowns()[probes_[p].p] - engine().unknowns()[probes_[p].n];
    memory_.probe[p][when] = flaws_ ? flaws_->probe(p, when, voltage) : voltage;
  }
}

void AnalogArray::record(CellArray& cells, std::size_t into_tick) const { tellegen::record(cells, engine(), start_, into_tick); }

void AnalogArray::publish() { std::ranges::copy(engine().unknowns(), unknowns.begin()); }

}  // namespace tellegen::chip
