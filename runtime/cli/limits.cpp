#include "runtime/cli/limits.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace tellegen::cli {

report::LimitRow at_most(std::string name, double stated, double measured, std::string unit) {
  return {.name = std::move(name),
          .stated = stated,
          .measured = measured,
          .unit = std::move(unit),
          .sense = report::LimitSense::at_most,
          .met = measured <= stated};
}

std::vector<report::LimitRow> gradient_limits(const BenchLimits& limits, const report::GradientCheck& gradient) {
  std::vector<report::LimitRow> rows;
  if (limits.gradient_cosine)
    rows.push_back({.name = "gradient_cosine",
                    .stated = *limits.gradient_cosine,
                    .measured = gradient.cosine,
                    .unit = "",
                    .sense = report::LimitSense::at_least,
                    .met = gradient.cosine >= *limits.gradient_cosine});
  if (limits.relative_error)
    rows.push_back(at_most("relative_error", *limits.relative_error, gradient.relative_error, ""));
  return rows;
}

bool report_limits(const std::vector<report::LimitRow>& limits, bool talk) {
  bool all_met = true;
  for (const auto& limit : limits) {
    all_met = all_met && limit.met;
    const auto text = fmt::format("limit {}: {:.6g} {} {:.6g} stated{}\n", limit.name, limit.measured,
                                  limit.sense == report::LimitSense::at_least ? "against at least" : "against at most",
                                  limit.stated, limit.met ? ", met" : ", MISSED");
    if (!limit.met)
      std::fputs(text.c_str(), stderr);
    else if (talk)
      fmt::print("{}", text);
  }
  return all_met;
}

}  // namespace tellegen::cli
