#include "hw_models/chip/analog_array.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hw_models/solver/operating_point.hpp"
#include "hw_models/synapse/array_step.hpp"

namespace tellegen::chip {

AnalogArray::AnalogArray(const sc_core::sc_module_name& name, const TimeGrid& grid, std::size_t steps_per_tick, std::vector<Port> probes,
                         std::vector<std::int32_t> bank_of_source, SampleMemory& memory, std::vector<double> dc_sources, std::uint32_t longest_tail)
    : AnalogCluster(name, grid, Pace::controlled, probes, std::max<std::size_t>(1, longest_tail * steps_per_tick)), drive_level(probes.size(), 0.0), steps_per_tick_(steps_per_tick),
      probes_(std::move(probes)), bank_of_source_(std::move(bank_of_source)), memory_(memory), dc_sources_(std::move(dc_sources)),
      longest_tail_(longest_tail) {
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
  slots_.assign(engine().slots().begin(), engine().slots().end());
  for (const auto* cells : cells_) cells->put_law_parameters(slots_);
  engine().set_slots(slots_);
  sources_.assign(circuit().sources().size(), 0.0);
  injected_.assign(static_cast<std::size_t>(circuit().unknown_count()), 0.0);
  bias_.assign(circuit().branches().size(), 0.0);
  states_.assign(static_cast<std::size_t>(circuit().state_count()), 0.0);
  held_.assign(probes_.size(), 0.0);
  for (auto* cells : cells_) cells->configure(settings.reading);
  present_phase() == regmap::Phase::clamped ? begin_clamped() : begin_nudged();
}

void AnalogArray::begin_clamped() {
  memory_.peak_source_current = 0;
  start_ = {};
  if (!dc_sources_.empty()) start_ = find_operating_point(circuit(), {.sources = dc_sources_, .slots = slots_, .first_guess = {}, .held = {}}).state;
  for (auto* cells : cells_) begin_record(*cells, circuit(), start_);
  begin(forward_network, start_);
  is_clamped_state_ = true;
}

void AnalogArray::begin_nudged() {
  side_ = present_phase() == regmap::Phase::nudged_plus ? 1 : -1;
  for (auto* cells : cells_) cells->begin_echo(side_ > 0 ? Side::plus : Side::minus);
  switch (settings.kind) {
    case NudgeKind::echo: return begin({.ports_swapped = settings.swap_ports, .deviation = true});
    case NudgeKind::forward: return begin(forward_network, start_);
    case NudgeKind::reversal: coast(); return begin_reversed(end_state_, settings.flip_loss);
  }
}

/// Before its time is reversed the clamped phase goes one step past its end, so that the nudge's first step meets the loss's
/// last sample. The second nudged phase starts from the state that the first one found.
void AnalogArray::coast() {
  if (!std::exchange(is_clamped_state_, false)) return;
  read_stimulus(settings.ticks * steps_per_tick_ - 1);
  if (advance({.sources = sources_, .injected = {}, .bias = {}})) end_state_ = engine().save();
}

/// What is held for one clock cycle: the drives, and the replayed records.
void AnalogArray::latch_cycle() {
  if (!is_nudged()) return;
  const std::size_t now = tick.read(), last = settings.ticks - 1;
  const bool is_tail = now > last;
  std::ranges::fill(injected_, 0.0);
  for (std::size_t p = 0; p < probes_.size(); ++p) {
    if (settings.clamp_outputs) {
      held_[p] = (side_ > 0 ? memory_.drive : memory_.drive_minus)[p][std::min(now, last)];
      continue;
    }
    drive_level[p] = is_tail ? 0 : side_ * memory_.drive[p][now];
    injected_[probes_[p].p] += drive_level[p];
    injected_[probes_[p].n] -= drive_level[p];
  }
  for (const auto* cells : cells_) replay(*cells, circuit(), replayed_tick(), settings.replay_bias, bias_, states_);
}

void AnalogArray::on_step() {
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

void AnalogArray::set_fault(bool high) {
  if (std::exchange(fault_is_high_, high) != high) fault.write(high);
}

/// Inputs of analog step n of the clamped phase, counted from 0.
void AnalogArray::read_stimulus(std::size_t n) {
  const auto sources = circuit().sources();
  for (std::size_t s = 0; s < sources.size(); ++s)
    sources_[s] = bank_of_source_[s] < 0 ? sources[s].waveform.at(grid().time(n + 1)) : memory_.stimulus[bank_of_source_[s]][n];
}

void AnalogArray::clamped_step(std::size_t n) {
  const std::size_t steps = settings.ticks * steps_per_tick_;
  read_stimulus(n);
  if (!advance({.sources = sources_, .injected = {}, .bias = {}})) return;
  memory_.peak_source_current = std::max(memory_.peak_source_current, peak_source_current(engine()));
  for (auto* cells : cells_) detect(*cells, engine(), start_, n, steps);
}

void AnalogArray::nudged_step() {
  const bool is_echo = settings.kind == NudgeKind::echo;
  const std::size_t steps = settings.ticks * steps_per_tick_, m = engine().steps_done();
  if (!is_echo) {
    read_stimulus(settings.kind == NudgeKind::forward ? m : steps - 1 - m);
    if (settings.kind == NudgeKind::reversal) reverse_sources(circuit(), sources_);
  }
  StepDrive drive{.sources = is_echo ? std::span<const double>{} : sources_, .injected = injected_,
                  .bias = is_echo ? std::span<const double>(bias_) : std::span<const double>{}};
  const auto replayed = replayed_tick();
  if (is_echo) drive.states = states_, drive.time = std::max(0.0, static_cast<double>(replayed + 1) * grid().step * static_cast<double>(steps_per_tick_));
  if (settings.clamp_outputs) drive.clamped = held_;
  if (!advance(drive)) return;
  for (auto* cells : cells_)
    correlate(*cells, engine(), start_, settings.kind, replayed, m, steps + settings.tail * steps_per_tick_);
  for (std::size_t p = 0; p < probes_.size(); ++p) memory_.clamp[p][side_ > 0 ? 0 : 1] = engine().clamp_current(p);
}

void AnalogArray::on_sample() {
  for (std::size_t p = 0; p < probes_.size(); ++p)
    memory_.probe[p][sampled_tick.read()] = engine().unknowns()[probes_[p].p] - engine().unknowns()[probes_[p].n];
}

void AnalogArray::record(CellArray& cells, std::size_t into_tick) const { tellegen::record(cells, engine(), start_, into_tick); }

void AnalogArray::publish() { std::ranges::copy(engine().unknowns(), unknowns.begin()); }

}  // namespace tellegen::chip
