#pragma once
// A run record as files: result.json for programs, report.html for people, junit.xml for build servers.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "runtime/report/run_record.hpp"

namespace tellegen::report {

/// The whole record as JSON; a number that is not finite becomes null. Waveform values carry six significant digits.
/// Its block "gradcheck" is `gradcheck_json`.
[[nodiscard]] nlohmann::json to_json(const RunRecord& record);

/// What `tellegen gradcheck --json` prints: bench, rule, loss, classification of the rule, cosine, relative_error,
/// parameters.
[[nodiscard]] nlohmann::json gradcheck_json(const std::string& bench_name, const Classification& classification,
                                            const GradientCheck& gradient);

/// JSON as text that people can read too: indented, but an array of plain values stays on one line.
[[nodiscard]] std::string json_text(const nlohmann::json& value);

/// The report as one HTML page that refers to nothing outside itself.
[[nodiscard]] std::string render_html(const RunRecord& record);

/// JUnit XML: one test case per stated limit, and one for the agreement of chip and solver where that was compared.
[[nodiscard]] std::string render_junit(const RunRecord& record);

/// Writes report.html, result.json and junit.xml into `directory`, which is made when it is missing.
/// @throws InputError when the place cannot be written.
void write_run(const RunRecord& record, const std::filesystem::path& directory);

}  // namespace tellegen::report
