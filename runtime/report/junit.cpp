#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "runtime/report/render.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

struct TestCase {
  std::string name;
  std::string failure;  // empty when it passed
};

std::string unit_suffix(const std::string& unit) { return unit.empty() ? "" : " " + unit; }

TestCase case_of(const LimitRow& limit) {
  if (limit.met) return {limit.name, ""};
  const auto relation = limit.sense == LimitSense::at_least ? "at least" : "at most";
  const auto unit = unit_suffix(limit.unit);
  return {limit.name,
          fmt::format("measured {:.6g}{}, {} {:.6g}{} was stated", limit.measured, unit, relation, limit.stated, unit)};
}

TestCase case_of(const ChipAgainstDirect& agreement) {
  constexpr std::string_view name = "chip agrees with the direct solver";
  if (agreement.agrees()) return {std::string(name), ""};
  return {std::string(name),
          fmt::format("gradients differ by {:.3g}, parameters by {:.3g} (relative), at most {:.3g} was stated",
                      agreement.gradient_difference, agreement.parameter_difference, agreement.tolerance)};
}

}  // namespace

std::string render_junit(const RunRecord& record) {
  std::vector<TestCase> cases;
  for (const auto& limit : record.limits) cases.push_back(case_of(limit));
  if (record.chip_against_direct) cases.push_back(case_of(*record.chip_against_direct));

  const auto suite = escape_markup(record.bench_name);
  std::string body;
  int failures = 0;
  for (const auto& [name, failure] : cases) {
    body += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", suite, escape_markup(name));
    if (failure.empty()) {
      body += "/>\n";
      continue;
    }
    ++failures;
    body += fmt::format(">\n      <failure message=\"{}\"/>\n    </testcase>\n", escape_markup(failure));
  }
  const auto totals = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3f}\"", cases.size(), failures,
                                  std::isfinite(record.cost.wall) ? record.cost.wall : 0.0);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n  <testsuite name=\"{1}\" {0}>\n{2}  "
      "</testsuite>\n"
      "</testsuites>\n",
      totals, suite, body);
}

}  // namespace tellegen::report
