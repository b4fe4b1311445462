#include "runtime/training/bench_data.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "hw_models/circuit/circuit.hpp"
#include "runtime/training/bench_loss.hpp"

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
    throw InputError(found->place(where.file), std::string(key),
                     fmt::format("tables are expected, each under a line {}, got {}", label, found->value.described()));
  return tables;
}

BenchInput read_input(const BenchTable& table, SignalReader& signals) {
  BenchInput input{.source = lower_case(table.text("source")), .samples = {}, .initial = {}, .where = table.where()};
  if (SignalReader::describes(table)) input.samples = signals.read(table);
  input.initial = table.optional_number("initial");
  return input;
}

void number_probes(BenchData& data) {
  const auto probes = probes_of(data);
  for (auto& loss : data.losses) loss.term.probes = places_of(loss.probes, probes);
}

}  // namespace

BenchData read_bench_data(const TomlTable& table, const SourceLocation& where, std::string_view prefix,
                          const TimeGrid& grid, SignalReader& signals) {
  BenchData data;
  auto input_keys = SignalReader::keys();
  input_keys.insert(input_keys.end(), {"source", "initial"});
  const auto input_label = fmt::format("[[{}input]]", prefix);
  for (const auto* node : tables_of(table, "input", where, input_label)) {
    const BenchTable reader(*node->table(), node->place(where.file), input_label, input_keys);
    auto input = read_input(reader, signals);
    for (const auto& other : data.inputs)
      if (other.source == input.source)
        reader.fail("source", fmt::format("\"{}\" has an input already, on line {}", input.source, other.where.line));
    data.inputs.push_back(std::move(input));
  }
  const auto loss_label = fmt::format("[[{}loss]]", prefix);
  for (const auto* node : tables_of(table, "loss", where, loss_label)) {
    data.losses.push_back(read_loss(*node->table(), node->place(where.file), loss_label, grid, signals));
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
    for (const auto& probe : loss.probes)
      if (std::find(probes.begin(), probes.end(), probe) == probes.end()) probes.push_back(probe);
  return probes;
}

}  // namespace tellegen
