#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hw_models/action/energy_audit.hpp"
#include "hw_models/action/formal_action.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/simulation.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {
namespace {

constexpr auto fractional_caveat =
    "A term of an order between 0 and 1 stands here formally: varied literally it gives D_-^c f D_+^c, whose symbol is |omega|^(2c) and which does not dissipate. "
    "Riewe's method puts the causal operator in its place at the end; the run above is that of the causal circuit.";

/// A run with all that it is looked back at by.
struct Run {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  std::vector<double> slots;
  Table sources;
  std::vector<double> initial_sources;  // [V] or [A] at t = 0; empty: rest
  ReferenceState start;
  std::string start_name;
  Trajectory trajectory;

  [[nodiscard]] RecordedRun recorded() const {
    return {.circuit = *circuit, .grid = grid, .slots = slots, .sources = sources, .trajectory = trajectory, .start = start, .initial_sources = initial_sources};
  }
};

void check_size(const Circuit& circuit, const TimeGrid& grid, const SourceLocation& where) {
  constexpr double most_numbers = 1e8;
  const double columns = static_cast<double>(circuit.unknown_count()) + 5.0 * static_cast<double>(circuit.branches().size());
  if (static_cast<double>(grid.steps) * columns > most_numbers)
    throw InputError(where, "lagrangian", fmt::format("{} steps are too many to look back at; expected at most {:.0f} on this circuit", grid.steps, most_numbers / columns));
}

Run run_deck(const std::string& file) {
  const auto deck = read_deck(file);
  const TransientAnalysis* analysis = nullptr;
  for (const auto& each : deck.analyses)
    if (const auto* transient = std::get_if<TransientAnalysis>(&each)) analysis = transient;
  if (!analysis) throw InputError({deck.file, 0}, "lagrangian", "the deck has no .tran, so no run to look back at; expected one, or a bench");
  auto [grid, start] = set_up_transient(deck, *analysis);
  Run run{.circuit = std::make_shared<const Circuit>(deck.circuit), .grid = grid, .slots = {deck.circuit.initial_slots().begin(), deck.circuit.initial_slots().end()},
          .sources = Table(grid.steps, deck.circuit.sources().size()), .initial_sources = {}, .start = std::move(start.state),
          .start_name = analysis->use_initial_conditions ? "uic" : "dc", .trajectory = {}};
  check_size(*run.circuit, grid, analysis->where);
  const auto sources = run.circuit->sources();
  for (std::size_t s = 0; s < sources.size(); ++s) {
    run.initial_sources.push_back(sources[s].waveform.at(0));
    for (std::size_t n = 0; n < grid.steps; ++n) run.sources.at(n, s) = sources[s].waveform.at(grid.time(n + 1));
  }
  TransientEngine engine(run.circuit, grid);
  try {
    run.trajectory = run_forward(engine, run.sources, run.start);
  } catch (const ConvergenceError&) {
    throw ConvergenceError(explain(engine.failure(), *run.circuit, "try a smaller tmax in .tran"));
  }
  return run;
}

Run run_bench(const std::string& file) {
  const Experiment experiment(read_bench(file));
  const auto& initial = experiment.trained().initial;
  const auto& bench = experiment.bench();
  check_size(*experiment.circuit(), experiment.grid(), {file, 0});
  const bool from_dc = bench.start == RunStart::dc;
  Run run{.circuit = experiment.circuit(), .grid = experiment.grid(), .slots = experiment.slots_with(initial), .sources = {},
          .initial_sources = from_dc ? experiment.data().initial : std::vector<double>{}, .start = {}, .start_name = from_dc ? "dc" : "rest", .trajectory = {}};
  run.sources = experiment.stimulus(experiment.data(), run.slots);
  run.start = experiment.start_state(experiment.data(), run.slots);
  run.trajectory = experiment.forward(experiment.data(), initial);
  return run;
}

std::string joules(double value) { return fmt::format("{:.6g}", value); }

void print_action(const FormalAction& action) {
  fmt::print("formal action: S = integral of the sum of all terms dt, by element, valued along the run\n\n");
  report::TextTable table({{"element"}, {"kind"}, {"variable"}, {"term"}, {"value / J s", report::Align::right}});
  for (const auto& term : action.terms) table.add_row({term.element, term.kind, term.variable, term.formula, joules(term.value)});
  fmt::print("{}", table.text());
  if (action.missing.empty()) {
    fmt::print("S = {} J s\n", joules(action.total));
  } else {
    fmt::print("\nThe circuit has no such action, because of\n");
    for (const auto& missing : action.missing) fmt::print("  {}\n", missing.reason);
  }
  if (action.has_fractional_term) fmt::print("\n{}\n", fractional_caveat);
}

void print_kirchhoff(const Circuit& circuit, const KirchhoffResidual& residual) {
  fmt::print("\nEuler-Lagrange residual along the run, which is Kirchhoff's law of the causal operators, from branch currents computed anew\n\n");
  report::TextTable table({{"node"}, {"largest residual", report::Align::right}, {"unit"}});
  for (std::size_t i = 1; i < residual.largest.size(); ++i) {
    const auto place = static_cast<NodeIndex>(i);
    table.add_row({circuit.unknown_name(place), fmt::format("{:.3g}", residual.largest[i]), place < circuit.node_count() ? "A" : "V"});
  }
  fmt::print("{}largest: {:.3g} A, {:.3g} of the largest current\n", table.text(), residual.current, residual.relative_current);
}

void print_energy(const Circuit& circuit, const EnergyAudit& audit) {
  fmt::print("\nenergy audit\n\n");
  report::TextTable table({{"element"}, {"kind"}, {"delivered / J", report::Align::right}, {"stored / J", report::Align::right}, {"dissipated / J", report::Align::right}});
  for (const auto& energy : audit.sources) {
    const auto& source = circuit.sources()[energy.source];
    table.add_row({source.name, source.kind == SourceKind::current ? "current source" : "voltage source", joules(energy.delivered), "", ""});
  }
  for (const auto& energy : audit.branches) {
    const auto& branch = circuit.branches()[energy.branch];
    const bool stores = energy.role == EnergyRole::stored;
    table.add_row({branch.name, std::string(describe(branch.element).name), "", stores ? joules(energy.stored) : "", stores ? "" : joules(energy.taken)});
  }
  table.add_row({"sum", "", joules(audit.delivered), joules(audit.stored), joules(audit.dissipated)});
  fmt::print("{}imbalance {:.3g} J, {:.3g} of what the sources deliver: the integration error of the storing elements\n", table.text(), audit.imbalance,
             audit.relative_imbalance);
}

nlohmann::json json_of(const std::string& file, const Run& run, const FormalAction& action, const KirchhoffResidual& residual, const EnergyAudit& audit) {
  using nlohmann::json;
  const auto& circuit = *run.circuit;
  json terms = json::array(), missing = json::array(), nodes = json::array(), sources = json::array(), elements = json::array();
  for (const auto& t : action.terms)
    terms.push_back({{"element", t.element}, {"kind", t.kind}, {"variable", t.variable}, {"formula", t.formula}, {"value", t.value}});
  for (const auto& m : action.missing) missing.push_back({{"element", m.element}, {"reason", m.reason}});
  for (std::size_t i = 1; i < residual.largest.size(); ++i) {
    const auto place = static_cast<NodeIndex>(i);
    nodes.push_back({{"name", circuit.unknown_name(place)}, {"residual", residual.largest[i]}, {"unit", place < circuit.node_count() ? "A" : "V"}});
  }
  for (const auto& e : audit.sources) sources.push_back({{"name", circuit.sources()[e.source].name}, {"delivered", e.delivered}});
  for (const auto& e : audit.branches) {
    const auto& branch = circuit.branches()[e.branch];
    json row{{"name", branch.name}, {"kind", describe(branch.element).name}, {"taken", e.taken}};
    if (e.role == EnergyRole::stored) row["stored"] = e.stored;
    elements.push_back(std::move(row));
  }
  return {{"file", file},
          {"grid", {{"step", run.grid.step}, {"steps", run.grid.steps}, {"method", name_of(run.grid.method)}, {"start", run.start_name}}},
          {"action", {{"terms", terms}, {"missing", missing}, {"total", action.missing.empty() ? json(action.total) : json(nullptr)}, {"unit", "J s"},
                      {"caveat", action.has_fractional_term ? fractional_caveat : ""}}},
          {"kirchhoff", {{"nodes", nodes}, {"current_residual", residual.current}, {"relative_current_residual", residual.relative_current},
                         {"voltage_residual", residual.voltage}, {"relative_voltage_residual", residual.relative_voltage}}},
          {"energy", {{"sources", sources}, {"elements", elements}, {"delivered", audit.delivered}, {"stored", audit.stored}, {"dissipated", audit.dissipated},
                      {"imbalance", audit.imbalance}, {"relative_imbalance", audit.relative_imbalance}, {"unit", "J"}}}};
}

}  // namespace

int lagrangian(const LagrangianOptions& options) {
  check_output(options.json);
  const auto run = options.file.ends_with(".toml") ? run_bench(options.file) : run_deck(options.file);
  const auto recorded = run.recorded();
  const auto record = record_branches(recorded);
  const auto action = formal_action(recorded, record);
  const auto residual = kirchhoff_residual(recorded, record);
  const auto audit = audit_energy(recorded, record);
  if (options.json != "-") {
    print_action(action);
    print_kirchhoff(*run.circuit, residual);
    print_energy(*run.circuit, audit);
  }
  write_output(options.json, report::json_text(json_of(options.file, run, action, residual, audit)) + "\n");
  return done;
}

}  // namespace tellegen::cli
