#include "runtime/cli/simulation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "runtime/cli/lane_simulation.hpp"
#include "runtime/report/progress.hpp"

namespace tellegen::cli {
namespace {

using NodeValues = std::vector<std::pair<NodeIndex, double>>;

NodeValues resolve(const Circuit& circuit, const std::vector<std::pair<std::string, double>>& named,
                   std::string_view directive, const std::string& file) {
  NodeValues values;
  for (const auto& [name, value] : named) {
    const auto node = circuit.find_node(name);
    if (node < 0) throw InputError({file, 0}, directive, fmt::format("the deck has no node \"{}\"", name));
    if (node != ground) values.emplace_back(node, value);
  }
  return values;
}

std::vector<double> source_values(const Circuit& circuit, auto value) {
  std::vector<double> values;
  for (const auto& source : circuit.sources()) values.push_back(value(source.waveform));
  return values;
}

std::vector<double> initial_slots(const Circuit& circuit) {
  return {circuit.initial_slots().begin(), circuit.initial_slots().end()};
}

/// Names and units of everything that a row holds.
std::vector<Variable> empty_variables(const Circuit& circuit, bool with_time) {
  std::vector<Variable> variables;
  if (with_time) variables.push_back({"time", "s", {}});
  for (NodeIndex node = 1; node < circuit.node_count(); ++node)
    variables.push_back({fmt::format("v({})", circuit.node_names()[node]), "V", {}});
  for (const auto& source : circuit.sources())
    if (source.kind == SourceKind::voltage) variables.push_back({fmt::format("i({})", source.name), "A", {}});
  return variables;
}

void append_row(std::vector<Variable>& variables, const Circuit& circuit, std::optional<double> time,
                std::span<const double> voltages, auto current_of) {
  auto variable = variables.begin();
  if (time) (variable++)->values.push_back(*time);
  for (NodeIndex node = 1; node < circuit.node_count(); ++node) (variable++)->values.push_back(voltages[node]);
  for (std::size_t s = 0; s < circuit.sources().size(); ++s)
    if (circuit.sources()[s].kind == SourceKind::voltage)
      (variable++)->values.push_back(current_of(static_cast<std::int32_t>(s)));
}

}  // namespace

std::vector<double> source_values_at(const Circuit& circuit, double t) {
  return source_values(circuit, [t](const Waveform& w) { return w.at(t); });
}

void begin_at(double start, double close, std::vector<Variable>& variables) {
  const auto& time = variables.front().values;
  if (time.size() < 2 || time[0] >= start - close) return;
  const double part = (start - time[0]) / (time[1] - time[0]);
  if (part > 1 - 1e-9) {
    for (auto& variable : variables) variable.values.erase(variable.values.begin());
    return;
  }
  for (auto& variable : variables) variable.values[0] += part * (variable.values[1] - variable.values[0]);
}

namespace {

History history_of(const Deck& deck) {
  if (deck.history == "exp") return exponential_history(deck.terms.value_or(32)).value_or(History::exponentials_32);
  return deck.history == "fft" ? History::fft : History::direct;
}

TimeGrid grid_of(const Deck& deck, const TransientAnalysis& analysis) {
  constexpr double usual_steps = 50;  // of a transient without tmax
  constexpr double most_steps = 1e8;
  const double longest = analysis.max_step > 0 ? analysis.max_step : (analysis.stop - analysis.start) / usual_steps;
  // A print interval is a whole number of steps.
  double step = analysis.step / std::max(1.0, std::ceil(analysis.step / longest * (1 - 1e-9)));
  double steps = std::ceil(analysis.stop / step * (1 - 1e-9));
  if (steps > most_steps)
    throw InputError(analysis.where, ".tran",
                     fmt::format("{:g} steps are too many; the step is far below tstop", steps));
  const bool is_whole = std::abs(analysis.stop - steps * step) <= 1e-9 * analysis.stop;
  // tmax = tstep asks for exactly that step: the last row is then the last one before tstop. Otherwise the step gives way.
  if (!is_whole && analysis.max_step == analysis.step && steps > 1)
    steps -= 1;
  else if (!is_whole)
    step = analysis.stop / steps;
  return {.step = step,
          .steps = static_cast<std::size_t>(steps),
          .method = method_of(deck.method.value_or("bdf2")).value_or(Method::bdf2),
          .history = history_of(deck)};
}

}  // namespace

Variable AnalysisResult::find(const OutputVariable& output) const {
  const auto named = [&](const std::string& name) -> const Variable& {
    return *std::ranges::find(variables, name, &Variable::name);
  };
  if (output.kind == OutputVariable::current) return named(fmt::format("i({})", output.device));
  const auto rows = variables.front().values.size();
  Variable result{output.text, "V", std::vector<double>(rows, 0.0)};
  const auto add = [&](const std::string& node, double sign) {
    if (node.empty() || node == "0" || node == "gnd") return;
    const auto& values = named(fmt::format("v({})", node)).values;
    for (std::size_t r = 0; r < rows; ++r) result.values[r] += sign * values[r];
  };
  add(output.p, 1);
  add(output.n, -1);
  return result;
}

AnalysisResult run_operating_point(const Deck& deck) {
  const auto& circuit = deck.circuit;
  const auto point =
      find_operating_point(circuit, {.sources = source_values(circuit, [](const Waveform& w) { return w.dc(); }),
                                     .slots = initial_slots(circuit),
                                     .first_guess = resolve(circuit, deck.nodesets, ".nodeset", deck.file),
                                     .held = {}});
  AnalysisResult result{.analysis = "op", .variables = empty_variables(circuit, false)};
  append_row(result.variables, circuit, std::nullopt, point.state.node_voltage,
             [&](std::int32_t s) { return point.source_currents[s]; });
  return result;
}

TransientSetup set_up_transient(const Deck& deck, const TransientAnalysis& analysis) {
  const auto& circuit = deck.circuit;
  TransientSetup setup{.grid = grid_of(deck, analysis),
                       .start = {.state = {}, .source_currents = std::vector<double>(circuit.sources().size(), 0.0)}};
  const auto slots = initial_slots(circuit);
  const auto held = resolve(circuit, deck.initial_conditions, ".ic", deck.file);
  if (analysis.use_initial_conditions)
    setup.start.state = initial_state(circuit, slots, held);
  else
    setup.start =
        find_operating_point(circuit, {.sources = source_values_at(circuit, 0),
                                       .slots = slots,
                                       .first_guess = resolve(circuit, deck.nodesets, ".nodeset", deck.file),
                                       .held = held});
  return setup;
}

AnalysisResult run_transient(const Deck& deck, const TransientAnalysis& analysis, const TransientRequest& request) {
  const auto circuit = std::make_shared<const Circuit>(deck.circuit);
  const auto setup = set_up_transient(deck, analysis);
  const TransientRun run{.deck = deck, .analysis = analysis, .circuit = circuit, .setup = setup, .request = request};
  if (auto result = run_in_lanes(run)) return std::move(*result);

  const auto& [grid, start] = setup;
  AnalysisResult result{.analysis = "tran",
                        .print_start = analysis.start,
                        .print_step = analysis.step,
                        .variables = empty_variables(*circuit, true)};
  const auto keeps = [&](double t) { return t > analysis.start - grid.step; };
  if (keeps(0))
    append_row(result.variables, *circuit, 0.0, start.state.node_voltage,
               [&](std::int32_t s) { return start.source_currents[s]; });

  TransientEngine engine(circuit, grid);
  engine.begin_in_motion(start.state, [&](double t) { return source_values_at(*circuit, t); });
  report::Progress progress("transient", grid.steps, "steps");
  for (std::size_t n = 1; n <= grid.steps; ++n) {
    const double t = grid.time(n);
    const auto sources = source_values_at(*circuit, t);
    if (engine.step({.sources = sources, .injected = {}, .bias = {}}) != SolveStatus::converged)
      throw ConvergenceError(explain(engine.failure(), *circuit, "try a smaller tmax in .tran"));
    if (keeps(t))
      append_row(result.variables, *circuit, t, engine.voltages(),
                 [&](std::int32_t s) { return engine.source_current(s); });
    progress.advance();
  }
  begin_at(analysis.start, 1e-9 * grid.step, result.variables);
  return result;
}

AnalysisResult saved_part(const AnalysisResult& result, const Deck& deck) {
  if (deck.saved.empty()) return result;
  AnalysisResult part{
      .analysis = result.analysis, .print_start = result.print_start, .print_step = result.print_step, .variables = {}};
  if (result.analysis == "tran") part.variables.push_back(result.variables.front());
  for (const auto& output : deck.saved) part.variables.push_back(result.find(output));
  return part;
}

}  // namespace tellegen::cli
