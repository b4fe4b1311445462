#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/files/atomic_file.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/sweep_render.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

using nlohmann::json;

constexpr std::string_view line_end = "\r\n";  // RFC 4180

std::string cell(std::string_view text) {
  const auto clean = clean_text(text);
  if (clean.find_first_of(",\"\r\n") == std::string::npos) return clean;
  std::string quoted = "\"";
  for (const char c : clean) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string cell(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

std::string cell(const SweepValue& value) { return value.number ? cell(*value.number) : cell(value.text); }

std::string_view status_word(PointStatus status) {
  switch (status) {
    case PointStatus::done: return "done";
    case PointStatus::no_convergence: return "no convergence";
    case PointStatus::failed: return "failed";
  }
  return "";
}

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json value_of(const SweepValue& value) { return value.number ? number(*value.number) : json(clean_text(value.text)); }

json values_of(const std::vector<SweepKey>& keys, const std::vector<SweepValue>& values) {
  auto object = json::object();
  for (std::size_t k = 0; k < keys.size(); ++k) object[keys[k].name] = value_of(values[k]);
  return object;
}

json json_of(const Spread& spread) {
  return {{"best", number(spread.best)}, {"median", number(spread.median)}, {"quantile", number(spread.quantile)}, {"worst", number(spread.worst)}};
}

json json_of(const SettingCost& cost) {
  json object{{"cycles", cost.cycles}, {"time", number(cost.time)}, {"memory_bits", cost.memory_bits}, {"conversions", cost.conversions}};
  if (cost.energy) object["energy"] = number(*cost.energy);
  return object;
}

json json_of(const SweepRecord& record, const SweepSetting& setting) {
  json object{{"values", values_of(record.listed, setting.values)},
              {"chips", setting.chips},
              {"without_result", setting.without_result},
              {"cosine", json_of(setting.cosine)},
              {"relative_error", json_of(setting.relative_error)},
              {"loss", json_of(setting.loss)},
              {"holds", setting.holds}};
  if (setting.final_loss) object["final_loss"] = json_of(*setting.final_loss);
  if (setting.held_out_loss) object["held_out_loss"] = json_of(*setting.held_out_loss);
  if (setting.cost) object["cost"] = json_of(*setting.cost);
  return object;
}

json json_of(const SweepRecord& record, const SweepPoint& point) {
  json object{{"setting", point.setting}, {"chip", point.chip}, {"seed", point.seed}, {"status", status_word(point.status)}};
  if (!record.drawn.empty()) object["drawn"] = values_of(record.drawn, point.drawn);
  if (!point.message.empty()) object["message"] = clean_text(point.message);
  if (point.status != PointStatus::done && !std::isfinite(point.cosine)) return object;
  object["loss"] = number(point.loss);
  object["cosine"] = number(point.cosine);
  object["relative_error"] = number(point.relative_error);
  if (point.final_loss) object["final_loss"] = number(*point.final_loss);
  if (point.held_out_loss) object["held_out_loss"] = number(*point.held_out_loss);
  if (point.cost) object["cost"] = json_of(*point.cost);
  return object;
}

}  // namespace

std::string sweep_csv(const SweepRecord& record) {
  const auto titled = [](std::string_view name, std::string_view unit) { return cell(unit.empty() ? std::string(name) : fmt::format("{} [{}]", name, unit)); };
  std::string text;
  const auto end_line = [&] {
    text.back() = line_end[0];
    text += line_end[1];
  };
  const auto add = [&](const std::string& one) { text.append(one).append(","); };
  for (const auto& key : record.listed) add(titled(key.name, key.unit));
  for (const auto& key : record.drawn) add(titled(key.name, key.unit));
  for (const std::string_view name : {"chip", "seed", "status"}) add(cell(name));
  add(titled("loss", record.loss_unit));
  for (const std::string_view name : {"cosine", "relative_error"}) add(cell(name));
  for (const std::string_view name : {"final_loss", "held_out_loss"}) add(titled(name, record.loss_unit));
  for (const std::string_view name : {"cycles", "time [s]", "memory [bit]", "conversions", "energy [J]", "message"}) add(cell(name));
  end_line();
  for (const auto& point : record.points) {
    for (const auto& value : record.settings[point.setting].values) add(cell(value));
    for (const auto& value : point.drawn) add(cell(value));
    add(std::to_string(point.chip));
    add(std::to_string(point.seed));
    add(cell(status_word(point.status)));
    for (const double value : {point.loss, point.cosine, point.relative_error}) add(cell(value));
    for (const auto& value : {point.final_loss, point.held_out_loss}) add(value ? cell(*value) : "");
    add(point.cost ? std::to_string(point.cost->cycles) : "");
    add(point.cost ? cell(point.cost->time) : "");
    add(point.cost ? std::to_string(point.cost->memory_bits) : "");
    add(point.cost ? std::to_string(point.cost->conversions) : "");
    add(point.cost && point.cost->energy ? cell(*point.cost->energy) : "");
    add(cell(point.message));
    end_line();
  }
  return text;
}

json sweep_json(const SweepRecord& record) {
  auto keys = json::array();
  for (const auto* list : {&record.listed, &record.drawn})
    for (const auto& key : *list)
      keys.push_back({{"name", key.name}, {"unit", key.unit}, {"spacing", key.logarithmic ? "log" : "linear"}, {"drawn", key.drawn}});
  auto settings = json::array(), points = json::array(), fixed = json::array();
  for (const auto& setting : record.settings) settings.push_back(json_of(record, setting));
  for (const auto& point : record.points) points.push_back(json_of(record, point));
  for (const auto& text : record.fixed) fixed.push_back(clean_text(text));
  json object{{"bench", clean_text(record.bench_name)},
              {"version", record.tool_version},
              {"plant", record.plant},
              {"fixed", std::move(fixed)},
              {"keys", std::move(keys)},
              {"limit", {{"cosine", number(record.cosine_limit)}, {"stated", record.limit_stated}}},
              {"cost_order", record.cost_order},
              {"loss_unit", record.loss_unit},
              {"settings", std::move(settings)},
              {"points", std::move(points)},
              {"chosen", record.chosen ? json(*record.chosen) : json(nullptr)},
              {"sentence", clean_text(record.sentence)}};
  if (record.monte_carlo) object["monte_carlo"] = {{"chips", record.chips}, {"quantile", number(record.quantile)}};
  return object;
}

void write_sweep(const SweepRecord& record, const std::filesystem::path& directory) {
  write_file_atomically(directory / "sweep.csv", sweep_csv(record));
  write_file_atomically(directory / "sweep.json", json_text(sweep_json(record)) + "\n");
  write_file_atomically(directory / "report.html", sweep_html(record));
}

}  // namespace tellegen::report
