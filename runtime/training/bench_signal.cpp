#include "runtime/training/bench_signal.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "hw_models/expression/expression.hpp"
#include "runtime/files/atomic_file.hpp"

namespace tellegen {
namespace {

/// Times closer than this fraction of a step are the same.
constexpr double time_tolerance = 1e-6;

std::string_view time_column_of(const CsvFile& csv) {
  for (const std::string_view name : {"t", "time"})
    if (csv.has_column(name)) return name;
  return {};
}

void refuse_without_csv(const BenchTable& table) {
  for (const std::string_view key : {"column", "skip"})
    if (table.has(key)) table.fail(key, "only a csv file has this");
}

/// Times of a file, from the last row left out on; checked to increase.
std::vector<double> increasing_times(const CsvFile& csv, std::string_view time_column, std::size_t skip) {
  auto times = csv.column(time_column);
  for (std::size_t row = 1; row < times.size(); ++row)
    if (times[row] <= times[row - 1])
      throw InputError(csv.where(row), fmt::format("column \"{}\"", time_column),
                       fmt::format("times must increase, but {} s comes after {} s", times[row], times[row - 1]));
  const double origin = skip > 0 ? times[skip - 1] : 0.0;
  times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(skip));
  for (auto& t : times) t -= origin;
  return times;
}

}  // namespace

const std::vector<std::string_view>& SignalReader::keys() {
  static const std::vector<std::string_view> all{"csv", "column", "skip", "samples", "expr", "scale"};
  return all;
}

bool SignalReader::describes(const BenchTable& table) {
  return std::any_of(keys().begin(), keys().end(), [&](std::string_view key) { return table.has(key); });
}

std::vector<double> SignalReader::read(const BenchTable& table) {
  const int given = int{table.has("csv")} + int{table.has("samples")} + int{table.has("expr")};
  if (given != 1)
    throw InputError(
        table.where(), table.label(),
        fmt::format("one of \"csv\", \"samples\" and \"expr\" is expected, got {}", given == 0 ? "none" : "several"));
  if (!table.has("csv")) refuse_without_csv(table);
  auto samples = table.has("csv")       ? read_csv(table)
                 : table.has("samples") ? read_samples(table)
                                        : read_expression(table);
  const double scale = table.number("scale", 1.0);
  for (auto& sample : samples) sample *= scale;
  return samples;
}

std::vector<double> SignalReader::read_samples(const BenchTable& table) const {
  auto samples = table.numbers("samples");
  if (samples.size() < grid_.steps)
    table.fail("samples", fmt::format("{} samples for {} steps, expected one per step: n = 1..{}", samples.size(),
                                      grid_.steps, grid_.steps));
  samples.resize(grid_.steps);
  return samples;
}

std::vector<double> SignalReader::read_expression(const BenchTable& table) const {
  const auto expression = Expression::parse(table.text("expr"), table.where("expr"), table.subject("expr"));
  for (const auto& variable : expression.variables())
    if (variable != "t" && variable != "time")
      table.fail("expr", fmt::format("unknown name \"{}\"; the only variable is the time t [s]", variable));
  std::vector<double> samples(grid_.steps);
  std::vector<double> arguments(expression.variables().size());
  for (std::size_t n = 1; n <= grid_.steps; ++n) {
    std::fill(arguments.begin(), arguments.end(), grid_.time(n));
    samples[n - 1] = expression.evaluate(arguments);
    if (!std::isfinite(samples[n - 1]))
      table.fail("expr", fmt::format("the value at t = {} is not finite", engineering(grid_.time(n), "s")));
  }
  return samples;
}

const CsvFile& SignalReader::file(const BenchTable& table) {
  const auto name = table.text("csv");
  const auto path = (folder_ / name).lexically_normal();
  if (const auto found = files_.find(path); found != files_.end()) return found->second;
  std::string text;
  try {
    text = read_whole_file(path);
  } catch (const InputError& error) {
    table.fail("csv", error.what());
  }
  return files_.emplace(path, CsvFile::parse(std::move(text), path.string())).first->second;
}

std::vector<double> SignalReader::read_csv(const BenchTable& table) {
  const auto& csv = file(table);
  const auto column = table.text("column", "value");
  if (!csv.has_column(column))
    throw InputError(
        table.where(table.has("column") ? "column" : "csv"), table.subject("column"),
        fmt::format("\"{}\" has no column \"{}\"; it has {}", csv.file(), column, fmt::join(csv.columns(), ", ")));
  const auto skip_given = table.integer("skip", 0);
  if (skip_given < 0) table.fail("skip", fmt::format("a number of rows is expected, got {}", skip_given));
  const auto skip = static_cast<std::size_t>(skip_given);
  if (skip >= csv.rows())
    table.fail(table.has("skip") ? "skip" : "csv",
               fmt::format("no row of \"{}\" is left: it has {} and {} are skipped", csv.file(), csv.rows(), skip));
  auto values = csv.column(column);
  const auto time_column = time_column_of(csv);
  if (!time_column.empty() && time_column != column) return on_grid(csv, time_column, values, skip);
  if (values.size() < skip + grid_.steps)
    table.fail("csv", fmt::format("\"{}\" has {} rows after the {} skipped, expected one for each of the {} steps",
                                  csv.file(), values.size() - skip, skip, grid_.steps));
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(skip));
  values.resize(grid_.steps);
  return values;
}

std::vector<double> SignalReader::on_grid(const CsvFile& csv, std::string_view time_column,
                                          const std::vector<double>& values, std::size_t skip) const {
  const auto times = increasing_times(csv, time_column, skip);
  const double tolerance = time_tolerance * grid_.step;
  const double first_covered = times.front() - grid_.step;
  if (grid_.time(1) < first_covered - tolerance || grid_.time(grid_.steps) > times.back() + tolerance)
    throw InputError({csv.file(), 0}, fmt::format("column \"{}\"", time_column),
                     fmt::format("the file covers {} to {}, the bench's steps lie at {} to {}",
                                 engineering(std::max(first_covered, 0.0), "s"), engineering(times.back(), "s"),
                                 engineering(grid_.time(1), "s"), engineering(grid_.time(grid_.steps), "s")));
  std::vector<double> samples(grid_.steps);
  std::size_t right = 0;  // first row at or after t_n
  for (std::size_t n = 1; n <= grid_.steps; ++n) {
    const double t = grid_.time(n);
    while (right + 1 < times.size() && times[right] < t - tolerance) ++right;
    const double* value = values.data() + skip + right;
    if (right == 0 || times[right] <= t + tolerance) {
      samples[n - 1] = *value;
    } else {
      const double part = (t - times[right - 1]) / (times[right] - times[right - 1]);
      samples[n - 1] = value[-1] + part * (value[0] - value[-1]);
    }
  }
  return samples;
}

}  // namespace tellegen
