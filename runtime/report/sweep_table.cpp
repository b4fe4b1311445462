#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/report/sweep_render.hpp"
#include "runtime/report/table.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_rows = 100;  // more are for sweep.csv, not for eyes

std::string text_of(double value, int digits) { return std::isfinite(value) ? fmt::format("{:.{}g}", value, digits) : "-"; }

}  // namespace

std::string sweep_table(const SweepRecord& record) {
  std::vector<TableColumn> columns;
  const auto add_column = [&](std::string title) { columns.push_back({std::move(title), Align::right}); };
  for (const auto& key : record.listed) add_column(key.name);
  if (record.monte_carlo) {
    add_column("cosine median");
    if (record.quantile > 0) add_column(fmt::format("{:g} % worst", 100 * record.quantile));
    add_column("worst");
  } else {
    add_column("cosine");
  }
  add_column("relative error");
  add_column(record.loss_unit.empty() ? "loss" : fmt::format("loss [{}]", record.loss_unit));
  const auto any = [&](auto member) { return std::ranges::any_of(record.settings, [&](const auto& setting) { return (setting.*member).has_value(); }); };
  const bool has_final = any(&SweepSetting::final_loss), has_held_out = any(&SweepSetting::held_out_loss), has_cost = any(&SweepSetting::cost);
  if (has_final) add_column("final loss");
  if (has_held_out) add_column("held out");
  const bool has_energy = std::ranges::any_of(record.settings, [](const auto& setting) { return setting.cost && setting.cost->energy; });
  if (has_cost)
    for (const auto* title : {"memory [bit]", "cycles", "time [s]", "conversions"}) add_column(title);
  if (has_energy) add_column("energy [J]");
  columns.push_back({""});

  std::vector<std::size_t> order(record.settings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() > most_rows) {
    const auto rank = [&](std::size_t k) { return std::isfinite(record.settings[k].cosine.quantile) ? -record.settings[k].cosine.quantile : HUGE_VAL; };
    std::ranges::stable_sort(order, {}, rank);
    order.resize(most_rows);
    // The one that the sentence names is always among them.
    if (record.chosen && std::ranges::find(order, *record.chosen) == order.end()) order.back() = *record.chosen;
    std::ranges::sort(order);
  }
  TextTable table(std::move(columns));
  for (const auto k : order) {
    const auto& setting = record.settings[k];
    std::vector<std::string> row;
    for (const auto& value : setting.values) row.push_back(value.text);
    if (record.monte_carlo) {
      row.push_back(text_of(setting.cosine.median, 7));
      if (record.quantile > 0) row.push_back(text_of(setting.cosine.quantile, 7));
      row.push_back(text_of(setting.cosine.worst, 7));
    } else {
      row.push_back(text_of(setting.cosine.median, 7));
    }
    row.push_back(text_of(setting.relative_error.median, 3));
    row.push_back(text_of(setting.loss.median, 5));
    if (has_final) row.push_back(setting.final_loss ? text_of(setting.final_loss->median, 5) : "-");
    if (has_held_out) row.push_back(setting.held_out_loss ? text_of(setting.held_out_loss->median, 5) : "-");
    if (has_cost) {
      row.push_back(setting.cost ? fmt::format("{}", setting.cost->memory_bits) : "-");
      row.push_back(setting.cost ? fmt::format("{}", setting.cost->cycles) : "-");
      row.push_back(setting.cost ? text_of(setting.cost->time, 4) : "-");
      row.push_back(setting.cost ? fmt::format("{}", setting.cost->conversions) : "-");
    }
    if (has_energy) row.push_back(setting.cost && setting.cost->energy ? text_of(*setting.cost->energy, 4) : "-");
    std::string note = record.chosen == k ? (setting.holds ? "<- cheapest" : "<- nearest") : "";
    if (setting.without_result > 0) note += fmt::format("{}{}without a result", note.empty() ? "" : ", ", setting.chips == 1 ? "" : fmt::format("{} of {} ", setting.without_result, setting.chips));
    row.push_back(std::move(note));
    table.add_row(std::move(row));
  }
  auto text = table.text();
  if (order.size() < record.settings.size()) text += fmt::format("the {} best of {} settings; all are in sweep.csv\n", order.size(), record.settings.size());
  return text;
}

}  // namespace tellegen::report
