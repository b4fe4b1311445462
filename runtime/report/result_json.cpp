#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runtime/report/render.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

using nlohmann::json;

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json number(const std::optional<double>& value) { return value ? number(*value) : json(nullptr); }

json text(std::string_view value) { return clean_text(value); }

/// Waveforms are for looking at: twelve digits keep a uniform time grid uniform, six are finer than any converter.
json rounded(const std::vector<double>& values, int digits) {
  auto list = json::array();
  for (const double value : values)
    list.push_back(number(std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr)));
  return list;
}

template <class Rows, class Row>
json list_of(const Rows& rows, Row&& row_json) {
  auto list = json::array();
  for (const auto& row : rows) list.push_back(row_json(row));
  return list;
}

json json_of(const ElementParameter& parameter) {
  json object{{"name", text(parameter.name)},
              {"value", number(parameter.value)},
              {"unit", text(parameter.unit)},
              {"trained", parameter.trained}};
  if (parameter.initial_value) object["initial_value"] = number(parameter.initial_value);
  if (parameter.final_value) object["final_value"] = number(parameter.final_value);
  return object;
}

json json_of(const CircuitSummary& circuit) {
  const auto element = [](const ElementRow& row) -> json {
    return {{"name", text(row.name)},
            {"kind", text(row.kind)},
            {"law", text(row.law)},
            {"nodes", text(row.nodes)},
            {"orders", {{"a", number(row.order_out)}, {"b", number(row.order_in)}}},
            {"skew", text(row.skew)},
            {"parameters", list_of(row.parameters, [](const auto& parameter) { return json_of(parameter); })}};
  };
  return {{"nodes", circuit.nodes},
          {"branches", circuit.branches},
          {"sources", list_of(circuit.sources, [](const auto& name) { return text(name); })},
          {"elements", list_of(circuit.elements, element)}};
}

json json_of(const Classification& classification) {
  const auto row = [](const ClassificationRow& rule) -> json {
    return {{"rule", text(rule.rule)},
            {"verdict", text(rule.verdict)},
            {"reason", text(rule.reason)},
            {"chosen", rule.chosen}};
  };
  return {{"rules", list_of(classification.rows, row)}, {"note", text(classification.note)}};
}

json json_of(const GradientEntry& entry) {
  json object{{"name", text(entry.name)},     {"unit", text(entry.unit)},           {"value", number(entry.value)},
              {"exact", number(entry.exact)}, {"estimate", number(entry.estimate)}, {"scale", number(entry.scale)}};
  if (entry.finite_difference) object["finite_difference"] = number(entry.finite_difference);
  return object;
}

json json_of(const LossTermRow& term) {
  json object{{"kind", text(term.kind)},
              {"probes", list_of(term.probes, [](const auto& probe) { return text(probe); })},
              {"value", number(term.value)},
              {"unit", text(term.unit)}};
  if (!term.expression.empty()) object["expr"] = text(term.expression);
  if (!term.window.empty()) object["window"] = text(term.window);
  return object;
}

json json_of(const Training& training) {
  const auto measured = [](const std::optional<Measured>& result) -> json {
    if (!result) return nullptr;
    return {{"label", text(result->label)}, {"value", number(result->value)}, {"unit", text(result->unit)}};
  };
  const auto held_out = [](const HeldOutLoss& point) -> json {
    return {{"epoch", point.epoch}, {"loss", number(point.loss)}};
  };
  return {{"optimizer", text(training.optimizer)},
          {"rate", number(training.rate)},
          {"epochs", training.epochs},
          {"loss_unit", text(training.loss_unit)},
          {"train_loss", list_of(training.train_loss, [](double loss) { return number(loss); })},
          {"held_out_loss", list_of(training.held_out_loss, held_out)},
          {"held_out",
           {{"before", measured(training.before)},
            {"after", measured(training.after)},
            {"baseline", measured(training.baseline)}}}};
}

std::string_view role_name(SeriesRole role) {
  switch (role) {
    case SeriesRole::input:
      return "input";
    case SeriesRole::output:
      return "output";
    case SeriesRole::target:
      return "target";
    case SeriesRole::before:
      return "before";
    case SeriesRole::baseline:
      return "baseline";
  }
  std::abort();
}

json json_of(const WaveformPanel& panel) {
  const auto series = [](const Series& one) -> json {
    return {{"label", text(one.label)}, {"role", role_name(one.role)}, {"values", rounded(one.values, 6)}};
  };
  return {{"group", text(panel.group)},
          {"title", text(panel.title)},
          {"unit", text(panel.unit)},
          {"time", rounded(panel.time, 12)},
          {"series", list_of(panel.series, series)}};
}

json json_of(const PhaseTimeline& timeline) {
  const auto phase = [](const PhaseRow& row) -> json {
    return {{"name", text(row.name)},
            {"cycles", row.cycles},
            {"time", number(row.time)},
            {"memory_bits", row.memory_bits},
            {"action", text(row.action)}};
  };
  const auto operation = [](const OperationRow& row) -> json {
    json made{{"name", row.name}, {"count", row.count}};
    if (row.energy) made["energy"] = number(*row.energy);
    return made;
  };
  const auto stated = [](const StatedOption& option) -> json { return {{"name", option.name}, {"value", option.value}}; };
  const auto memory = [](const MemoryRow& row) -> json {
    return {{"name", text(row.name)}, {"words", row.words}, {"bits", row.bits}};
  };
  return {
      {"clock", number(timeline.clock)},           {"analog_steps_per_clock", number(timeline.analog_steps_per_clock)},
      {"phases", list_of(timeline.phases, phase)}, {"memory", list_of(timeline.memory, memory)},
      {"operations", list_of(timeline.operations, operation)}, {"stated", list_of(timeline.stated, stated)},
      {"total_cycles", timeline.total_cycles()},   {"total_time", number(timeline.total_time())},
      {"total_bits", timeline.total_bits()}};
}

json json_of(const LimitRow& limit) {
  return {{"name", text(limit.name)},
          {"stated", number(limit.stated)},
          {"measured", number(limit.measured)},
          {"unit", text(limit.unit)},
          {"sense", limit.sense == LimitSense::at_least ? "at least" : "at most"},
          {"met", limit.met}};
}

json json_of(const TimingRow& row) {
  return {{"analog_steps_per_clock", number(row.analog_steps_per_clock)},
          {"clock", number(row.clock)},
          {"cosine", number(row.cosine)},
          {"relative_error", number(row.relative_error)}};
}

void append_text(std::string& out, const json& value, std::size_t indent) {
  const auto is_plain = [](const json& item) { return !item.is_structured(); };
  if (is_plain(value) || value.empty() || (value.is_array() && std::all_of(value.begin(), value.end(), is_plain))) {
    out += value.dump();
    return;
  }
  const std::string inner(indent + 2, ' ');
  out += value.is_array() ? "[\n" : "{\n";
  for (auto item = value.begin(); item != value.end(); ++item) {
    if (item != value.begin()) out += ",\n";
    out += inner;
    if (value.is_object()) out += json(item.key()).dump() + ": ";
    append_text(out, *item, indent + 2);
  }
  out.append("\n").append(indent, ' ') += value.is_array() ? "]" : "}";
}

}  // namespace

json gradcheck_json(const std::string& bench_name, const Classification& classification,
                    const GradientCheck& gradient) {
  const auto& rows = classification.rows;
  const auto rule = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.rule == gradient.rule; });
  const bool known = rule != rows.end();
  return {
      {"bench", text(bench_name)},
      {"rule", text(gradient.rule)},
      {"plant", text(gradient.plant)},
      {"beta", number(gradient.beta)},
      {"sides", text(gradient.sides)},
      {"loss", number(gradient.loss)},
      {"loss_unit", text(gradient.loss_unit)},
      {"loss_terms", list_of(gradient.loss_terms, [](const auto& term) { return json_of(term); })},
      {"classification",
       {{"verdict", known ? text(rule->verdict) : json("unknown")}, {"reason", known ? text(rule->reason) : json("")}}},
      {"cosine", number(gradient.cosine)},
      {"relative_error", number(gradient.relative_error)},
      {"parameters", list_of(gradient.parameters, [](const auto& entry) { return json_of(entry); })}};
}

json to_json(const RunRecord& record) {
  json result{{"title", text(record.title)},
              {"bench", text(record.bench_name)},
              {"bench_file", text(record.bench_file)},
              {"deck_file", text(record.deck_file)},
              {"tool_version", text(record.tool_version)},
              {"date", text(record.date)},
              {"seed", record.seed},
              {"grid",
               {{"step", number(record.grid.step)},
                {"steps", record.grid.steps},
                {"method", text(record.grid.method)},
                {"start", text(record.grid.start)},
                {"history", text(record.grid.history)}}},
              {"circuit", json_of(record.circuit)},
              {"classification", json_of(record.classification)},
              {"gradcheck", gradcheck_json(record.bench_name, record.classification, record.gradient)},
              {"waveforms", list_of(record.waveforms, [](const auto& panel) { return json_of(panel); })},
              {"timing_study", list_of(record.timing_study, [](const auto& row) { return json_of(row); })},
              {"limits", list_of(record.limits, [](const auto& limit) { return json_of(limit); })},
              {"cost", {{"wall", number(record.cost.wall)}, {"simulated", number(record.cost.simulated)}}}};
  if (record.cost.peak_memory) result["cost"]["peak_memory"] = *record.cost.peak_memory;
  if (record.training) result["training"] = json_of(*record.training);
  if (record.timeline) result["phase_timeline"] = json_of(*record.timeline);
  if (const auto& agreement = record.chip_against_direct)
    result["chip_against_direct"] = {{"gradient_difference", number(agreement->gradient_difference)},
                                     {"parameter_difference", number(agreement->parameter_difference)},
                                     {"tolerance", number(agreement->tolerance)},
                                     {"agrees", agreement->agrees()}};
  return result;
}

std::string json_text(const json& value) {
  std::string out;
  append_text(out, value, 0);
  return out;
}

}  // namespace tellegen::report
