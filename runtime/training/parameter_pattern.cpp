#include "runtime/training/parameter_pattern.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "runtime/training/nearest_name.hpp"

namespace tellegen {
namespace {

std::string_view last_name(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

std::string_view device_of(std::string_view name) { return name.substr(0, name.rfind('.')); }

/// A literal name is itself, even where it holds what a pattern would take for brackets.
bool matches(const std::string& pattern, const std::string& name) {
  return pattern == name || ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

/// What a pattern that chooses nothing may have meant.
std::string hint(const std::string& pattern, const Circuit& circuit) {
  if (circuit.parameters().empty()) return "the circuit has no parameters";
  std::vector<std::string_view> names, of_device;
  for (const auto& parameter : circuit.parameters()) {
    names.push_back(parameter.name);
    const std::string device(device_of(parameter.name));
    if (device == pattern || matches(std::string(device_of(pattern)), device)) of_device.push_back(parameter.name);
  }
  constexpr std::size_t most = 8;
  const auto listed = [=](std::vector<std::string_view> all) {
    const auto more = all.size() > most ? ", .." : "";
    all.resize(std::min(all.size(), most));
    return fmt::format("{}{}", fmt::join(all, ", "), more);
  };
  if (!of_device.empty()) return fmt::format("there are {}", listed(of_device));
  if (const auto nearest = nearest_name(pattern, names); !nearest.empty())
    return fmt::format("did you mean \"{}\"?", nearest);
  return fmt::format("there are {}", listed(names));
}

void refuse_two_names_of_one_value(std::span<const std::size_t> chosen, const Circuit& circuit,
                                   std::span<const ParameterPattern> patterns, std::string_view subject) {
  std::unordered_map<std::int32_t, const Parameter*> by_slot;
  for (const auto index : chosen) {
    const auto& parameter = circuit.parameters()[index];
    const auto [other, is_new] = by_slot.emplace(parameter.slot, &parameter);
    if (is_new) continue;
    const auto& named = parameter.primary ? *other->second : parameter;
    const auto culprit = std::find_if(patterns.begin(), patterns.end(),
                                      [&](const auto& pattern) { return chooses(pattern.text, named); });
    throw InputError(
        culprit->where, subject,
        fmt::format("{} and {} are two names of one value, expected one of them", other->second->name, parameter.name));
  }
}

/// Bounds of one parameter; the whole line where the bench says nothing.
Interval bounds_of(const Parameter& parameter, std::span<const ParameterBounds> bounds) {
  const ParameterBounds* found = nullptr;
  for (const auto& each : bounds) {
    if (!chooses(each.pattern.text, parameter)) continue;
    if (found != nullptr)
      throw InputError(each.pattern.where, "[train] bounds",
                       fmt::format("{} has two bounds, by \"{}\" and by \"{}\"", parameter.name, found->pattern.text,
                                   each.pattern.text));
    found = &each;
  }
  return found == nullptr ? Interval{} : interval_of(*found, parameter.unit);
}

}  // namespace

bool chooses(std::string_view pattern, const Parameter& parameter) {
  const auto text = lower_case(pattern);
  const auto name = lower_case(parameter.name);
  if (!parameter.primary && last_name(text) != last_name(name)) return false;
  return matches(text, name);
}

std::vector<std::size_t> choose_parameters(std::span<const ParameterPattern> patterns, const Circuit& circuit,
                                           std::string_view subject) {
  const auto parameters = circuit.parameters();
  std::vector<bool> is_chosen(parameters.size(), false);
  for (const auto& pattern : patterns) {
    bool any = false;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!chooses(pattern.text, parameters[i])) continue;
      is_chosen[i] = true;
      any = true;
    }
    if (!any)
      throw InputError(pattern.where, subject,
                       fmt::format("\"{}\" matches no parameter; {}", pattern.text, hint(pattern.text, circuit)));
  }
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (is_chosen[i]) chosen.push_back(i);
  refuse_two_names_of_one_value(chosen, circuit, patterns, subject);
  return chosen;
}

namespace {

/// Part of its first value below which a quantity that must stay positive never falls, where the bench sets no bound.
constexpr double smallest_part = 1e-3;

/// A capacitance, a scale or a conductance keeps its sign: no cell can be programmed through zero.
void keep_sign(const Parameter& parameter, double initial, Interval& bounds) {
  if (parameter.sign == Sign::any || std::isfinite(bounds.low) || initial <= 0) return;
  bounds.low = std::min(smallest_part * initial, bounds.high);
}

}  // namespace

TrainedParameters trained_parameters(const TrainSettings& train, const Circuit& circuit) {
  TrainedParameters out;
  out.indices = choose_parameters(train.parameters, circuit);
  for (const auto& bounds : train.bounds) {
    const auto is_bound = [&](std::size_t i) { return chooses(bounds.pattern.text, circuit.parameters()[i]); };
    if (std::none_of(out.indices.begin(), out.indices.end(), is_bound))
      throw InputError(bounds.pattern.where, "[train] bounds",
                       fmt::format("\"{}\" matches no parameter that is trained", bounds.pattern.text));
  }
  for (const auto index : out.indices) {
    const auto& parameter = circuit.parameters()[index];
    out.bounds.push_back(bounds_of(parameter, train.bounds));
    out.initial.push_back(circuit.parameter_value(parameter, circuit.initial_slots()));
    keep_sign(parameter, out.initial.back(), out.bounds.back());
    if (out.bounds.back().clip(out.initial.back()) != out.initial.back())
      throw InputError(train.parameters.front().where, "[train] bounds",
                       fmt::format("{} starts at {:g}, outside its bounds {:g} to {:g}", parameter.name, out.initial.back(), out.bounds.back().low,
                                   out.bounds.back().high));
    if (train.optimizer.scaling == RateScaling::value && out.initial.back() == 0.0)
      throw InputError(
          train.parameters.front().where, "[train] scaling",
          fmt::format("\"value\" gives {} a rate of zero, because it starts at zero; expected none, or another "
                      "start",
                      parameter.name));
  }
  return out;
}

}  // namespace tellegen
