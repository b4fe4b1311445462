#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <utility>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/sweep_section.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

using nlohmann::json;

constexpr std::size_t most_curves = 8;         // more cannot be told apart
constexpr std::size_t most_own_ticks = 9;      // more values get an axis with round numbers
constexpr double smallest_distance = 1e-16;    // of a double from one

bool has_several(const SweepRecord& record, std::size_t key) {
  std::set<std::string> texts;
  for (const auto& setting : record.settings) texts.insert(setting.values[key].text);
  return texts.size() > 1;
}

/// Settings that differ from the chosen one in these keys alone, in the order of the plan.
std::vector<std::size_t> through_chosen(const SweepRecord& record, const std::vector<std::size_t>& free) {
  const auto& chosen = record.settings[*record.chosen];
  std::vector<std::size_t> found;
  for (std::size_t k = 0; k < record.settings.size(); ++k) {
    bool fits = true;
    for (std::size_t key = 0; key < record.listed.size(); ++key)
      fits = fits && (std::ranges::find(free, key) != free.end() || record.settings[k].values[key].text == chosen.values[key].text);
    if (fits) found.push_back(k);
  }
  return found;
}

/// The key other than `key` with the fewest values, so that its curves can be told apart.
std::optional<std::size_t> family_of(const SweepRecord& record, std::size_t key) {
  std::optional<std::size_t> best;
  std::size_t fewest = 0;
  for (std::size_t other = 0; other < record.listed.size(); ++other) {
    if (other == key || !has_several(record, other)) continue;
    const auto count = through_chosen(record, {other}).size();
    if (!best || count < fewest) best = other, fewest = count;
  }
  return best;
}

bool is_numeric(const SweepRecord& record, std::size_t key) { return record.settings.front().values[key].number.has_value(); }

void sort_along(const SweepRecord& record, std::size_t key, std::vector<std::size_t>& settings) {
  if (is_numeric(record, key)) std::ranges::sort(settings, {}, [&](std::size_t k) { return *record.settings[k].values[key].number; });
}

/// Evenly thinned to what can be told apart; the chosen setting's curve stays.
std::vector<std::size_t> thinned(std::vector<std::size_t> members, std::size_t kept) {
  if (members.size() <= most_curves) return members;
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < most_curves; ++k) out.push_back(members[k * (members.size() - 1) / (most_curves - 1)]);
  if (std::ranges::find(out, kept) == out.end()) out[most_curves / 2] = kept;
  return out;
}

/// Unit of an axis, with the prefix or the power of ten that keeps its labels short.
struct AxisUnit {
  int exponent = 0;
  std::string text;
};

AxisUnit axis_unit(const std::vector<double>& values, const std::string& unit) {
  double largest = 0;
  for (const double value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  if (const int exponent = prefix_exponent(largest, unit); exponent != 0) return {exponent, prefixed_unit(exponent, unit)};
  if (largest == 0 || (largest >= 0.01 && largest < 1e4)) return {0, unit_text(unit)};
  // Units without prefixes, and no unit at all: the power of ten stands before it.
  const int exponent = static_cast<int>(std::floor(std::log10(largest) / 3)) * 3;
  return {exponent, unit.empty() ? power_of_ten(exponent) : power_of_ten(exponent) + "\u00A0" + unit_text(unit)};
}

bool wants_log(const std::vector<double>& values) {
  double low = HUGE_VAL, high = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    if (!(value > 0)) return false;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return high > 10 * low;
}

struct Quantity {
  std::string name;
  std::string unit;
  std::function<Spread(const SweepSetting&)> spread;
  bool always_log = false;
  std::optional<double> limit = std::nullopt;
};

json series(std::string_view label, std::string_view role, const std::vector<double>& values) {
  return {{"label", clean_text(label)}, {"role", role}, {"values", values}};
}

/// Data of one chart. With several chips a curve is the median, with a band from the best chip to the quantile's.
json chart_of(const SweepRecord& record, const SweepSlice& slice, const Quantity& quantity) {
  const auto& first = slice.curves.front();
  const bool numeric = is_numeric(record, slice.key);
  std::vector<double> grid;
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < first.size(); ++k) {
    const auto& value = record.settings[first[k]].values[slice.key];
    grid.push_back(numeric ? *value.number : static_cast<double>(k));
    texts.push_back(value.text);
  }
  const auto& key = record.listed[slice.key];
  const bool has_own_ticks = !numeric || grid.size() <= most_own_ticks;
  const auto x_unit = has_own_ticks ? AxisUnit{} : axis_unit(grid, key.unit);
  for (auto& x : grid) x *= std::pow(10.0, -x_unit.exponent);
  std::vector<double> all;
  for (const auto& curve : slice.curves)
    for (const auto k : curve) {
      const auto spread = quantity.spread(record.settings[k]);
      all.insert(all.end(), {spread.median, record.monte_carlo ? spread.best : spread.median, record.monte_carlo ? spread.quantile : spread.median});
    }
  const bool y_log = quantity.always_log || wants_log(all);
  const auto unit = y_log ? AxisUnit{0, unit_text(quantity.unit)} : axis_unit(all, quantity.unit);
  const double factor = std::pow(10.0, -unit.exponent);
  auto list = json::array(), bands = json::array();
  const auto values_of = [&](const std::vector<std::size_t>& curve, double Spread::*which) {
    std::vector<double> values;
    for (const auto k : curve) values.push_back(quantity.spread(record.settings[k]).*which * factor);
    return values;
  };
  for (std::size_t c = 0; c < slice.curves.size(); ++c)
    list.push_back(series(slice.names[c].empty() ? quantity.name : slice.names[c], "curve", values_of(slice.curves[c], &Spread::median)));
  for (std::size_t c = 0; record.monte_carlo && c < slice.curves.size(); ++c) {
    bands.push_back({list.size() + 1, list.size() + 2});  // the first series of a plot is its abscissa
    list.push_back(series("", "edge", values_of(slice.curves[c], &Spread::quantile)));
    auto best = series("", "edge", values_of(slice.curves[c], &Spread::best));
    best["rank"] = c;
    list.back()["rank"] = c;
    list.push_back(std::move(best));
  }
  if (quantity.limit) list.push_back(series("limit", "limit", std::vector<double>(grid.size(), *quantity.limit)));
  const bool x_log = numeric && key.logarithmic && std::ranges::all_of(grid, [](double value) { return value > 0; });
  json chart{{"group", ""},
             {"marks", true},
             {"x", {{"name", clean_text(key.name)}, {"unit", x_unit.text}, {"title", true}, {"log", x_log}, {"own", has_own_ticks}, {"words", !numeric}, {"texts", texts}}},
             {"y", {{"name", quantity.name}, {"unit", unit.text}, {"log", y_log}}},
             {"grid", grid},
             {"series", std::move(list)}};
  if (!bands.empty()) chart["bands"] = std::move(bands);
  return chart;
}

Spread distances(const Spread& cosine) {
  return {shown_distance(cosine.best), shown_distance(cosine.median), shown_distance(cosine.quantile), shown_distance(cosine.worst)};
}

}  // namespace

double shown_distance(double cosine) { return std::isfinite(cosine) ? std::max(1 - cosine, smallest_distance) : cosine; }

std::vector<SweepSlice> slices_of(const SweepRecord& record) {
  std::vector<SweepSlice> slices;
  if (!record.chosen) return slices;
  for (std::size_t key = 0; key < record.listed.size(); ++key) {
    if (!has_several(record, key)) continue;
    SweepSlice slice{.key = key, .family = family_of(record, key), .curves = {}, .names = {}};
    if (slice.family) {
      auto members = through_chosen(record, {*slice.family});
      sort_along(record, *slice.family, members);
      for (const auto member : thinned(std::move(members), *record.chosen)) {
        const auto& text = record.settings[member].values[*slice.family].text;
        auto curve = through_chosen(record, {key, *slice.family});
        std::erase_if(curve, [&](std::size_t k) { return record.settings[k].values[*slice.family].text != text; });
        slice.curves.push_back(std::move(curve));
        slice.names.push_back(text);
      }
    } else {
      slice.curves = {through_chosen(record, {key})};
      slice.names = {""};
    }
    for (auto& curve : slice.curves) sort_along(record, key, curve);
    slices.push_back(std::move(slice));
  }
  return slices;
}

std::vector<SweepChart> charts_of(const SweepRecord& record, const SweepSlice& slice) {
  const auto against = [&](std::string_view what) { return fmt::format("{} against {}", what, record.listed[slice.key].name); };
  std::vector<SweepChart> charts;
  const auto add = [&](std::string_view title, const Quantity& quantity) { charts.push_back({against(title), chart_of(record, slice, quantity)}); };
  add("Distance of the cosine from one", {"1 \u2212 cosine", "", [](const SweepSetting& setting) { return distances(setting.cosine); }, true, shown_distance(record.cosine_limit)});
  add("Relative error", {"relative error", "", [](const SweepSetting& setting) { return setting.relative_error; }});
  const auto any = [&](auto member) { return std::ranges::any_of(record.settings, [&](const auto& setting) { return (setting.*member).has_value(); }); };
  const auto of = [](auto member) {
    return [member](const SweepSetting& setting) { return (setting.*member).value_or(Spread{NAN, NAN, NAN, NAN}); };
  };
  if (any(&SweepSetting::final_loss)) add("Loss after training", {"final loss", record.loss_unit, of(&SweepSetting::final_loss)});
  if (any(&SweepSetting::held_out_loss)) add("Held-out loss after training", {"held-out loss", record.loss_unit, of(&SweepSetting::held_out_loss)});
  return charts;
}

SweepChart chips_chart(const SweepRecord& record, std::size_t drawn) {
  std::vector<std::pair<double, double>> dots;
  for (const auto& point : record.points)
    if (point.setting == *record.chosen && point.status == PointStatus::done) dots.emplace_back(point.drawn[drawn].number.value_or(0), shown_distance(point.cosine));
  std::ranges::sort(dots);
  const auto& key = record.drawn[drawn];
  std::vector<double> grid, values;
  for (const auto& [x, y] : dots) grid.push_back(x), values.push_back(y);
  const auto unit = axis_unit(grid, key.unit);
  for (auto& x : grid) x *= std::pow(10.0, -unit.exponent);
  auto list = json::array({series("a chip", "dots", values), series("limit", "limit", std::vector<double>(grid.size(), shown_distance(record.cosine_limit)))});
  return {fmt::format("Distance of the cosine from one against {}, a dot for each chip", key.name),
          json{{"group", ""},
               {"marks", true},
               {"x", {{"name", clean_text(key.name)}, {"unit", unit.text}, {"title", true}, {"log", key.logarithmic}}},
               {"y", {{"name", "1 \u2212 cosine"}, {"unit", ""}, {"log", true}}},
               {"grid", grid},
               {"series", std::move(list)}}};
}

}  // namespace tellegen::report
