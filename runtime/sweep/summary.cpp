#include "runtime/sweep/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "tellegen/units/quantity_text.hpp"

namespace tellegen::sweep {
namespace {

using report::PointStatus;
using report::Spread;
using report::SweepPoint;
using report::SweepRecord;
using report::SweepSetting;

enum class Better { larger, smaller };

/// @param values  of the chips that have one; the others count as worse than any
Spread spread_of(std::vector<double> values, std::size_t chips, double share, Better better) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  std::ranges::sort(values);
  if (better == Better::smaller) std::ranges::reverse(values);
  // From the worst on: first those without a value.
  const auto without = chips - values.size();
  const auto at = [&](std::size_t rank) { return rank < without ? std::numeric_limits<double>::quiet_NaN() : values[rank - without]; };
  if (chips == 0) return {};
  const auto allowed = static_cast<std::size_t>(std::floor(share * static_cast<double>(chips) + 1e-9));
  return {.best = at(chips - 1), .median = at((chips - 1) / 2), .quantile = at(std::min(allowed, chips - 1)), .worst = at(0)};
}

template <class Get>
Spread spread_of(std::span<const SweepPoint> points, double share, Better better, Get&& get) {
  std::vector<double> values;
  for (const auto& point : points)
    if (point.status == PointStatus::done) values.push_back(get(point));
  return spread_of(std::move(values), points.size(), share, better);
}

void add_statistics(SweepSetting& setting, std::span<const SweepPoint> points, double share) {
  setting.chips = points.size();
  setting.without_result = static_cast<std::size_t>(std::ranges::count_if(points, [](const auto& point) { return point.status != PointStatus::done; }));
  setting.cosine = spread_of(points, share, Better::larger, std::mem_fn(&SweepPoint::cosine));
  setting.relative_error = spread_of(points, share, Better::smaller, std::mem_fn(&SweepPoint::relative_error));
  setting.loss = spread_of(points, share, Better::smaller, std::mem_fn(&SweepPoint::loss));
  const auto optional_spread = [&](auto member) -> std::optional<Spread> {
    if (std::ranges::none_of(points, [&](const auto& point) { return (point.*member).has_value(); })) return std::nullopt;
    return spread_of(points, share, Better::smaller, [&](const SweepPoint& point) { return (point.*member).value_or(NAN); });
  };
  setting.final_loss = optional_spread(&SweepPoint::final_loss);
  setting.held_out_loss = optional_spread(&SweepPoint::held_out_loss);
  for (const auto& point : points) {
    if (!point.cost) continue;
    if (!setting.cost) setting.cost = point.cost;
    setting.cost->cycles = std::max(setting.cost->cycles, point.cost->cycles);
    setting.cost->time = std::max(setting.cost->time, point.cost->time);
    setting.cost->memory_bits = std::max(setting.cost->memory_bits, point.cost->memory_bits);
    setting.cost->conversions = std::max(setting.cost->conversions, point.cost->conversions);
    if (point.cost->energy) setting.cost->energy = std::max(setting.cost->energy.value_or(0), *point.cost->energy);
  }
}

bool has_result(const SweepSetting& setting) { return std::isfinite(setting.cosine.quantile); }

std::vector<double> costs_in_order(const SweepSetting& setting, std::string_view order) {
  if (!setting.cost) return {};
  const double cycles = static_cast<double>(setting.cost->cycles), bits = static_cast<double>(setting.cost->memory_bits);
  if (order == "time") return {setting.cost->time, bits, cycles};
  if (order == "conversions") return {static_cast<double>(setting.cost->conversions), bits, setting.cost->time};
  if (order == "energy") return {setting.cost->energy.value_or(HUGE_VAL), bits, setting.cost->time};
  if (order == "cycles") return {cycles, bits, setting.cost->time};
  return {bits, setting.cost->time, cycles};
}

/// "12,480"
std::string grouped(std::uint64_t count) {
  auto digits = std::to_string(count);
  for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3) digits.insert(static_cast<std::size_t>(place), ",");
  return digits;
}

/// Six digits, but never rounded up to a limit that it misses.
std::string cosine_text(double cosine, double limit) {
  auto text = fmt::format("{:.6g}", cosine);
  return cosine < limit && std::stod(text) >= limit ? fmt::format("{:.12g}", cosine) : text;
}

std::string figures_text(const SweepRecord& record, const SweepSetting& setting) {
  auto text = fmt::format("cosine {}", cosine_text(setting.cosine.quantile, record.cosine_limit));
  if (record.monte_carlo) text += fmt::format(" there, median {:.6g}, worst {:.6g}", setting.cosine.median, setting.cosine.worst);
  if (setting.final_loss) text += fmt::format(", final loss {:.4g}{}{}", setting.final_loss->median, record.loss_unit.empty() ? "" : " ", record.loss_unit);
  if (setting.cost && record.cost_order == "conversions") text += fmt::format(", {} conversions", grouped(setting.cost->conversions));
  if (setting.cost && setting.cost->energy) text += fmt::format(", {}", engineering(*setting.cost->energy, "J"));
  if (setting.cost)
    text += fmt::format(", {} bits of memory, {} cycles, {}", grouped(setting.cost->memory_bits), grouped(setting.cost->cycles), engineering(setting.cost->time, "s"));
  return text;
}

std::string sentence_of(const SweepRecord& record) {
  const auto held = fmt::format("cosine >= {:g}{}", record.cosine_limit,
                                record.monte_carlo ? fmt::format(" on {:g} % of {} chips", 100 * (1 - record.quantile), record.chips) : "");
  const auto holding = std::ranges::count_if(record.settings, &SweepSetting::holds);
  if (!record.chosen) return fmt::format("no setting holds {}: none has a result", held);
  const auto& chosen = record.settings[*record.chosen];
  const auto which = fmt::format("{} ({})", setting_text(record, chosen), figures_text(record, chosen));
  if (!chosen.holds) return fmt::format("no setting holds {}; nearest: {}", held, which);
  // Without a chip there is nothing to pay for.
  if (!chosen.cost) return fmt::format("{} of {} settings hold {}; best: {}", holding, record.settings.size(), held, which);
  const auto same = std::ranges::count_if(record.settings, [&](const SweepSetting& other) {
    return &other != &chosen && other.holds && costs_in_order(other, record.cost_order) == costs_in_order(chosen, record.cost_order);
  });
  return fmt::format("cheapest setting with {}: {}{}", held, which,
                     same == 0 ? "" : fmt::format("; {} other{} that hold{} it cost{} the same", same, same == 1 ? "" : "s", same == 1 ? "s" : "", same == 1 ? "s" : ""));
}

}  // namespace

bool is_cheaper(const SweepSetting& a, const SweepSetting& b, std::string_view order) {
  const auto cost_a = costs_in_order(a, order), cost_b = costs_in_order(b, order);
  if (cost_a != cost_b) return cost_a < cost_b;
  return a.cosine.quantile > b.cosine.quantile;
}

std::string setting_text(const SweepRecord& record, const SweepSetting& setting) {
  std::string text;
  for (std::size_t k = 0; k < record.listed.size(); ++k)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", record.listed[k].name, setting.values[k].text);
  return text.empty() ? "the bench as it is" : text;
}

void summarise(SweepRecord& record) {
  for (std::size_t k = 0; k < record.settings.size(); ++k)
    add_statistics(record.settings[k], std::span(record.points).subspan(k * record.chips, record.chips), record.quantile);
  record.chosen.reset();
  for (auto& setting : record.settings) setting.holds = has_result(setting) && setting.cosine.quantile >= record.cosine_limit;
  for (std::size_t k = 0; k < record.settings.size(); ++k) {
    const auto& setting = record.settings[k];
    if (!has_result(setting)) continue;
    const auto* best = record.chosen ? &record.settings[*record.chosen] : nullptr;
    const bool better = best == nullptr || (setting.holds && !best->holds) || (setting.holds && is_cheaper(setting, *best, record.cost_order)) ||
                        (!setting.holds && !best->holds && setting.cosine.quantile > best->cosine.quantile);
    if (better) record.chosen = k;
  }
  record.sentence = sentence_of(record);
}

}  // namespace tellegen::sweep
