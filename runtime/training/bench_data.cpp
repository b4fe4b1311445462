#include "runtime/training/bench_data.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {
namespace {

/// The tables of an array of tables; none when the key is missing.
std::vector<const TomlNode*> tables_of(const TomlTable& parent, std::string_view key, const SourceLocation& where,
                                       const std::string& label) {
  const auto* found = parent.find(key);
  if (found == nullptr) return {};
  std::vector<const TomlNode*> tables;
  if (const auto* array = found->value.array())
    for (const auto& item : array->items) tables.push_back(item.table() != nullptr ? &item : nullptr);
  const bool are_tables =
      found->value.array() != nullptr && std::find(tables.begin(), tables.end(), nullptr) == tables.end();
  if (!are_tables)
    throw InputError({where.file, found->line}, std::string(key),
                     fmt::format("tables are expected, each under a line {}, got {}", label, found->value.described()));
  return tables;
}

BenchInput read_input(const BenchTable& table, SignalReader& signals) {
  BenchInput input{.source = lower_case(table.text("source")), .samples = {}, .initial = {}, .where = table.where()};
  if (SignalReader::describes(table)) input.samples = signals.read(table);
  input.initial = table.optional_number("initial");
  return input;
}

LossKind read_kind(const BenchTable& table) {
  const auto kind = table.text("kind");
  if (kind == "mse") return LossKind::mse;
  if (kind == "final_mse") return LossKind::final_mse;
  if (kind == "cross_entropy" || kind == "expr")
    table.fail("kind", fmt::format("\"{}\" is not supported yet, expected mse | final_mse", kind));
  table.fail("kind", fmt::format("\"{}\" is unknown, expected mse | final_mse", kind));
}

/// Probe without blanks, in lower case; its form is checked, its nodes are the circuit's business.
std::string read_probe(const BenchTable& table) {
  auto probe = probe_text(table.text("probe"));
  const bool is_probe =
      (probe.starts_with("v(") || probe.starts_with("i(")) && probe.size() > 3 && probe.ends_with(')');
  if (!is_probe)
    table.fail("probe",
               fmt::format("\"{}\" is no probe, expected v(node), v(node,node) or i(source)", table.text("probe")));
  return probe;
}

TimeWindow read_window(const BenchTable& table, const TimeGrid& grid) {
  const auto [from, to] = table.quantity_pair("window", dimensions::time);
  const TimeWindow window{from, to};
  if (from > to)
    table.fail("window",
               fmt::format("it ends before it begins: {} to {}", engineering(from, "s"), engineering(to, "s")));
  for (std::size_t n = 1; n <= grid.steps; ++n)
    if (contains(window, grid, n)) return window;
  table.fail("window", fmt::format("no step lies in {} to {}; the steps lie at {} to {}", engineering(from, "s"),
                                   engineering(to, "s"), engineering(grid.time(1), "s"),
                                   engineering(grid.time(grid.steps), "s")));
}

/// A final target may be the one value that counts.
std::vector<double> read_target(const BenchTable& table, LossKind kind, const TimeGrid& grid, SignalReader& signals) {
  const auto target = table.table("target", SignalReader::keys());
  const bool one_value = kind == LossKind::final_mse && target.has("samples") && !target.has("csv") &&
                         !target.has("expr") && target.numbers("samples").size() == 1;
  if (!one_value) return signals.read(target);
  for (const std::string_view key : {"column", "skip"})
    if (target.has(key)) target.fail(key, "only a csv file has this");
  return std::vector<double>(grid.steps, target.numbers("samples")[0] * target.number("scale", 1.0));
}

BenchLoss read_loss(const BenchTable& table, const TimeGrid& grid, SignalReader& signals) {
  BenchLoss loss{read_probe(table), {}, table.where()};
  loss.term.kind = read_kind(table);
  loss.term.target = read_target(table, loss.term.kind, grid, signals);
  loss.term.weight = table.number("weight", 1.0);
  if (loss.term.weight < 0) table.fail("weight", fmt::format("a weight is not negative, got {}", loss.term.weight));
  if (!table.has("window")) return loss;
  if (loss.term.kind == LossKind::final_mse) table.fail("window", "a final_mse looks at the last step alone");
  loss.term.window = read_window(table, grid);
  return loss;
}

void number_probes(BenchData& data) {
  const auto probes = probes_of(data);
  for (auto& loss : data.losses)
    loss.term.probe = static_cast<std::size_t>(std::find(probes.begin(), probes.end(), loss.probe) - probes.begin());
}

/// `cross_entropy` and `expr` have keys of their own: that they are missing is said before any key is called unknown.
void refuse_unsupported_kind(const TomlNode& loss, const SourceLocation& where, const std::string& label) {
  const auto* kind = loss.table()->find("kind");
  if (kind == nullptr) return;
  TomlTable alone;
  alone.entries.push_back(*kind);
  (void)read_kind({alone, where, label, {"kind"}});
}

}  // namespace

std::string probe_text(std::string_view text) {
  auto probe = lower_case(text);
  std::erase_if(probe, [](unsigned char letter) { return std::isspace(letter) != 0; });
  return probe;
}

BenchData read_bench_data(const TomlTable& table, const SourceLocation& where, std::string_view prefix,
                          const TimeGrid& grid, SignalReader& signals) {
  BenchData data;
  auto input_keys = SignalReader::keys();
  input_keys.insert(input_keys.end(), {"source", "initial"});
  const auto input_label = fmt::format("[[{}input]]", prefix);
  for (const auto* node : tables_of(table, "input", where, input_label)) {
    const BenchTable reader(*node->table(), {where.file, node->line}, input_label, input_keys);
    auto input = read_input(reader, signals);
    for (const auto& other : data.inputs)
      if (other.source == input.source)
        reader.fail("source", fmt::format("\"{}\" has an input already, on line {}", input.source, other.where.line));
    data.inputs.push_back(std::move(input));
  }
  const auto loss_label = fmt::format("[[{}loss]]", prefix);
  for (const auto* node : tables_of(table, "loss", where, loss_label)) {
    const SourceLocation place{where.file, node->line};
    refuse_unsupported_kind(*node, place, loss_label);
    const BenchTable reader(*node->table(), place, loss_label, {"kind", "probe", "target", "weight", "window"});
    data.losses.push_back(read_loss(reader, grid, signals));
  }
  if (data.losses.empty())
    throw InputError(where, loss_label, "one at least is expected: it says what the circuit has to learn");
  number_probes(data);
  return data;
}

void inherit_inputs(BenchData& data, const BenchData& main) {
  for (const auto& input : main.inputs) {
    const auto has_own = [&](const BenchInput& own) { return own.source == input.source; };
    if (std::none_of(data.inputs.begin(), data.inputs.end(), has_own)) data.inputs.push_back(input);
  }
}

std::vector<std::string> probes_of(const BenchData& data) {
  std::vector<std::string> probes;
  for (const auto& loss : data.losses)
    if (std::find(probes.begin(), probes.end(), loss.probe) == probes.end()) probes.push_back(loss.probe);
  return probes;
}

Loss loss_of(const BenchData& data, const TimeGrid& grid) {
  std::vector<LossTerm> terms;
  for (const auto& loss : data.losses) terms.push_back(loss.term);
  return {std::move(terms), grid};
}

}  // namespace tellegen
