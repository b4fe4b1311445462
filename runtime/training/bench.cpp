#include "runtime/training/bench.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

#include "hw_models/circuit/circuit.hpp"
#include "runtime/files/atomic_file.hpp"
#include "runtime/training/bench_chip.hpp"
#include "runtime/training/bench_data.hpp"
#include "runtime/training/bench_loss.hpp"
#include "runtime/training/bench_table.hpp"

namespace tellegen {
namespace {

/// More steps than this are a mistake in the units, and would fill the memory before anything is said.
constexpr double most_steps = 1e8;
/// The clock period is a whole number of steps within this fraction of a step.
constexpr double clock_tolerance = 1e-6;

const std::vector<std::string_view> root_keys{"bench", "time",   "input",  "loss",     "train",   "rule",
                                              "chip",  "limits", "report", "held_out", "baseline"};

/// The bench as a tree, and its tables one by one.
struct BenchTree {
  TomlTable root;
  std::string file;

  /// Table of that name; an empty one when the bench has none.
  [[nodiscard]] BenchTable table(std::string_view name, const std::vector<std::string_view>& known) const {
    static const TomlTable none;
    const auto label = fmt::format("[{}]", name);
    const auto* found = root.find(name);
    if (found == nullptr) return {none, {file, 0}, label, known};
    if (found->value.table() == nullptr)
      throw InputError(found->place(file), std::string(name),
                       fmt::format("a table is expected, under a line {}, got {}", label, found->value.described()));
    return {*found->value.table(), found->place(file), label, known};
  }
  [[nodiscard]] bool has(std::string_view name) const { return root.find(name) != nullptr; }
};

void check_root(const BenchTree& tree) {
  for (const auto& entry : tree.root.entries) {
    const bool is_table = entry.value.table() != nullptr || entry.value.array() != nullptr;
    refuse_unknown(entry.key, is_table ? "table" : "key outside of a table", entry.place(tree.file), entry.key,
                   root_keys);
  }
}

std::filesystem::path readable_file(const BenchTable& table, std::string_view key,
                                    const std::filesystem::path& folder) {
  const auto path = (folder / table.text(key)).lexically_normal();
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) table.fail(key, fmt::format("\"{}\" is a folder", path.string()));
  if (!std::ifstream(path)) table.fail(key, fmt::format("\"{}\" cannot be read", path.string()));
  return path;
}

void read_head(const BenchTree& tree, Bench& bench) {
  const auto table = tree.table("bench", {"name", "deck", "seed"});
  bench.name = table.text("name", bench.file.stem().string());
  bench.deck = readable_file(table, "deck", bench.file.parent_path());
  const auto seed = table.integer("seed", 1);
  if (seed < 0) table.fail("seed", fmt::format("a whole number from 0 on is expected, got {}", seed));
  bench.seed = static_cast<std::uint64_t>(seed);
}

History read_history(const BenchTable& time) {
  const auto choice = time.choice("history", {"direct", "fft", "exponentials"}, 0);
  const bool is_sum = choice == 2;
  if (!is_sum && time.has("terms")) time.fail("terms", "only history = \"exponentials\" has terms");
  if (!is_sum) return choice == 0 ? History::direct : History::fft;
  const auto terms = time.integer("terms", 32);
  const auto history = exponential_history(terms);
  if (!history) time.fail("terms", fmt::format("20 or 32 exponentials are expected, got {}", terms));
  return *history;
}

void read_time(const BenchTree& tree, Bench& bench) {
  const auto table = tree.table("time", {"step", "stop", "method", "start", "history", "terms", "memory"});
  const double step = table.quantity("step", dimensions::time);
  const double stop = table.quantity("stop", dimensions::time);
  if (!(step > 0)) table.fail("step", fmt::format("a positive time is expected, got {}", engineering(step, "s")));
  if (!(stop >= step))
    table.fail("stop",
               fmt::format("{} is shorter than one step of {}", engineering(stop, "s"), engineering(step, "s")));
  const double steps = std::round(stop / step);
  if (steps > most_steps)
    table.fail("step", fmt::format("{:.3g} steps of {} up to {} are too many, at most {:.0e} are run", steps,
                                   engineering(step, "s"), engineering(stop, "s"), most_steps));
  const auto method = table.choice("method", {"be", "bdf2", "trap"}, 1);
  bench.grid = {step, static_cast<std::size_t>(steps), *method_of(std::array{"be", "bdf2", "trap"}[method]), read_history(table)};
  bench.stop = stop;
  bench.start = std::array{RunStart::rest, RunStart::dc}[table.choice("start", {"rest", "dc"}, 0)];
  if (!table.has("memory")) return;
  const auto mebibytes = table.integer("memory", 0);
  constexpr std::int64_t most_mebibytes = std::int64_t{1} << 30;
  if (mebibytes < 1 || mebibytes > most_mebibytes)
    table.fail("memory", fmt::format("a whole number of MiB from 1 on is expected, got {}", mebibytes));
  bench.memory = static_cast<std::size_t>(mebibytes) << 20;
  bench.memory_where = table.where("memory");
}

OptimizerSettings read_optimizer(const BenchTable& table, std::int64_t epochs) {
  OptimizerSettings out;
  out.kind = std::array{OptimizerKind::sgd, OptimizerKind::momentum,
                        OptimizerKind::adam}[table.choice("optimizer", {"sgd", "momentum", "adam"}, 0)];
  out.scaling = std::array{RateScaling::none, RateScaling::value}[table.choice("scaling", {"none", "value"}, 0)];
  if (epochs > 0 || table.has("rate")) {
    out.rate = table.number("rate");
    if (!(out.rate > 0)) table.fail("rate", fmt::format("a positive number is expected, got {}", out.rate));
  }
  if (table.has("momentum") && out.kind != OptimizerKind::momentum)
    table.fail("momentum", "only optimizer = \"momentum\" has this");
  out.momentum = table.number("momentum", 0.9);
  if (!(out.momentum >= 0 && out.momentum < 1))
    table.fail("momentum", fmt::format("a number from 0 up to, not including, 1 is expected, got {}", out.momentum));
  return out;
}

/// Text of a bound: the bench's own, or the bare number.
std::string bound_text(const BenchTable& table, std::string_view pattern, const TomlNode& node) {
  if (const auto number = finite_number(node)) return fmt::format("{}", *number);
  if (node.text() == nullptr)
    table.fail(pattern,
               fmt::format("a quantity such as \"1 uS\" or a number in SI is expected, got {}", node.described()));
  return *node.text();
}

std::vector<ParameterBounds> read_bounds(const BenchTable& train) {
  if (!train.has("bounds")) return {};
  const auto& node = train.entry("bounds").value;
  if (node.table() == nullptr)
    train.fail("bounds", fmt::format("a table such as {{ \"r*.g\" = [\"1 uS\", \"1 mS\"] }} is expected, got {}",
                                     node.described()));
  std::vector<ParameterBounds> bounds;
  for (const auto& entry : node.table()->entries) {
    // Any key is a pattern here, so this table alone has no list of known ones; a bare r1.g is a table of a table in
    // TOML.
    TomlTable alone;
    alone.entries.push_back(entry);
    const BenchTable table(alone, entry.place(train.where().file), "[train] bounds", {entry.key});
    const auto* pair = entry.value.array();
    if (entry.value.table() != nullptr)
      table.fail(entry.key, fmt::format("a name with a dot needs quotes here, such as \"{}.g\"", entry.key));
    if (pair == nullptr || pair->items.size() != 2)
      table.fail(entry.key,
                 fmt::format("a pair such as [\"1 uS\", \"1 mS\"] is expected, got {}", entry.value.described()));
    bounds.push_back({{lower_case(entry.key), table.where(entry.key)},
                      bound_text(table, entry.key, pair->items[0]),
                      bound_text(table, entry.key, pair->items[1])});
  }
  return bounds;
}

void read_train(const BenchTree& tree, Bench& bench) {
  const auto table =
      tree.table("train", {"parameters", "optimizer", "rate", "momentum", "scaling", "epochs", "bounds"});
  auto& train = bench.train;
  if (table.has("parameters")) {
    for (const auto& [text, where] : table.texts_with_places("parameters")) train.parameters.push_back({lower_case(text), where});
    if (train.parameters.empty()) table.fail("parameters", "the array is empty, expected patterns such as \"r*.g\"");
  } else {
    train.parameters.push_back({"*", table.where()});
  }
  train.epochs = table.integer("epochs", 0);
  if (train.epochs < 0) table.fail("epochs", fmt::format("a whole number from 0 on is expected, got {}", train.epochs));
  train.optimizer = read_optimizer(table, train.epochs);
  train.optimizer_where = table.where("optimizer");
  train.bounds = read_bounds(table);
}

/// A positive time of whole steps.
std::optional<double> read_duration(const BenchTable& table, std::string_view key, const TimeGrid& grid) {
  if (!table.has(key)) return std::nullopt;
  const double time = table.quantity(key, dimensions::time);
  const double steps = time / grid.step;
  if (!(time > 0) || std::fabs(steps - std::round(steps)) > clock_tolerance * std::max(1.0, steps))
    table.fail(key, fmt::format("a whole number of steps of {} is expected, got {}", engineering(grid.step, "s"), engineering(time, "s")));
  return time;
}

void read_rule(const BenchTree& tree, Bench& bench) {
  const auto table = tree.table("rule", {"name", "beta", "sides", "controlled_sources", "points", "period", "tail", "ends"});
  auto& rule = bench.rule;
  rule.name = rule_of(table.text("name", "adjoint"), table.where("name"), table.subject("name"));
  rule.name_where = table.where("name");
  rule.beta = table.number("beta", 1e-3);
  rule.beta_where = table.where("beta");
  if (!(rule.beta > 0)) table.fail("beta", fmt::format("a positive number is expected, got {}", rule.beta));
  rule.sides = std::array{Sides::centred, Sides::one, Sides::holomorphic}[table.choice("sides", {"centred", "one", "holomorphic"}, 0)];
  if (rule.sides == Sides::holomorphic && rule.name != Rule::equilibrium)
    table.fail("sides", fmt::format("only a settled fixed point is nudged by complex amplitudes: expected name = \"equilibrium\", got \"{}\"", name_of(rule.name)));
  const auto points = table.integer("points", 8);
  if (points < 2 || points > 1024) table.fail("points", fmt::format("2 to 1024 points on the circle are expected, got {}", points));
  if (table.has("points") && rule.sides != Sides::holomorphic) table.fail("points", "only sides = \"holomorphic\" has this");
  rule.points = static_cast<std::size_t>(points);
  rule.ends = std::array{PathEnds::fixed, PathEnds::periodic}[table.choice("ends", {"fixed", "periodic"}, 0)];
  if (table.has("ends") && rule.name != Rule::action_nudge)
    table.fail("ends", fmt::format("only a stationary path has ends: expected name = \"action_nudge\", got \"{}\"", name_of(rule.name)));
  rule.period = read_duration(table, "period", bench.grid);
  rule.tail = read_duration(table, "tail", bench.grid);
  if (rule.period && *rule.period > bench.grid.time(bench.grid.steps) * (1 + 1e-9)) table.fail("period", "it is longer than the run");
  using Ports = RuleSettings::ControlledSources;
  rule.controlled_sources =
      std::array{Ports::swapped, Ports::fixed}[table.choice("controlled_sources", {"swapped", "fixed"}, 0)];
}

void read_limits(const BenchTree& tree, Bench& bench) {
  const auto table = tree.table("limits", {"gradient_cosine", "final_loss", "relative_error", "held_out_loss"});
  bench.limits = {table.optional_number("gradient_cosine"), table.optional_number("final_loss"),
                  table.optional_number("relative_error"), table.optional_number("held_out_loss")};
  if (const auto cosine = bench.limits.gradient_cosine; cosine && !(*cosine >= -1 && *cosine <= 1))
    table.fail("gradient_cosine", fmt::format("a cosine lies in -1 to 1, got {}", *cosine));
  for (const std::string_view key : {"final_loss", "relative_error", "held_out_loss"})
    if (table.number(key, 0.0) < 0) table.fail(key, "it is never negative, so nothing could meet this limit");
  if (bench.limits.held_out_loss && !tree.has("held_out"))
    table.fail("held_out_loss", "there is no [held_out] data to compute it on");
}

void read_report(const BenchTree& tree, Bench& bench) {
  const auto table = tree.table("report", {"title", "waves", "chip_ratios"});
  bench.report.title = table.text("title", bench.name);
  if (table.has("waves"))
    for (const auto& [wave, where] : table.texts_with_places("waves"))
      bench.report.waves.push_back({probe_text(wave, where, "[report] waves"), where});
  const auto steps = static_cast<double>(bench.grid.steps);
  if (!table.has("chip_ratios")) {
    for (const std::int64_t ratio : {1, 4, 16, 64})
      if (static_cast<double>(ratio) <= steps) bench.report.chip_ratios.push_back(ratio);
    return;
  }
  for (const double ratio : table.numbers("chip_ratios")) {
    if (ratio < 1 || ratio != std::round(ratio))
      table.fail("chip_ratios", fmt::format("steps per clock are whole numbers from 1 on, got {}", ratio));
    if (ratio > steps)
      table.fail("chip_ratios", fmt::format("a clock of {} steps is longer than the run of {}", ratio, steps));
    bench.report.chip_ratios.push_back(static_cast<std::int64_t>(ratio));
  }
}

void read_data(const BenchTree& tree, Bench& bench) {
  SignalReader signals(bench.file.parent_path(), bench.grid);
  bench.data = read_bench_data(tree.root, {tree.file, 0}, "", bench.grid, signals);
  if (!tree.has("held_out")) return;
  const auto table = tree.table("held_out", {"input", "loss"});
  bench.held_out =
      read_bench_data(*tree.root.find("held_out")->value.table(), table.where(), "held_out.", bench.grid, signals);
  inherit_inputs(*bench.held_out, bench.data);
}

}  // namespace

TomlTable bench_tree(const std::filesystem::path& file, std::span<const BenchOverride> overrides) {
  auto root = parse_toml(read_whole_file(file), file.string());
  for (const auto& one : overrides) put(root, one);
  return root;
}

Bench read_bench(const std::filesystem::path& file, std::span<const BenchOverride> overrides) {
  return read_bench(bench_tree(file, overrides), file);
}

Bench read_bench(TomlTable root, const std::filesystem::path& file) {
  const BenchTree tree{std::move(root), file.string()};
  check_root(tree);
  Bench bench;
  bench.file = file;
  read_head(tree, bench);
  read_time(tree, bench);
  read_train(tree, bench);
  read_rule(tree, bench);
  static const TomlTable no_chip;
  const auto* chip = tree.root.find("chip");
  if (chip != nullptr && chip->value.table() == nullptr) (void)tree.table("chip", {});  // refuses it
  read_chip(chip ? *chip->value.table() : no_chip, chip ? chip->place(tree.file) : SourceLocation{tree.file, 0}, bench);
  read_report(tree, bench);
  read_limits(tree, bench);
  if (tree.has("baseline"))
    bench.baseline_deck = readable_file(tree.table("baseline", {"deck"}), "deck", file.parent_path());
  read_data(tree, bench);
  return bench;
}

Rule rule_of(std::string_view name, const SourceLocation& where, std::string_view subject) {
  if (const auto known = rule_of(name)) return *known;
  std::string known;
  for (const Rule rule : all_rules) known += fmt::format("{}{}", known.empty() ? "" : " | ", name_of(rule));
  throw InputError(where, subject, fmt::format("\"{}\" is unknown, expected {}", name, known));
}

std::size_t tail_steps_of(const Bench& bench) {
  if (bench.rule.tail) return static_cast<std::size_t>(std::llround(*bench.rule.tail / bench.grid.step));
  return bench.start == RunStart::dc ? bench.grid.steps : 0;
}

RuleOptions rule_options_of(const Bench& bench) {
  return {.sides = bench.rule.sides,
          .ports_swapped = bench.rule.controlled_sources == RuleSettings::ControlledSources::swapped,
          .from_dc = bench.start == RunStart::dc,
          .has_tail = tail_steps_of(bench) > 0,
          .outputs = probes_of(bench.data).size()};
}

Interval interval_of(const ParameterBounds& bounds, std::string_view unit) {
  const auto subject = fmt::format("[train] bounds.{}", bounds.pattern.text);
  const auto dimension = unit.empty() ? dimensions::none : dimension_of_unit(unit);
  const Interval interval{parse_quantity(bounds.low, dimension, bounds.pattern.where, subject),
                          parse_quantity(bounds.high, dimension, bounds.pattern.where, subject)};
  if (!(interval.low < interval.high))
    throw InputError(bounds.pattern.where, subject,
                     fmt::format("the lower bound {} is not below the upper bound {}", bounds.low, bounds.high));
  return interval;
}

}  // namespace tellegen
