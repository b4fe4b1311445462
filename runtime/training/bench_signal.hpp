#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/solver/time_grid.hpp"
#include "runtime/training/bench_table.hpp"
#include "runtime/training/csv.hpp"

namespace tellegen {

/// Reads the waveforms that tables of a bench describe, as samples at t_n, n = 1..N.
///
/// | key       | meaning                                                                                          |
/// |-----------|--------------------------------------------------------------------------------------------------|
/// | `csv`     | data file, relative to the bench                                                                 |
/// | `column`  | its column, default "value"                                                                      |
/// | `skip`    | rows of it to leave out in front, default 0                                                      |
/// | `samples` | the samples themselves; those beyond N are left out                                              |
/// | `expr`    | expression in t [s]                                                                              |
/// | `scale`   | factor on all samples, default 1                                                                 |
///
/// Exactly one of `csv`, `samples` and `expr` is given. A file without a column `t` (or `time`) holds the samples n
/// = 1..N one a row; rows beyond are left out. With one, its times [s] must increase, and a sample is the row at t_n
/// (within 1e-6 of a step) or lies on the straight line between the rows around t_n; the first row is also held for the
/// step before it, and nothing is held after the last. With `skip`, the last row left out is time zero.
class SignalReader {
 public:
  /// Keys that describe a waveform.
  [[nodiscard]] static const std::vector<std::string_view>& keys();

  SignalReader(std::filesystem::path folder, const TimeGrid& grid) : folder_(std::move(folder)), grid_(grid) {}

  /// Whether the table describes a waveform.
  [[nodiscard]] static bool describes(const BenchTable& table);

  /// @throws InputError with the place in the bench or in the data file
  [[nodiscard]] std::vector<double> read(const BenchTable& table);

 private:
  std::vector<double> read_csv(const BenchTable& table);
  std::vector<double> read_samples(const BenchTable& table) const;
  std::vector<double> read_expression(const BenchTable& table) const;
  const CsvFile& file(const BenchTable& table);
  std::vector<double> on_grid(const CsvFile& csv, std::string_view time_column, const std::vector<double>& values,
                              std::size_t skip) const;

  std::filesystem::path folder_;
  TimeGrid grid_;
  std::map<std::filesystem::path, CsvFile> files_;  ///< each is read once
};

}  // namespace tellegen
