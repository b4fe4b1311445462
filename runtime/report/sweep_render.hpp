#pragma once
// A sweep as files and as a table on a terminal.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runtime/report/sweep_record.hpp"

namespace tellegen::report {

/// One row per point, RFC 4180: a column per key with its SI unit in brackets, then what was measured. Numbers in as many digits as they need
/// to come back; nothing where there is no value.
[[nodiscard]] std::string sweep_csv(const SweepRecord& record);

/// The whole record as JSON; a number that is not finite becomes null. The same bytes for the same results: no date, no times of the machine.
[[nodiscard]] nlohmann::json sweep_json(const SweepRecord& record);

/// The report as one HTML page that refers to nothing outside itself.
[[nodiscard]] std::string sweep_html(const SweepRecord& record);

/// One row per setting; of very many, the cheapest that hold the limit.
[[nodiscard]] std::string sweep_table(const SweepRecord& record);

/// Writes sweep.csv, sweep.json and report.html into `directory`, which exists.
/// @throws InputError when the place cannot be written
void write_sweep(const SweepRecord& record, const std::filesystem::path& directory);

}  // namespace tellegen::report
