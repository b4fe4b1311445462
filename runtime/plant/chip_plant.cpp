#include "runtime/plant/chip_plant.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "hw_models/solver/convergence.hpp"

namespace tellegen {
namespace {

using drivers::Status;

void require(Status status, std::string_view what) {
  if (status != Status::ok) throw std::runtime_error(fmt::format("the chip's {} answered \"{}\"", what, drivers::name_of(status)));
}

constexpr drivers::Interrupts::Causes all_causes{.turn = true, .done = true, .fault = true, .watchdog = true};

/// The steps of a program in the only order that the sequencer knows.
struct HardwareProgram {
  const phases::Clamped* clamped = nullptr;
  const phases::Turn* turn = nullptr;
  const phases::Turn* second_turn = nullptr;
  std::vector<const phases::Nudged*> nudged;
  drivers::Sequencer::Program bits;
};

/// @throws std::logic_error when the order is another
HardwareProgram compile(const PhaseProgram& program) {
  HardwareProgram hardware;
  const auto& wiring = program.wiring();
  auto& bits = hardware.bits;
  bits.swap_ports = wiring.swap_ports;
  bits.replay_bias = wiring.replay_bias;
  bits.product_only = wiring.reading.product_only;
  bits.nudge = static_cast<std::uint32_t>(wiring.kind);
  bits.flip_loss = wiring.flip_loss;
  bits.potential = wiring.reading.potential;
  bits.settled_only = wiring.reading.settled_only;
  bits.clamp_outputs = wiring.clamp_outputs;
  int last = -1;
  const auto place = [&](int rank) {
    if (rank <= last) throw std::logic_error("the sequencer runs clamped, turn, nudged +, nudged -, (turn,) accumulate, update in this order, each once");
    last = rank;
  };
  // Without a turn of its own the program would run with the drive and the gains of the one before.
  const auto needs_turn = [&] {
    if (!hardware.turn) throw std::logic_error("nudged and accumulate phases need a turn before them in the same program");
  };
  for (const auto& step : program.steps()) {
    if (const auto* clamped = std::get_if<phases::Clamped>(&step)) place(0), hardware.clamped = clamped;
    if (const auto* turn = std::get_if<phases::Turn>(&step)) {
      const bool is_second = hardware.turn != nullptr;
      if (is_second && hardware.nudged.empty()) throw std::logic_error("a second turn comes after nudged phases");
      place(is_second ? 4 : 1);
      (is_second ? hardware.second_turn : hardware.turn) = turn;
      bits.turn_again = is_second;
    }
    if (const auto* nudged = std::get_if<phases::Nudged>(&step)) {
      needs_turn();
      place(nudged->side == Side::plus ? 2 : 3);
      hardware.nudged.push_back(nudged);
      (nudged->side == Side::plus ? bits.nudged_plus : bits.nudged_minus) = true;
    }
    if (std::holds_alternative<phases::Accumulate>(step)) needs_turn(), place(5), bits.accumulate = true;
    if (std::holds_alternative<phases::Update>(step)) place(6), bits.update = true;
  }
  if (!hardware.clamped) throw std::logic_error("a program for the chip begins with a clamped phase");
  return hardware;
}

}  // namespace

ChipPlant::ChipPlant(bus::Bus& bus, const PlantSetup& setup, ChipLayout layout, std::function<std::string()> fault_text)
    : sequencer_(bus), interrupts_(bus), waveforms_(bus), cells_(bus), correlator_(bus), circuit_(setup.circuit), learning_(setup.learning),
      layout_(std::move(layout)), fault_text_(std::move(fault_text)), steps_(setup.grid.steps), probes_(setup.probes.size()) {
  require(sequencer_.identify(), "identification");
  std::uint32_t steps = 1;
  require(sequencer_.steps_per_tick(steps), "sequencer");
  steps_per_tick_ = steps;
  ticks_ = (steps_ + steps - 1) / steps;
  require(interrupts_.enable(all_causes), "interrupt block");
  std::vector<std::int32_t> cell_of_branch(circuit_->branches().size(), -1);
  for (std::int32_t cell = 0; const auto branch : layout_.cells) cell_of_branch[branch] = cell++;
  for (const auto& learning : learning_) {
    const auto& parameter = circuit_->parameters()[learning.parameter];
    const auto cell = cell_of_branch[parameter.branch];
    if (cell < 0) throw std::logic_error("a trained parameter has no cell on this chip");
    const auto slot = parameter.slot - circuit_->branches()[parameter.branch].first_slot;
    const CellSlot at{static_cast<std::uint32_t>(cell), static_cast<std::uint32_t>(slot)};
    place_.push_back(at);
    require(cells_.set_view(at.cell, at.slot, parameter.view == ViewKind::reciprocal ? drivers::View::reciprocal : drivers::View::identity), "cell");
    require(cells_.set_rate(at.cell, at.slot, learning.rate), "cell");
    require(cells_.set_limits(at.cell, at.slot, learning.minimum, learning.maximum), "cell");
    require(cells_.set_decay(at.cell, at.slot, learning.decay), "cell");
    require(cells_.set_parameter(at.cell, at.slot, circuit_->parameter_value(parameter, setup.slots)), "cell");
  }
}

void ChipPlant::run(const PhaseProgram& program) {
  auto hardware = compile(program);
  hardware.bits.lockstep = layout_.has_twin && hardware.bits.nudged_plus && hardware.bits.nudged_minus;
  clear();
  require(sequencer_.set_program(hardware.bits), "sequencer");
  require(sequencer_.set_ticks(static_cast<std::uint32_t>(ticks_)), "sequencer");
  require(sequencer_.set_echo_skew(program.wiring().reading.skew), "sequencer");
  const auto& reading = program.wiring().reading;
  require(sequencer_.set_readout({.weight_rate = reading.weight_rate,
                                  .lock_in_period = reading.lock_in.period / static_cast<std::uint32_t>(steps_per_tick_),
                                  .harmonics = reading.lock_in.harmonics}),
          "sequencer");
  require(sequencer_.set_tail(static_cast<std::uint32_t>(program.wiring().tail)), "sequencer");
  load(hardware.clamped->stimulus);
  require(sequencer_.set_watchdog(watchdog_limit(ticks_ + program.wiring().tail)), "sequencer");
  require(sequencer_.start(), "sequencer");
  await(false);
  hardware.clamped->record.fulfil(clamped());
  if (hardware.turn) {
    const auto nudge = hardware.turn->decide();
    require(correlator_.set_gains(nudge.gain_plus, nudge.gain_minus), "correlator");
    for (std::size_t p = 0; p < probes_; ++p) {
      const auto bank = static_cast<std::uint32_t>(p);
      require(waveforms_.write_drive(bank, nudge.drive.column(p)), "drive memory");
      if (nudge.drive_minus.rows() > 0) require(waveforms_.write_drive_minus(bank, nudge.drive_minus.column(p)), "drive memory");
    }
    hardware.turn->nudge.fulfil(nudge);
  }
  resume();
  await(hardware.second_turn == nullptr);
  for (const auto* phase : hardware.nudged) phase->clamp_currents.fulfil(clamp_currents(phase->side));
  if (!hardware.second_turn) return;
  const auto nudge = hardware.second_turn->decide();
  require(correlator_.set_gains(nudge.gain_plus, nudge.gain_minus), "correlator");
  hardware.second_turn->nudge.fulfil(nudge);
  resume();
  await(true);
}

/// Removes what a program that was cut short may have left: its phase, and interrupts that nobody took.
void ChipPlant::clear() {
  drivers::Sequencer::State state;
  require(sequencer_.state(state), "sequencer");
  if (state.phase != regmap::Phase::idle && state.phase != regmap::Phase::done) require(sequencer_.abort(), "sequencer");
  require(interrupts_.acknowledge(all_causes), "interrupt block");
}

void ChipPlant::load(const Table& stimulus) {
  require(sequencer_.load(), "sequencer");
  const auto padded = ticks_ * steps_per_tick_;
  for (std::size_t b = 0; b < layout_.driven_sources.size(); ++b) {
    auto samples = stimulus.column(static_cast<std::size_t>(layout_.driven_sources[b]));
    samples.resize(padded, samples.empty() ? 0 : samples.back());  // the last clock cycle may reach past the grid
    require(waveforms_.write_stimulus(static_cast<std::uint32_t>(b), samples), "stimulus memory");
  }
}

/// Clock cycles that no phase of a healthy program comes near: the longest analog phase, or the transfers of a turn at the pace
/// that those of load had.
std::uint32_t ChipPlant::watchdog_limit(std::size_t analog_cycles) {
  constexpr double margin = 4;
  std::uint32_t loading = 0;
  require(sequencer_.cycles(regmap::Phase::load, loading), "sequencer");
  const double ticks = static_cast<double>(ticks_);
  // Fewer words than load takes, and more than a turn: probes, drives of both signs, and the windows before each.
  const double words_in_load = 1 + 2 * ticks * static_cast<double>(steps_per_tick_ * layout_.driven_sources.size());
  const double words_in_turn = 64 + static_cast<double>(probes_) * (32 + 6 * ticks);
  const double turn = words_in_turn * (loading + 1.0) / words_in_load;
  const double limit = margin * std::max(static_cast<double>(analog_cycles), turn);
  return static_cast<std::uint32_t>(std::min<double>(std::ceil(limit), std::numeric_limits<std::uint32_t>::max()));
}

void ChipPlant::resume() {
  const Status status = sequencer_.resume();
  if (status == Status::wrong_phase) explain_expiry();
  require(status, "sequencer");
}

/// Says where the watchdog ended the program, if it did.
void ChipPlant::explain_expiry() {
  drivers::Sequencer::State state;
  require(sequencer_.state(state), "sequencer");
  if (!state.watchdog) return;
  drivers::Sequencer::Fault fault;
  require(sequencer_.fault(fault), "sequencer");
  throw std::runtime_error(fmt::format("the chip's watchdog ended the program: phase {} went on after {} clock cycles",
                                       regmap::sequencer::phase_values[static_cast<std::size_t>(fault.phase)].name, fault.tick));
}

void ChipPlant::await(bool program_end) {
  drivers::Interrupts::Causes causes;
  require(interrupts_.wait(causes), "interrupt block");
  if (causes.fault) {
    const auto text = fault_text_ ? fault_text_() : std::string();
    throw ConvergenceError(text.empty() ? "the analog array did not converge" : text);
  }
  if (causes.watchdog) explain_expiry();
  if (program_end ? !causes.done : !causes.turn) throw std::runtime_error("the chip raised an interrupt out of turn");
}

std::vector<double> ChipPlant::clamp_currents(Side side) {
  std::vector<double> currents;
  for (std::size_t p = 0; p < probes_; ++p) {
    double plus = 0, minus = 0;
    require(waveforms_.clamp_currents(static_cast<std::uint32_t>(p), plus, minus), "current monitor");
    currents.push_back(side == Side::plus ? plus : minus);
  }
  return currents;
}

ClampedRecord ChipPlant::clamped() {
  ClampedRecord record{.probes = Table(ticks_, probes_)};
  std::vector<double> samples(ticks_);
  for (std::size_t p = 0; p < probes_; ++p) {
    require(waveforms_.read_probe(static_cast<std::uint32_t>(p), samples), "probe memory");
    for (std::size_t k = 0; k < ticks_; ++k) record.probes.at(k, p) = samples[k];
  }
  require(waveforms_.peak_source_current(record.peak_source_current), "current monitor");
  return record;
}

std::vector<double> ChipPlant::gradient() {
  std::vector<double> gradient(place_.size());
  for (std::size_t i = 0; i < place_.size(); ++i) require(cells_.accumulator(place_[i].cell, place_[i].slot, gradient[i]), "cell");
  return gradient;
}

std::vector<double> ChipPlant::parameters() {
  std::vector<double> values(place_.size());
  for (std::size_t i = 0; i < place_.size(); ++i) require(cells_.parameter(place_[i].cell, place_[i].slot, values[i]), "cell");
  return values;
}

void ChipPlant::set_parameters(std::span<const double> values) {
  for (std::size_t i = 0; i < place_.size(); ++i) require(cells_.set_parameter(place_[i].cell, place_[i].slot, values[i]), "cell");
}

std::vector<PhaseCycles> ChipPlant::phase_cycles() {
  std::vector<PhaseCycles> all;
  for (std::size_t i = 0; i < regmap::phase_count; ++i) {
    const auto phase = static_cast<regmap::Phase>(i);
    std::uint32_t cycles = 0;
    require(sequencer_.cycles(phase, cycles), "sequencer");
    all.push_back({phase, cycles});
  }
  return all;
}

}  // namespace tellegen
