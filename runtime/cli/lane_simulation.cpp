#include "runtime/cli/lane_simulation.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "hw_models/batch/batch_transient.hpp"
#include "runtime/report/progress.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen::cli {
namespace {

PlanChoice choice_of(std::string_view name) {
  if (name == "supernodal") return PlanChoice::supernodal;
  if (name == "crossbar") return PlanChoice::crossbar;
  return name == "klu" ? PlanChoice::klu : PlanChoice::automatic;
}

/// Nodes whose voltages make up what is wanted; nothing when currents are wanted too.
std::optional<std::vector<NodeIndex>> wanted_nodes(const TransientRun& run) {
  if (!run.request.wanted) return std::nullopt;
  std::vector<NodeIndex> nodes;
  for (const auto& output : *run.request.wanted) {
    if (output.kind == OutputVariable::current) return std::nullopt;
    for (const auto& name : {output.p, output.n})
      if (const auto node = name.empty() ? ground : run.circuit->find_node(name); node > ground) nodes.push_back(node);
  }
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

/// With `uic` a memory of the voltage is at rest although its port is not: it sees all of that voltage from the first step on.
const Branch* rested_memory(const TransientRun& run) {
  const auto& state = run.setup.start.state;
  for (std::size_t k = 0; k < state.voltage.size(); ++k) {
    const auto& branch = run.circuit->branches()[k];
    if (state.voltage[k] != state.node_voltage[branch.in.p] - state.node_voltage[branch.in.n]) return &branch;
  }
  return nullptr;
}

std::variant<BatchTransient, std::string> make_batch(const TransientRun& run) {
  try {
    return BatchTransient::make(run.circuit, run.setup.grid, {}, {.plan = choice_of(run.request.plan)});
  } catch (const std::invalid_argument& mismatch) {
    return std::string(mismatch.what());
  }
}

std::string explain_plan(const BatchTransient& batch, const TransientRun& run) {
  const auto& plan = batch.plan();
  const auto& cost = plan.linear().description();
  std::string text = fmt::format("transient: {} steps of {}, {}\n", plan.grid().steps, engineering(plan.grid().step, "s"), name_of(plan.grid().method));
  text += fmt::format("  unknowns         {} of {}; {} known voltages and {} ideal amplifiers left the system{}\n", plan.unknowns(), run.circuit->unknown_count() - 1,
                      plan.reduction().known.size(), plan.reduction().amplifiers.size(), plan.shape().is_symmetric ? ", which is symmetric" : "");
  text += fmt::format("  plan             {}: {}\n", cost.name, cost.details);
  for (const auto& rating : plan.ratings().subspan(1))
    text += fmt::format("  instead of       {}, predicted {:.1f} times as dear\n", rating.name, rating.cost / plan.ratings()[0].cost);
  text += fmt::format("  matrix, factors  {} and {} entries\n", cost.matrix_entries, cost.factor_entries);
  const auto& counts = batch.counts();
  const double steps = static_cast<double>(std::max<std::size_t>(counts.steps, 1));
  const double iterations = plan.is_linear() ? 1 : static_cast<double>(counts.iterations) / steps, factors = static_cast<double>(counts.factors) / steps;
  text += fmt::format("  flops            {:.3g} a factor, {:.3g} a solution; {:.3g} a step", cost.factor_flops, cost.solve_flops, batch.flops_per_step());
  text += plan.is_linear() ? ", factored once\n" : fmt::format(" with {:.2f} Newton iterations and {:.2f} factors\n", iterations, factors);
  text += fmt::format("  kernels          {}, {} sample{} side by side\n", name_of(batch.instructions()), batch.lanes(), batch.lanes() == 1 ? "" : "s");
  return text;
}

}  // namespace

std::optional<AnalysisResult> run_in_lanes(const TransientRun& run) {
  const auto decline = [&](const std::string& why) -> std::optional<AnalysisResult> {
    const bool is_demanded = run.request.plan != "auto" && run.request.plan != "general";
    if (is_demanded) throw InputError(run.analysis.where, "--plan", fmt::format("{} cannot be had: {}", run.request.plan, why));
    if (run.request.explanation) *run.request.explanation += fmt::format("transient: general engine, all {} unknowns by KLU: {}\n", run.circuit->unknown_count() - 1, why);
    return std::nullopt;
  };
  if (run.request.plan == "general") return decline("asked for");
  const auto nodes = wanted_nodes(run);
  if (!nodes) return decline("currents of sources are wanted; .save or .print voltages only");
  if (const auto* memory = rested_memory(run)) return decline(fmt::format("{} starts at rest under a voltage (uic)", memory->name));
  const auto& grid = run.setup.grid;
  const auto& state = run.setup.start.state;
  auto made = make_batch(run);
  if (const auto* why = std::get_if<std::string>(&made)) return decline(*why);
  auto& batch = std::get<BatchTransient>(made);

  AnalysisResult result{.analysis = "tran", .print_start = run.analysis.start, .print_step = run.analysis.step, .variables = {{"time", "s", {}}}};
  for (const auto node : *nodes) result.variables.push_back({fmt::format("v({})", run.circuit->node_names()[node]), "V", {}});
  const auto keep = [&](double t, const auto& voltage) {
    if (t <= run.analysis.start - grid.step) return;
    result.variables[0].values.push_back(t);
    for (std::size_t j = 0; j < nodes->size(); ++j) result.variables[j + 1].values.push_back(voltage((*nodes)[j]));
  };
  keep(0, [&](NodeIndex node) { return state.node_voltage[node]; });
  TransientEngine engine(run.circuit, grid);
  engine.begin_in_motion(state, [&](double t) { return source_values_at(*run.circuit, t); });
  report::Progress progress("transient", grid.steps, "steps");
  try {
    batch.run_from(engine, state, WaveformDrive(*run.circuit, grid), [&](std::size_t step, const Tile& tile) {
      keep(grid.time(step), [&](NodeIndex node) {
        double v = 0;
        tile.read_node(node, &v);
        return v;
      });
      progress.advance();
    });
  } catch (const ConvergenceError&) {
    return decline("Newton's method needs the general engine's care");
  }
  begin_at(run.analysis.start, 1e-9 * grid.step, result.variables);
  if (run.request.explanation) *run.request.explanation += explain_plan(batch, run);
  return result;
}

}  // namespace tellegen::cli
