#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/sweep_section.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

constexpr std::size_t most_columns = 12;  // that a page holds
constexpr std::size_t most_rows = 60;
constexpr double decades_to_full = 4;     // of 1 - cosine from the limit

/// Blue where the limit holds, orange where it is missed, deeper with every decade.
std::string colour_of(double cosine, double limit) {
  if (!std::isfinite(cosine)) return "#eceff2";
  const double decades = std::log10(shown_distance(cosine) / shown_distance(limit));
  const double depth = std::min(1.0, 0.12 + std::abs(decades) / decades_to_full);
  return cosine >= limit ? fmt::format("rgba(11,87,164,{:.2f})", 0.62 * depth) : fmt::format("rgba(196,115,26,{:.2f})", 0.85 * depth);
}

/// Values of a key among the settings, each once, in the order of the plan.
std::vector<SweepValue> values_of(const SweepRecord& record, std::size_t key) {
  std::vector<SweepValue> values;
  for (const auto& setting : record.settings)
    if (std::ranges::find(values, setting.values[key].text, &SweepValue::text) == values.end()) values.push_back(setting.values[key]);
  return values;
}

}  // namespace

std::string cosine_map(const SweepRecord& record) {
  std::vector<std::size_t> keys;
  for (std::size_t k = 0; k < record.listed.size(); ++k)
    if (values_of(record, k).size() > 1) keys.push_back(k);
  if (keys.size() < 2 || !record.chosen) return {};
  auto rows = keys[0], columns = keys[1];
  if (values_of(record, columns).size() > values_of(record, rows).size()) std::swap(rows, columns);
  const auto across = values_of(record, columns);
  if (across.size() > most_columns || values_of(record, rows).size() > most_rows) return {};
  const auto& chosen = record.settings[*record.chosen];
  auto text = fmt::format("<div class=\"table\"><table class=\"map\"><thead><tr><th scope=\"col\">{} \u2193 &nbsp; {} \u2192</th>", escape_markup(record.listed[rows].name),
                          escape_markup(record.listed[columns].name));
  for (const auto& value : across) text += fmt::format("<th scope=\"col\">{}</th>", escape_markup(value.text));
  text += "</tr></thead><tbody>\n";
  for (const auto& down : values_of(record, rows)) {
    text += fmt::format("<tr><th scope=\"row\">{}</th>", escape_markup(down.text));
    for (const auto& value : across) {
      const auto found = std::ranges::find_if(record.settings, [&](const SweepSetting& setting) {
        for (std::size_t k = 0; k < record.listed.size(); ++k) {
          const auto& wanted = k == rows ? down.text : k == columns ? value.text : chosen.values[k].text;
          if (setting.values[k].text != wanted) return false;
        }
        return true;
      });
      const double cosine = found == record.settings.end() ? NAN : found->cosine.quantile;
      const bool is_chosen = found != record.settings.end() && &*found == &chosen;
      text += fmt::format("<td style=\"background:{}\"{}>{}</td>", colour_of(cosine, record.cosine_limit), is_chosen ? " class=\"here\"" : "",
                          std::isfinite(cosine) ? cosine_text(cosine) : "\u2013");
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace tellegen::report
