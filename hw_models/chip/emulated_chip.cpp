#include "hw_models/chip/emulated_chip.hpp"

#include <cmath>
#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <fstream>

#include "hw_models/chip/chip_bus.hpp"
#include "hw_models/chip/register_file.hpp"
#include "hw_models/chip/sequencer.hpp"
#include "hw_models/chip/simulation_context.hpp"
#include "hw_models/chip/synapse_cell.hpp"
#include "hw_models/chip/synapse_tile.hpp"
#include "hw_models/chip/watchdog.hpp"

namespace tellegen::chip {
namespace {

using sc_core::SC_MANY_WRITERS;
using sc_core::sc_signal;

/// Analog steps resolve at least this finely in SystemC time.
constexpr double resolution_per_step = 1e-7;
/// SystemC's finest time is a femtosecond; half of a shorter step than this would no longer be told from a whole one.
constexpr double shortest_step = 1e-14;  // [s]

const ChipDescription& checked(const ChipDescription& description) {
  const auto refuse = [](std::string_view what, const std::string& message) { throw InputError({}, what, message); };
  const double step = description.grid.step;
  const std::size_t steps = description.grid.steps;
  if (!(step >= shortest_step))
    refuse("[time] step", fmt::format("{:g} s is too short for the chip's simulation; expected {:g} s or more", step, shortest_step));
  if (steps == 0) refuse("[time] stop", "the chip's phases have no step; expected at least one");
  if (description.steps_per_tick == 0) refuse("[chip] clock", "a clock cycle has no analog step; expected at least one");
  if (const auto& chip = description.nonideal) {
    const double tick = step * static_cast<double>(description.steps_per_tick);
    for (const auto& [sampling, name] : {std::pair(chip->probe_sampling, "[chip.probe]"), std::pair(chip->trace_sampling, "[chip.trace]")}) {
      if (sampling.early > tick) refuse(fmt::format("{} early", name), fmt::format("{:g} s is longer than a clock cycle, {:g} s", sampling.early, tick));
      if (sampling.jitter > tick / 4) refuse(fmt::format("{} jitter", name), fmt::format("{:g} s is longer than a quarter of a clock cycle, {:g} s", sampling.jitter, tick));
    }
  }
  if (!(description.bus_clock > 0)) refuse("[chip] bus clock", fmt::format("{:g} Hz; expected a positive frequency", description.bus_clock));
  return description;
}

TimeGrid padded(const TimeGrid& grid, std::size_t steps_per_tick) {
  auto whole = grid;
  whole.steps = ticks_of(grid, steps_per_tick) * steps_per_tick;
  return whole;
}

/// SystemC separates hierarchy levels by dots and forbids white space.
std::string module_name(std::string_view prefix, std::string name) {
  for (char& c : name)
    if (c == '.' || c == ' ') c = '_';
  return std::string(prefix) + name;
}

/// A node is v_NAME in a VCD, a current or an instrument such as "i(r1)" is i_r1: brackets mean bits there.
std::string trace_name(std::string name) {
  if (name.find('(') == std::string::npos) return module_name("v_", std::move(name));
  std::ranges::replace(name, '(', '_');
  std::erase(name, ')');
  return module_name("", std::move(name));
}

/// Module of a branch that exists already in a circuit; binds itself to the nodes of the chip.
template <class E>
std::unique_ptr<AnalogModule> make_element(const Branch& branch, std::span<const double> slots,
                                           const std::vector<std::unique_ptr<Node>>& nodes) {
  const auto own = slots.subspan(branch.first_slot, branch.slots);
  auto module = std::make_unique<ElementModule<E>>(module_name("element_", branch.name).c_str(),
                                                   TypedLaw<E>{branch.law, {own.begin(), own.end()}, branch.orders});
  module->set_label(branch.name);
  module->p(*nodes[branch.out.p]);
  module->n(*nodes[branch.out.n]);
  if constexpr (E::has_control_port) {
    module->cp(*nodes[branch.in.p]);
    module->cn(*nodes[branch.in.n]);
  }
  return module;
}

template <class E>
concept HasTypedModule = requires { typename E::Value; };

template <std::size_t I = 0>
std::unique_ptr<AnalogModule> make_element_of(const Circuit& circuit, const Branch& branch, const std::vector<std::unique_ptr<Node>>& nodes) {
  if constexpr (I == std::tuple_size_v<ElementList>) {
    throw std::logic_error("element kind without a module");
  } else {
    using E = std::tuple_element_t<I, ElementList>;
    if (static_cast<std::size_t>(branch.element) != I) return make_element_of<I + 1>(circuit, branch, nodes);
    if constexpr (HasTypedModule<E>) {
      return make_element<E>(branch, circuit.initial_slots(), nodes);
    } else {
      auto module = std::make_unique<BranchModule>(module_name("element_", branch.name).c_str(), circuit.spec_of(branch, circuit.initial_slots()));
      module->set_label(branch.name);
      return module;
    }
  }
}

template <SourceKind kind>
std::unique_ptr<AnalogModule> make_source(const Source& source, const std::vector<std::unique_ptr<Node>>& nodes) {
  auto module = std::make_unique<SourceModule<kind>>(module_name(source.is_constraint ? "row_" : "element_", source.name).c_str(), source.waveform,
                                                     source.is_constraint);
  module->set_label(source.name);
  module->p(*nodes[source.port.p]);
  module->n(*nodes[source.port.n]);
  return module;
}

/// Whether the element of each branch is part of the tile, as those of cells in a tile are.
std::vector<bool> branches_in_tile(const ChipDescription& description) {
  std::vector<bool> in_tile(description.circuit->branches().size());
  if (description.cell_layout == CellLayout::tile)
    for (const auto branch : description.cells) in_tile[static_cast<std::size_t>(branch)] = true;
  return in_tile;
}

/// Stimulus bank of every source; -1 for one that follows its own waveform.
std::vector<std::int32_t> banks_of_sources(const ChipDescription& description) {
  std::vector<std::int32_t> banks(description.circuit->sources().size(), -1);
  for (std::size_t b = 0; b < description.driven_sources.size(); ++b) banks[description.driven_sources[b]] = static_cast<std::int32_t>(b);
  return banks;
}

std::unique_ptr<PhaseSequencer> make_sequencer(const ChipDescription& description) {
  if (description.make_sequencer) return description.make_sequencer("sequencer");
  return std::make_unique<Sequencer>("sequencer");
}

SampleMemory make_memory(const ChipDescription& description, const TimeGrid& grid) {
  return {description.driven_sources.size(), description.probes.size(), grid.steps / description.steps_per_tick, description.steps_per_tick};
}

/// Flaws of the cells with these numbers, which share an array.
CellFlaws flaws_of(const ChipDescription& description, const TimeGrid& grid, const std::vector<std::uint32_t>& numbers) {
  const auto& branch = description.circuit->branches()[description.cells[numbers.front()]];
  const auto& scales = description.full_scales;
  CellFlawsSetup setup{.chip = description.nonideal, .cells_on_chip = static_cast<std::uint32_t>(description.cells.size()), .number = numbers,
                       .state_words = static_cast<std::size_t>(branch.states), .slots = static_cast<std::size_t>(branch.slots),
                       .ticks = grid.steps / description.steps_per_tick, .steps_per_tick = description.steps_per_tick, .step = grid.step,
                       .full_scale = {}, .readout = {}, .range = {}};
  const auto gather = [&](const auto& by_cell, auto& into) {
    for (const auto number : numbers)
      if (number < by_cell.size()) into.insert(into.end(), by_cell[number].begin(), by_cell[number].end());
  };
  gather(scales.trace, setup.full_scale);
  gather(scales.readout, setup.readout);
  gather(description.device_ranges, setup.range);
  return CellFlaws(std::move(setup));
}

std::optional<ArrayFlaws> flaws_of_array(const ChipDescription& description, const TimeGrid& grid) {
  if (!description.nonideal) return std::nullopt;
  return ArrayFlaws(description.nonideal, description.full_scales, description.device_factors, grid, description.steps_per_tick, description.probes.size());
}

}  // namespace

std::size_t ticks_of(const TimeGrid& grid, std::size_t steps_per_tick) { return (grid.steps + steps_per_tick - 1) / steps_per_tick; }

struct EmulatedChip::Modules {
  SimulationContext context;
  TimeGrid grid;
  sc_core::sc_time period;
  SampleMemory memory;

  sc_signal<std::uint32_t> phase{"phase"}, tick{"tick"}, sampled_tick{"sampled_tick"};
  sc_signal<bool> cycle{"cycle"}, fault{"fault"};
  // Raised by one process and lowered by another.
  sc_signal<bool, SC_MANY_WRITERS> sample{"sample"}, present{"present"}, accumulate{"accumulate"}, update{"update"}, irq{"irq"};
  sc_signal<double, SC_MANY_WRITERS> gain_plus{"gain_plus"}, gain_minus{"gain_minus"};
  sc_core::sc_clock clock;

  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<AnalogModule>> elements;
  AnalogArray array;
  std::unique_ptr<SynapseTile> tile;                // of CellLayout::tile
  std::vector<std::unique_ptr<SynapseCell>> cells;  // of CellLayout::modules
  std::unique_ptr<PhaseSequencer> sequencer;
  Watchdog watchdog;
  RegisterFile registers;
  ChipBus bus;
  sc_core::sc_trace_file* vcd = nullptr;

  explicit Modules(const ChipDescription& description);
  ~Modules() {
    if (vcd) sc_core::sc_close_vcd_trace_file(vcd);
  }

 private:
  void make_netlist(const ChipDescription& description);
  std::vector<CellPlace> make_cells(const ChipDescription& description);
  std::vector<CellPlace> make_tile(const ChipDescription& description);
  void connect();
};

EmulatedChip::Modules::Modules(const ChipDescription& description)
    : context(checked(description).grid.step * resolution_per_step),
      grid(padded(description.grid, description.steps_per_tick)),
      period(grid.step * static_cast<double>(description.steps_per_tick), sc_core::SC_SEC),
      memory(make_memory(description, grid)),
      // The first edge comes after half a period, when software has had time to write.
      clock("clock", period, 0.5, period / 2, true),
      array((make_netlist(description), "array"), grid, description.steps_per_tick, description.probes,
            banks_of_sources(description), memory, description.dc_sources, description.longest_tail, flaws_of_array(description, grid)),
      sequencer(make_sequencer(description)),
      watchdog("watchdog", *sequencer),
      registers("registers", *sequencer, watchdog, array, memory, make_cells(description), static_cast<std::uint32_t>(description.steps_per_tick)),
      bus("bus", *sequencer, watchdog, sc_core::sc_time(1 / description.bus_clock, sc_core::SC_SEC), period) {
  connect();
}

void EmulatedChip::Modules::make_netlist(const ChipDescription& description) {
  const auto& circuit = *description.circuit;
  const auto branches = circuit.branches();
  const auto in_tile = branches_in_tile(description);
  for (const auto& name : circuit.node_names()) nodes.push_back(std::make_unique<Node>(module_name("node_", name).c_str(), name));
  for (std::size_t k = 0; k < branches.size();) {
    if (!in_tile[k]) {
      elements.push_back(make_element_of(circuit, branches[k++], nodes));
      continue;
    }
    const auto first = k;
    while (k < branches.size() && in_tile[k]) ++k;
    elements.push_back(std::make_unique<BranchRange>(fmt::format("tile_elements_{}", first).c_str(), description.circuit, first,
                                                     k - first));
  }
  for (const auto& source : circuit.sources())
    elements.push_back(source.kind == SourceKind::voltage ? make_source<SourceKind::voltage>(source, nodes)
                                                          : make_source<SourceKind::current>(source, nodes));
}

std::vector<CellPlace> EmulatedChip::Modules::make_tile(const ChipDescription& description) {
  const auto& circuit = *description.circuit;
  CellTile all(circuit, description.cells, circuit.initial_slots(), grid, grid.steps / description.steps_per_tick);
  for (auto& some : all.arrays()) {
    if (!description.nonideal) break;
    std::vector<std::uint32_t> numbers;
    for (std::size_t cell = 0; cell < all.places().size(); ++cell)
      if (all.places()[cell].array == &some) numbers.push_back(static_cast<std::uint32_t>(cell));
    some.set_flaws(flaws_of(description, grid, numbers));
  }
  tile = std::make_unique<SynapseTile>("tile", std::move(all),
                                       [this](CellArray& some, std::size_t into_tick) { array.record(some, into_tick); });
  for (auto& some : tile->cells().arrays()) array.attach(some);
  return tile->cells().places();
}

std::vector<CellPlace> EmulatedChip::Modules::make_cells(const ChipDescription& description) {
  if (description.cell_layout == CellLayout::tile) return make_tile(description);
  const auto& circuit = *description.circuit;
  std::vector<CellPlace> made;
  for (const auto branch : description.cells) {
    CellPhysics physics(circuit.branches()[branch], branch, circuit.initial_slots(), grid, grid.steps / description.steps_per_tick);
    if (description.nonideal) physics.array().set_flaws(flaws_of(description, grid, {static_cast<std::uint32_t>(made.size())}));
    cells.push_back(std::make_unique<SynapseCell>(module_name("cell_", circuit.branches()[branch].name).c_str(), std::move(physics),
                                                  [this, branch] { return array.branch_signal(branch); },
                                                  [this, branch] { return array.branch_states(branch); }));
    array.attach(cells.back()->physics().array());
    made.push_back({&cells.back()->physics().array(), 0});
  }
  return made;
}

void EmulatedChip::Modules::connect() {
  sequencer->clock(clock);
  sequencer->analog_fault(fault);
  sequencer->phase(phase);
  sequencer->tick(tick);
  sequencer->cycle(cycle);
  sequencer->sample(sample);
  sequencer->sampled_tick(sampled_tick);
  sequencer->present(present);
  sequencer->accumulate(accumulate);
  sequencer->update(update);
  watchdog.clock(clock);
  watchdog.phase(phase);
  array.phase(phase);
  array.tick(tick);
  array.cycle(cycle);
  array.sample(sample);
  array.sampled_tick(sampled_tick);
  array.fault(fault);
  const auto connect_cells = [this](auto& module) {
    module.phase(phase);
    module.present(present);
    module.sample(sample);
    module.accumulate(accumulate);
    module.update(update);
    module.sampled_tick(sampled_tick);
    module.gain_plus(gain_plus);
    module.gain_minus(gain_minus);
  };
  if (tile) connect_cells(*tile);
  for (auto& cell : cells) connect_cells(*cell);
  registers.irq(irq);
  registers.gain_plus(gain_plus);
  registers.gain_minus(gain_minus);
  bus.irq(irq);
  bus.socket.bind(registers.socket);
}

EmulatedChip::EmulatedChip(const ChipDescription& description) : modules_(std::make_unique<Modules>(description)) {
  modules_->array.unknowns.assign(static_cast<std::size_t>(description.circuit->unknown_count()), 0.0);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborates, so that a fault of the netlist shows here
}

EmulatedChip::~EmulatedChip() = default;

bus::Bus& EmulatedChip::bus() { return modules_->bus; }

void EmulatedChip::record_vcd(const std::filesystem::path& file, const std::vector<std::string>& unknowns) {
  auto& m = *modules_;
  if (m.vcd) throw std::logic_error("a chip writes one VCD");
  if (file.extension() != ".vcd") throw InputError({file.string(), 0}, "", "the name of a VCD ends in .vcd");
  std::vector<NodeIndex> probed;
  for (const auto& name : unknowns) {
    probed.push_back(m.array.circuit().find_unknown(name));
    if (probed.back() < 0) throw InputError({file.string(), 0}, name, "the circuit has no such node or current");
  }
  if (!std::ofstream(file)) throw InputError({file.string(), 0}, "", "cannot be written");
  auto stem = file;
  stem.replace_extension();  // the kernel adds .vcd itself
  m.vcd = sc_core::sc_create_vcd_trace_file(stem.c_str());
  // The kernel's own resolution: software's transfers fall between the steps.
  // A power of ten to the last bit: 1 ps read back in seconds is 999.99 fs.
  m.vcd->set_time_unit(std::pow(10.0, std::round(std::log10(sc_core::sc_get_time_resolution().to_seconds() / 1e-15))), sc_core::SC_FS);
  sc_trace(m.vcd, m.clock, "clock");
  sc_trace(m.vcd, m.phase, "phase");
  sc_trace(m.vcd, m.tick, "tick");
  sc_trace(m.vcd, m.sample, "strobe_sample");
  sc_trace(m.vcd, m.present, "strobe_present");
  sc_trace(m.vcd, m.accumulate, "strobe_accumulate");
  sc_trace(m.vcd, m.update, "strobe_update");
  sc_trace(m.vcd, m.irq, "irq");
  sc_trace(m.vcd, m.fault, "fault");
  m.sequencer->trace(m.vcd);
  // A current is pushed by a voltage in series.
  for (std::size_t p = 0; p < m.array.drive_level.size(); ++p)
    sc_trace(m.vcd, m.array.drive_level[p], fmt::format("drive_{}_{}", p, m.array.drives_current(p) ? "A" : "V"));
  for (std::size_t i = 0; i < unknowns.size(); ++i) sc_trace(m.vcd, m.array.unknowns[probed[i]], trace_name(unknowns[i]));
}

double EmulatedChip::simulated_time() const { return sc_core::sc_time_stamp().to_seconds(); }
double EmulatedChip::clock_period() const { return modules_->period.to_seconds(); }

std::string EmulatedChip::fault_text() const { return modules_->array.fault_text(); }

}  // namespace tellegen::chip
