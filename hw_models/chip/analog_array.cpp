#include "hw_models/chip/analog_array.hpp"

#include <algorithm>
#include <cmath>

namespace tellegen::chip {

AnalogArray::AnalogArray(const sc_core::sc_module_name& name, const TimeGrid& grid, std::size_t steps_per_tick, std::vector<Port> probes,
                         std::vector<std::int32_t> bank_of_source, SampleMemory& memory)
    : AnalogCluster(name, grid, Pace::controlled), drive_current(probes.size(), 0.0), steps_per_tick_(steps_per_tick),
      probes_(std::move(probes)), bank_of_source_(std::move(bank_of_source)), memory_(memory) {
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
  cycle_start_ = sc_core::sc_time_stamp();
  steps_in_cycle_ = 0;
  schedule_step();
}

/// Step m of a cycle happens (m + 1/2) h after its rising edge; from the edge, so that rounding to SystemC's resolution does
/// not add up and push the last step past the next edge.
void AnalogArray::schedule_step() {
  const double since_edge = (static_cast<double>(steps_in_cycle_) + 0.5) * grid().step;
  step_event_.notify(cycle_start_ + sc_core::sc_time(since_edge, sc_core::SC_SEC) - sc_core::sc_time_stamp());
}

/// The drives rest outside the nudged phases.
void AnalogArray::on_phase() {
  if (!is_nudged()) std::ranges::fill(drive_current, 0.0);
}

void AnalogArray::begin_phase() {
  slots_.assign(engine().slots().begin(), engine().slots().end());
  for (const auto* cell : cells_)
    for (std::size_t s = 0; s < cell->physics().slot_count(); ++s)
      slots_[cell->physics().first_law_slot() + s] = cell->physics().law_parameter(s);
  engine().set_slots(slots_);
  sources_.assign(circuit().sources().size(), 0.0);
  injected_.assign(static_cast<std::size_t>(circuit().node_count()), 0.0);
  bias_.assign(circuit().branches().size(), 0.0);
  if (present_phase() == regmap::Phase::clamped) {
    memory_.peak_source_current = 0;
    begin(forward_network);
    return;
  }
  side_ = present_phase() == regmap::Phase::nudged_plus ? 1 : -1;
  for (auto* cell : cells_) {
    cell->physics().configure(settings.reading);
    cell->physics().begin_echo(side_ > 0 ? Side::plus : Side::minus);
  }
  begin({.ports_swapped = settings.swap_ports});
}

/// What is held for one clock cycle: the drives, and the replayed records.
void AnalogArray::latch_cycle() {
  if (!is_nudged()) return;
  const std::size_t now = tick.read();
  std::ranges::fill(injected_, 0.0);
  for (std::size_t p = 0; p < probes_.size(); ++p) {
    drive_current[p] = side_ * memory_.drive[p][now];
    injected_[probes_[p].p] += drive_current[p];
    injected_[probes_[p].n] -= drive_current[p];
  }
  if (!settings.replay_bias) return;
  for (const auto* cell : cells_) {
    const auto& physics = cell->physics();
    bias_[physics.branch()] = physics.recorded(replayed_tick());
  }
}

void AnalogArray::on_step() {
  switch (present_phase()) {
    case regmap::Phase::clamped: clamped_step(engine().steps_done()); break;
    case regmap::Phase::nudged_plus:
    case regmap::Phase::nudged_minus: nudged_step(); break;
    default: return;  // aborted between the edge and the step
  }
  if (failure()) {
    fault.write(true);
    return;
  }
  fault.write(false);
  publish();
  if (++steps_in_cycle_ < steps_per_tick_) schedule_step();
}

void AnalogArray::clamped_step(std::size_t n) {
  const auto sources = circuit().sources();
  for (std::size_t s = 0; s < sources.size(); ++s)
    sources_[s] = bank_of_source_[s] < 0 ? sources[s].waveform.at(grid().time(n + 1)) : memory_.stimulus[bank_of_source_[s]][n];
  if (!advance({.sources = sources_, .injected = {}, .bias = {}})) return;
  for (std::size_t s = 0; s < sources.size(); ++s)
    memory_.peak_source_current = std::max(memory_.peak_source_current, std::abs(engine().source_current(static_cast<std::int32_t>(s))));
}

void AnalogArray::nudged_step() {
  if (!advance({.sources = {}, .injected = injected_, .bias = bias_})) return;
  const auto branches = circuit().branches();
  const auto v = engine().voltages();
  const auto replayed = replayed_tick();
  for (auto* cell : cells_) {
    auto& physics = cell->physics();
    const Port out = branches[physics.branch()].out;
    physics.correlate(physics.recorded(replayed), engine().controlling()[physics.branch()], v[out.p] - v[out.n]);
  }
}

void AnalogArray::on_sample() {
  for (std::size_t p = 0; p < probes_.size(); ++p)
    memory_.probe[p][sampled_tick.read()] = voltage(probes_[p].p) - voltage(probes_[p].n);
}

void AnalogArray::publish() { std::ranges::copy(engine().voltages(), node_voltage.begin()); }

}  // namespace tellegen::chip
