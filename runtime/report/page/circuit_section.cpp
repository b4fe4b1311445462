#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/html_table.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_rows = 300;
constexpr std::size_t most_in_view = 60;

std::string order_text(double order) {
  if (order == 0.5) return "\u00BD";
  return setting(order, "");
}

std::string change_text(double initial, double final_value) {
  if (initial == 0 || !std::isfinite(final_value / initial)) return {};
  const double percent = 100 * (final_value / initial - 1);
  return fmt::format(" <small>({}{:.1f}\u00A0%)</small>", percent < 0 ? "\u2212" : "+", std::abs(percent));
}

std::string parameter_text(const ElementParameter& parameter) {
  const auto name = escape_markup(parameter.name);
  const bool moved = parameter.initial_value && parameter.final_value;
  if (!moved)
    return fmt::format("<span class=\"parameter\">{} {}{}</span>", name,
                       escape_markup(setting(parameter.value, parameter.unit)),
                       parameter.trained ? " <small>trainable</small>" : "");
  return fmt::format("<span class=\"parameter\">{} {} \u2192 <b>{}</b>{}</span>", name,
                     escape_markup(quantity(*parameter.initial_value, parameter.unit, 4)),
                     escape_markup(quantity(*parameter.final_value, parameter.unit, 4)),
                     change_text(*parameter.initial_value, *parameter.final_value));
}

std::string element_table(const std::vector<ElementRow>& elements) {
  HtmlTable table({{"element"}, {"kind"}, {"law"}, {"nodes"}, {"a, b"}, {"skew", Align::right}, {"parameters"}},
                  "elements");
  for (std::size_t k = 0; k < std::min(elements.size(), most_rows); ++k) {
    const auto& element = elements[k];
    std::string parameters;
    for (const auto& parameter : element.parameters) parameters += parameter_text(parameter);
    auto skew = element.skew;
    if (skew.starts_with('-')) skew.replace(0, 1, "\u2212");
    const bool has_orders = !element.law.empty() || !element.skew.empty();
    table.add_row({fmt::format("<code>{}</code>", escape_markup(element.name)), escape_markup(element.kind),
                   escape_markup(element.law), fmt::format("<code>{}</code>", escape_markup(element.nodes)),
                   has_orders ? fmt::format("{}, {}", order_text(element.order_out), order_text(element.order_in)) : "",
                   escape_markup(skew), parameters});
  }
  auto markup = table.markup();
  if (elements.size() > most_rows)
    markup += fmt::format("<p class=\"remark\">The first {} of {} elements; all are in result.json.</p>\n", most_rows,
                          count_text(elements.size()));
  if (elements.size() > most_in_view)
    markup = fmt::format("<details><summary>The elements</summary>\n{}</details>\n", markup);
  return markup;
}

}  // namespace

std::string circuit_section(const RunRecord& record) {
  const auto& circuit = record.circuit;
  if (circuit.elements.empty()) return {};
  std::string sources;
  for (const auto& source : circuit.sources)
    sources += fmt::format("{}<code>{}</code>", sources.empty() ? "" : ", ", escape_markup(source));
  const auto caption = fmt::format(
      "<p>{} nodes, {} branches, {} element{}. Sources: {}.</p><p>Every element follows i = D<sup>a</sup> "
      "f(D<sup>b</sup> \u03C6), "
      "\u03C6 the integral of its voltage; its skew is a \u2212 b. Elements of one skew share an exact echo.</p>",
      circuit.nodes, circuit.branches, circuit.elements.size(), circuit.elements.size() == 1 ? "" : "s",
      sources.empty() ? "none" : sources);
  return section("Circuit", caption, element_table(circuit.elements));
}

std::string run_section(const RunRecord& record) {
  HtmlTable table({{"quantity"}, {"value"}}, "plain");
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) table.add_row({std::string(name), escape_markup(value)});
  };
  add("bench", record.bench_name);
  add("bench file", record.bench_file);
  add("deck", record.deck_file);
  add("seed", std::to_string(record.seed));
  add("time step", quantity(record.grid.step, "s", 6));
  add("steps",
      fmt::format("{} ({})", count_text(static_cast<std::uint64_t>(std::max<std::int64_t>(record.grid.steps, 0))),
                  quantity(record.grid.step * static_cast<double>(record.grid.steps), "s", 4)));
  add("method", record.grid.method);
  add("start", record.grid.start);
  add("history of fractional orders", record.grid.history);
  add("simulated time, all passes", quantity(record.cost.simulated, "s", 4));
  add("wall time", quantity(record.cost.wall, "s", 3));
  if (record.cost.peak_memory)
    add("peak memory", fmt::format("{:.0f}\u00A0MiB", static_cast<double>(*record.cost.peak_memory) / 1048576.0));
  add("Tellegen", record.tool_version);
  add("date", record.date);
  return section("Run", "<p>What is needed to run it again and get the same bits.</p>",
                 "<div class=\"narrow\">" + table.markup() + "</div>");
}

}  // namespace tellegen::report
