#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/report/drawing/drawings.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/page/html_table.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/text_escape.hpp"
#include "runtime/report/verdict.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_rows = 400;    // more are for result.json, not for eyes
constexpr std::size_t most_in_view = 40;  // a longer table is folded

std::string relative_difference(double estimate, double exact) {
  return exact == 0 ? "\u2013" : significant(std::abs((estimate - exact) / exact), 2);
}

/// Entries by the size of their weighted exact derivative, the steepest first.
std::vector<const GradientEntry*> steepest_first(const std::vector<GradientEntry>& entries) {
  std::vector<const GradientEntry*> order;
  for (const auto& entry : entries) order.push_back(&entry);
  const auto steepness = [](const GradientEntry* entry) {
    const double size = std::abs(entry->exact * entry->weight());
    return std::isfinite(size) ? size : HUGE_VAL;
  };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return steepness(a) > steepness(b); });
  return order;
}

std::string parameter_table(const GradientCheck& gradient) {
  const bool has_differences = std::any_of(gradient.parameters.begin(), gradient.parameters.end(),
                                           [](const auto& entry) { return entry.finite_difference.has_value(); });
  const auto unit = gradient.loss_unit.empty() ? std::string() : " [" + unit_text(gradient.loss_unit) + "]";
  std::vector<TableColumn> columns{{"parameter"},
                                   {"value p", Align::right},
                                   {"exact" + unit, Align::right},
                                   {gradient.rule + unit, Align::right},
                                   {"relative difference", Align::right}};
  if (has_differences) columns.push_back({"finite difference" + unit, Align::right});
  HtmlTable table(std::move(columns));
  auto order = steepest_first(gradient.parameters);
  order.resize(std::min(order.size(), most_rows));
  for (const auto* entry : order) {
    const auto weighted = [&](double derivative) { return significant(derivative * entry->weight(), 4); };
    std::vector<std::string> cells{fmt::format("<code>{}</code>", escape_markup(entry->name)),
                                   escape_markup(quantity(entry->value, entry->unit, 4)), weighted(entry->exact),
                                   weighted(entry->estimate), relative_difference(entry->estimate, entry->exact)};
    if (has_differences) cells.push_back(entry->finite_difference ? weighted(*entry->finite_difference) : "");
    table.add_row(cells);
  }
  const auto count = gradient.parameters.size();
  auto markup = table.markup();
  if (count > most_rows)
    markup += fmt::format("<p class=\"remark\">The {} steepest of {} parameters; all are in result.json.</p>\n",
                          most_rows, count_text(count));
  if (count > most_in_view)
    markup = fmt::format("<details><summary>Derivatives of {} parameters</summary>\n{}</details>\n",
                         count_text(std::min(count, most_rows)), markup);
  return markup;
}

std::string loss_table(const GradientCheck& gradient) {
  if (gradient.loss_terms.empty()) return {};
  HtmlTable table({{"term"}, {"probes"}, {"window"}, {"value", Align::right}});
  for (const auto& term : gradient.loss_terms) {
    std::string probes;
    for (const auto& probe : term.probes)
      probes += fmt::format("{}<code>{}</code>", probes.empty() ? "" : ", ", escape_markup(probe));
    const auto formula = term.expression.empty() ? "" : fmt::format(" <code>{}</code>", escape_markup(term.expression));
    table.add_row({fmt::format("<code>{}</code>{}", escape_markup(term.kind), formula), probes,
                   term.window.empty() ? "whole run" : escape_markup(term.window),
                   escape_markup(quantity(term.value, term.unit, 4))});
  }
  return "<h4>Terms of the loss, before any update</h4>\n" + table.markup();
}

std::string caption_of(const GradientCheck& gradient) {
  return fmt::format(
      "<p>Derivative of the loss L with respect to every trainable parameter p: as <b>{}</b> measured it on the {}, "
      "and as the "
      "exact adjoint gives it.</p><p>Each derivative is multiplied by its parameter, so that all have the unit of the "
      "loss "
      "and can be compared. Errors are relative to the norm of the whole exact gradient: the root of the sum of their "
      "squares is the "
      "relative error {}.</p>",
      escape_markup(gradient.rule), gradient.plant == "chip" ? "emulated chip" : "circuit with ideal hardware",
      significant(gradient.relative_error, 2));
}

}  // namespace

std::string gradient_section(const RunRecord& record) {
  const auto& gradient = record.gradient;
  if (gradient.parameters.empty()) return {};
  return section(
      "Gradient", caption_of(gradient),
      fmt::format("<div class=\"pair\">\n<figure><h4>Local rule against exact gradient</h4>{}</figure>\n"
                  "<figure><h4>Error of each parameter's derivative</h4>{}</figure>\n</div>\n"
                  "<h4>Sensitivities p \u2202L/\u2202p</h4>\n{}{}",
                  draw_gradient_scatter(gradient), draw_gradient_errors(gradient), parameter_table(gradient),
                  loss_table(gradient)));
}

std::string rules_section(const RunRecord& record) {
  const auto& classification = record.classification;
  if (classification.rows.empty()) return {};
  HtmlTable table({{"rule"}, {"on this circuit"}, {"reason"}}, "rules");
  for (const auto& row : classification.rows) {
    const auto mark = row.chosen ? " <span class=\"chosen\">this run</span>" : "";
    table.add_row({fmt::format("<code>{}</code>{}", escape_markup(row.rule), mark),
                   escape_markup(verdict_text(row.verdict)), escape_markup(row.reason)},
                  row.chosen ? "chosen" : (row.verdict.starts_with("exact") ? "" : "faint"));
  }
  std::string body = table.markup();
  if (!classification.note.empty())
    body += fmt::format("<p class=\"remark\">{}</p>\n", escape_markup(classification.note));
  return section(
      "Learning rules",
      "<p>Which local rules give the true gradient on this circuit, by its elements alone, and which element stands in "
      "the way of the others.</p>",
      body);
}

}  // namespace tellegen::report
