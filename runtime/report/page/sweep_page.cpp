#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/html_table.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/page/sweep_section.hpp"
#include "runtime/report/sweep_render.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_rows = 1000;   // more are for sweep.csv, not for eyes
constexpr std::size_t most_in_view = 40;  // a longer table is folded

std::string limit_text(const SweepRecord& record) {
  auto text = fmt::format("cosine \u2265\u202F{}", setting(record.cosine_limit, ""));
  if (record.monte_carlo) text += fmt::format(" on {} of the chips", setting(100 * (1 - record.quantile), "%"));
  return text;
}

std::size_t without_result(const SweepRecord& record) {
  return static_cast<std::size_t>(std::ranges::count_if(record.points, [](const auto& point) { return point.status != PointStatus::done; }));
}

std::string header(const SweepRecord& record) {
  const bool holds = record.chosen && record.settings[*record.chosen].holds;
  const auto tone = holds ? (without_result(record) > 0 ? "caution" : "good") : "bad";
  std::vector<std::string> details;
  std::string varied;
  for (const auto* list : {&record.listed, &record.drawn})
    for (const auto& key : *list) varied += (varied.empty() ? "" : ", ") + key.name + (key.drawn ? " (drawn)" : "");
  details.push_back(fmt::format("Varied: {}.", varied));
  if (!record.fixed.empty()) {
    std::string fixed;
    for (const auto& one : record.fixed) fixed += (fixed.empty() ? "" : ", ") + one;
    details.push_back(fmt::format("Set for all: {}.", fixed));
  }
  if (!record.limit_stated) details.emplace_back("The limit is the usual one; neither the bench nor the command states one.");
  if (const auto count = without_result(record); count > 0) {
    const auto first = std::ranges::find_if(record.points, [](const auto& point) { return point.status != PointStatus::done; });
    details.push_back(fmt::format("{} of {} points have no result; the first: {}", count, record.points.size(), first->message));
  }
  auto sentence = record.sentence;
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  if (const auto at = sentence.find(record.loss_unit); !record.loss_unit.empty() && at != std::string::npos)
    sentence.replace(at, record.loss_unit.size(), unit_text(record.loss_unit));
  for (auto at = sentence.find(">="); at != std::string::npos; at = sentence.find(">=")) sentence.replace(at, 2, "\u2265");
  std::string items;
  for (const auto& detail : details) items += fmt::format("<li>{}</li>", escape_markup(detail));
  return fmt::format(
      "<header class=\"top\">\n<p class=\"maker\"><span>Tellegen <i>sweep</i></span><span>{}</span></p>\n"
      "<h1>{}</h1>\n<p class=\"subject\">{} <span>on</span> {}</p>\n"
      "<div class=\"verdict {}\"><p>{}.</p>\n<ul>{}</ul></div>\n</header>\n",
      escape_markup(record.date), escape_markup(record.title), escape_markup(record.bench_file), escape_markup(record.deck_file), tone,
      escape_markup(sentence), items);
}

std::string figures(const SweepRecord& record) {
  std::vector<std::string> shown;
  const auto add = [&](std::string_view label, const std::string& value, const std::string& note) {
    shown.push_back(fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", label, escape_markup(value), escape_markup(note)));
  };
  const auto holding = std::ranges::count_if(record.settings, &SweepSetting::holds);
  add("Settings that hold the limit", fmt::format("{} of {}", holding, record.settings.size()), limit_text(record));
  if (record.chosen) {
    const auto& chosen = record.settings[*record.chosen];
    const auto which = std::string(chosen.holds ? "of the cheapest that holds" : "of the nearest");
    add("Gradient cosine", cosine_text(chosen.cosine.quantile),
        record.monte_carlo ? fmt::format("{}; median {}", which, cosine_text(chosen.cosine.median)) : which);
    add("Relative error", significant(chosen.relative_error.median, 2), record.monte_carlo ? "median of its chips" : which);
    if (chosen.final_loss) add("Loss after training", quantity(chosen.final_loss->median, record.loss_unit, 3), "from " + quantity(chosen.loss.median, record.loss_unit, 3));
    if (chosen.cost) {
      add("Memory", bits_text(chosen.cost->memory_bits), "on the chip");
      add("A learning cycle takes", quantity(chosen.cost->time, "s", 3),
          fmt::format("{} clock cycles, {} conversions{}", count_text(chosen.cost->cycles), count_text(chosen.cost->conversions),
                      chosen.cost->energy ? ", " + quantity(*chosen.cost->energy, "J", 3) : ""));
    }
  }
  add("Points", count_text(record.points.size()), record.monte_carlo ? fmt::format("{} chips at each of {} settings", record.chips, record.settings.size()) : "one run for each setting");
  std::string text;
  for (const auto& one : shown) text += one;
  const auto columns = shown.size() <= 5 ? shown.size() : shown.size() == 6 ? 3 : 4;
  return fmt::format("<dl class=\"figures\" style=\"--columns:{}\">\n{}</dl>\n", columns, text);
}

std::string fixed_text(const SweepRecord& record, const SweepSlice& slice) {
  std::string text;
  for (std::size_t k = 0; k < record.listed.size(); ++k)
    if (k != slice.key && k != slice.family)
      text += fmt::format("{}{} = {}", text.empty() ? "at " : ", ", record.listed[k].name, record.settings[*record.chosen].values[k].text);
  return text;
}

/// Charts of every slice; their data go to `charts`.
std::string curves_section(const SweepRecord& record, nlohmann::json& charts) {
  std::string body;
  const auto place = [&](SweepChart chart) {
    charts.push_back(std::move(chart.data));
    return chart_place(charts.size() - 1, chart.title);
  };
  for (const auto& slice : slices_of(record)) {
    const auto fixed = fixed_text(record, slice);
    body += fmt::format("<h3>{}{}</h3>\n", escape_markup(record.listed[slice.key].name), fixed.empty() ? "" : ", " + escape_markup(fixed));
    if (slice.family) body += fmt::format("<p class=\"remark\">A curve for each value of <b>{}</b>.</p>\n", escape_markup(record.listed[*slice.family].name));
    body += "<div class=\"pair\">\n";
    for (auto& chart : charts_of(record, slice)) body += place(std::move(chart));
    body += "</div>\n";
  }
  if (record.chosen && !record.drawn.empty()) {
    body += "<h3>Chips of the chosen setting</h3>\n<div class=\"pair\">\n";
    for (std::size_t k = 0; k < record.drawn.size(); ++k) body += place(chips_chart(record, k));
    body += "</div>\n";
  }
  std::string caption = "<p>How far the measured gradient is from the exact one, and what that does to learning. The dashed line is the limit; a cosine of one to round-off "
                        "stands at 10\u207B\u00B9\u2076.</p>";
  if (record.listed.size() > 1) caption += "<p>Each figure is a slice through the chosen setting.</p>";
  if (record.monte_carlo)
    caption += fmt::format("<p>Curves are medians over {} chips; a band reaches from the best chip to the {} that {} of them are worse than.</p>", record.chips,
                           record.quantile > 0 ? "value" : "worst", setting(100 * record.quantile, "%"));
  caption += "<p class=\"hint\">The numbers below a chart follow the pointer; a click on a name hides its curve.</p>";
  return section("Curves", caption, body);
}

std::string settings_table(const SweepRecord& record) {
  std::vector<TableColumn> columns;
  for (const auto& key : record.listed) columns.push_back({key.name, Align::right});
  if (record.monte_carlo)
    columns.insert(columns.end(), {{"cosine, median", Align::right}, {"at the quantile", Align::right}, {"worst", Align::right}});
  else
    columns.push_back({"cosine", Align::right});
  columns.push_back({"relative error", Align::right});
  columns.push_back({"loss", Align::right});
  const auto any = [&](auto member) { return std::ranges::any_of(record.settings, [&](const auto& setting) { return (setting.*member).has_value(); }); };
  const bool has_final = any(&SweepSetting::final_loss), has_held_out = any(&SweepSetting::held_out_loss), has_cost = any(&SweepSetting::cost);
  if (has_final) columns.push_back({"final loss", Align::right});
  if (has_held_out) columns.push_back({"held-out loss", Align::right});
  if (has_cost) columns.insert(columns.end(), {{"memory", Align::right}, {"cycles", Align::right}, {"time", Align::right}});
  columns.push_back({"limit"});
  HtmlTable table(std::move(columns));
  const auto shown = std::min(record.settings.size(), most_rows);
  for (std::size_t k = 0; k < shown; ++k) {
    const auto& setting = record.settings[k];
    std::vector<std::string> cells;
    for (const auto& value : setting.values) cells.push_back(escape_markup(value.text));
    cells.push_back(cosine_text(setting.cosine.median));
    if (record.monte_carlo) cells.insert(cells.end(), {cosine_text(setting.cosine.quantile), cosine_text(setting.cosine.worst)});
    cells.push_back(significant(setting.relative_error.median, 2));
    const auto loss = [&](const Spread& spread) { return escape_markup(quantity(spread.median, record.loss_unit, 3)); };
    cells.push_back(loss(setting.loss));
    if (has_final) cells.push_back(setting.final_loss ? loss(*setting.final_loss) : "\u2013");
    if (has_held_out) cells.push_back(setting.held_out_loss ? loss(*setting.held_out_loss) : "\u2013");
    if (has_cost) {
      cells.push_back(setting.cost ? bits_text(setting.cost->memory_bits) : "\u2013");
      cells.push_back(setting.cost ? count_text(setting.cost->cycles) : "\u2013");
      cells.push_back(setting.cost ? quantity(setting.cost->time, "s", 3) : "\u2013");
    }
    auto note = std::string(setting.holds ? "<span class=\"met\">holds</span>" : "<b class=\"missed\">misses</b>");
    if (record.chosen == k) note += fmt::format(" <span class=\"chosen\">{}</span>", setting.holds ? "cheapest" : "nearest");
    if (setting.without_result > 0) note += fmt::format(" <small>{} without a result</small>", setting.chips == 1 ? "" : fmt::format("{} of {}", setting.without_result, setting.chips));
    cells.push_back(std::move(note));
    table.add_row(cells, record.chosen == k ? "chosen" : "");
  }
  auto markup = table.markup();
  if (shown < record.settings.size()) markup += fmt::format("<p class=\"remark\">The first {} of {} settings; all are in sweep.csv.</p>\n", shown, count_text(record.settings.size()));
  if (record.settings.size() > most_in_view) markup = fmt::format("<details><summary>All {} settings</summary>\n{}</details>\n", count_text(record.settings.size()), markup);
  return section("Settings", "<p>Every combination of the values. Losses are of the training data.</p>", markup);
}

std::string about_section(const SweepRecord& record) {
  HtmlTable table({{"what"}, {"value"}}, "plain");
  table.add_row({"measured on", record.plant == "chip" ? "the emulated chip at each setting's timing" : "the circuit solver as ideal hardware"});
  table.add_row({"cosine, relative error", "of all derivatives, each times its parameter, against the exact adjoint of the same circuit"});
  if (record.chosen && record.settings[*record.chosen].cost)
    table.add_row({"cheapest", fmt::format("by {}; cycles, conversions and energy are those of one learning cycle, memory the stimulus, trace, probe and drive memories and the accumulators", escape_markup(record.cost_order))});
  if (record.monte_carlo)
    table.add_row({"chips", fmt::format("{} at every setting, the same ones: chip k has a seed made of the bench's and k; of {} chips {} may be worse than the limit", record.chips,
                                        record.chips, static_cast<std::size_t>(std::floor(record.quantile * static_cast<double>(record.chips) + 1e-9)))});
  table.add_row({"files", "<code>sweep.csv</code>, a row for each point; <code>sweep.json</code>"});
  return section("About", "<p>What the numbers are.</p>", table.markup());
}

/// JSON that may stand inside a script element.
std::string script_json(const nlohmann::json& value) {
  std::string out;
  for (const char c : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

}  // namespace

std::string sweep_html(const SweepRecord& record) {
  auto charts = nlohmann::json::array();
  std::string body;
  const auto add = [&](const std::string& part) { body += raise_superscripts(part, "<sup>", "</sup>"); };
  add(header(record));
  add(figures(record));
  add(curves_section(record, charts));
  add(section("Map", fmt::format("<p>Cosine over two keys at once. Blue holds {}; the deeper the colour, the farther from the limit, a decade of 1\u202F\u2212\u202Fcosine a shade.</p>", limit_text(record)), cosine_map(record)));
  add(settings_table(record));
  add(about_section(record));
  return whole_page(record.title + ", sweep", body, script_json(charts), record.tool_version);
}

}  // namespace tellegen::report
