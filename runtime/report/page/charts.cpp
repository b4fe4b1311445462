#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

/// Text as a JSON string that cannot end a script element.
std::string script_string(std::string_view text) {
  std::string out;
  for (const char c : nlohmann::json(clean_text(text)).dump()) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

void append_number(std::string& out, double value, int digits) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{:.{}g}", value, digits);
  } else {
    out += "null";  // drawn as a gap
  }
}

std::string list(const std::vector<double>& values, double factor, int digits) {
  std::string out = "[";
  for (const double value : values) {
    if (out.size() > 1) out += ',';
    append_number(out, value * factor, digits);
  }
  return out + "]";
}

bool is_uniform(const std::vector<double>& grid) {
  if (grid.size() < 3) return false;
  const double step = (grid.back() - grid.front()) / static_cast<double>(grid.size() - 1);
  for (std::size_t k = 0; k < grid.size(); ++k)
    if (!(std::abs(grid[k] - grid.front() - step * static_cast<double>(k)) < 1e-6 * std::abs(step))) return false;
  return true;
}

/// Time as a list, or as start, step and count where that says the same.
std::string abscissa(const std::vector<double>& grid, double factor) {
  if (!is_uniform(grid)) return list(grid, factor, 12);
  const double step = (grid.back() - grid.front()) / static_cast<double>(grid.size() - 1);
  return fmt::format(R"({{"start":{:.12g},"step":{:.15g},"count":{}}})", grid.front() * factor, step * factor,
                     grid.size());
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest;
}

std::string_view role_name(SeriesRole role) {
  constexpr std::string_view names[] = {"input", "output", "target", "before", "baseline"};
  return names[static_cast<std::size_t>(role)];
}

std::string one_series(std::string_view label, std::string_view role, const std::string& values) {
  return fmt::format(R"({{"label":{},"role":"{}","values":{}}})", script_string(label), role, values);
}

std::string waveform_chart(const WaveformPanel& panel, bool last_of_group) {
  const int time_exponent = prefix_exponent(largest_of(panel.time), "s");
  double largest = 0;
  for (const auto& series : panel.series) largest = std::max(largest, largest_of(series.values));
  const int exponent = prefix_exponent(largest, panel.unit);
  std::string series;
  for (const auto& one : panel.series)
    series += (series.empty() ? "" : ",") +
              one_series(one.label, role_name(one.role), list(one.values, std::pow(10, -exponent), 6));
  return fmt::format(
      R"({{"group":{},"x":{{"name":"time","unit":"{}","title":{}}},"y":{{"unit":{},"log":false}},"grid":{},"series":[{}]}})",
      script_string(panel.group), prefixed_unit(time_exponent, "s"), last_of_group ? "true" : "false",
      script_string(prefixed_unit(exponent, panel.unit)), abscissa(panel.time, std::pow(10, -time_exponent)), series);
}

/// Train and held-out loss share one list of epochs; an epoch without a value of one of them is null there.
std::string loss_chart(const Training& training) {
  std::map<int, std::pair<double, double>> epochs;
  const std::pair nothing{std::nan(""), std::nan("")};
  for (std::size_t k = 0; k < training.train_loss.size(); ++k)
    epochs.try_emplace(static_cast<int>(k) + 1, nothing).first->second.first = training.train_loss[k];
  for (const auto& [epoch, loss] : training.held_out_loss)
    epochs.try_emplace(epoch, nothing).first->second.second = loss;

  std::vector<double> grid, train, held_out;
  double low = HUGE_VAL, high = 0;
  bool positive = true;
  for (const auto& [epoch, losses] : epochs) {
    grid.push_back(epoch);
    train.push_back(losses.first);
    held_out.push_back(losses.second);
    for (const double loss : {losses.first, losses.second}) {
      if (!std::isfinite(loss)) continue;
      positive = positive && loss > 0;
      low = std::min(low, loss);
      high = std::max(high, loss);
    }
  }
  const bool log = positive && high > 10 * low;
  const int exponent = prefix_exponent(high, training.loss_unit);
  const double factor = std::pow(10, -exponent);
  std::string series = one_series("training", "output", list(train, factor, 6));
  if (!training.held_out_loss.empty()) series += "," + one_series("held out", "before", list(held_out, factor, 6));
  return fmt::format(
      R"({{"group":"","x":{{"name":"epoch","unit":"","title":true}},"y":{{"unit":{},"log":{}}},"grid":{},"series":[{}]}})",
      script_string(prefixed_unit(exponent, training.loss_unit)), log, list(grid, 1, 12), series);
}

bool has_loss_chart(const RunRecord& record) { return record.training && !record.training->train_loss.empty(); }

}  // namespace

std::string chart_place(std::size_t number, std::string_view title) {
  return fmt::format("<figure class=\"chart\"><h4>{}</h4><div data-chart=\"{}\"></div></figure>\n",
                     escape_markup(title), number);
}

std::string chart_data(const RunRecord& record) {
  std::string charts;
  if (has_loss_chart(record)) charts += loss_chart(*record.training);
  for (std::size_t k = 0; k < record.waveforms.size(); ++k) {
    const auto& panel = record.waveforms[k];
    const bool last_of_group = k + 1 == record.waveforms.size() || record.waveforms[k + 1].group != panel.group;
    charts += (charts.empty() ? "\n" : ",\n") + waveform_chart(panel, last_of_group);
  }
  return "[" + charts + "]";
}

std::string training_section(const RunRecord& record) {
  if (!record.training) return {};
  const auto& training = *record.training;
  std::string body;
  if (has_loss_chart(record)) body += chart_place(0, "Loss per epoch");
  std::string results;
  for (const auto& [when, result] :
       {std::pair{"before training", training.before}, std::pair{"after training", training.after}})
    if (result)
      results += fmt::format("<div><dt>{}, {}</dt><dd>{}</dd></div>", escape_markup(result->label), when,
                             escape_markup(quantity(result->value, result->unit, 3)));
  if (const auto& baseline = training.baseline)
    results += fmt::format("<div><dt>Baseline: {}</dt><dd>{}</dd></div>", escape_markup(baseline->label),
                           escape_markup(quantity(baseline->value, baseline->unit, 3)));
  if (!results.empty()) body += "<dl class=\"results\">" + results + "</dl>\n";
  return section(
      "Training",
      fmt::format(
          "<p>{} epochs of {}, rate {}. The gradients are those that the rule measured, and the updates are the "
          "cells' own.</p>",
          training.epochs, escape_markup(training.optimizer), setting(training.rate, "")),
      body);
}

std::string waveform_section(const RunRecord& record) {
  std::string body;
  std::size_t number = has_loss_chart(record) ? 1 : 0;
  const std::string* group = nullptr;
  for (const auto& panel : record.waveforms) {
    if (!panel.group.empty() && (group == nullptr || *group != panel.group))
      body += fmt::format("<h3>{}</h3>\n", escape_markup(panel.group));
    group = &panel.group;
    body += chart_place(number++, panel.title);
  }
  return section(
      "Waveforms",
      "<p>What went in, what came out, and what was asked for.</p><p class=\"hint\">Drag across a chart to look "
      "closer, "
      "double-click to see all of it again. The numbers below a chart follow the pointer; a click on a name hides its "
      "curve.</p>",
      body);
}

}  // namespace tellegen::report
