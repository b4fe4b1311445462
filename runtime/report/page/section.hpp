#pragma once
// The sections of the report page, in the order of reading. Each returns markup, or nothing when the record has no such
// part.

#include <string>
#include <string_view>

#include "runtime/report/run_record.hpp"

namespace tellegen::report {

/// One section: a title, a caption that says what is to be seen (markup), and its body (markup).
[[nodiscard]] std::string section(std::string_view title, std::string_view caption, std::string_view body);

/// A page that refers to nothing outside itself.
/// @param body    markup of its sections
/// @param charts  JSON of the charts that script draws into the places with `data-chart`
[[nodiscard]] std::string whole_page(std::string_view title, std::string_view body, std::string_view charts, std::string_view tool_version);

[[nodiscard]] std::string page_header(const RunRecord& record);
[[nodiscard]] std::string key_figures(const RunRecord& record);
[[nodiscard]] std::string limits_section(const RunRecord& record);
[[nodiscard]] std::string gradient_section(const RunRecord& record);
[[nodiscard]] std::string chip_section(const RunRecord& record);
[[nodiscard]] std::string training_section(const RunRecord& record);
[[nodiscard]] std::string waveform_section(const RunRecord& record);
[[nodiscard]] std::string rules_section(const RunRecord& record);
[[nodiscard]] std::string circuit_section(const RunRecord& record);
[[nodiscard]] std::string run_section(const RunRecord& record);

/// Data of all charts with zoom, as JSON that may stand inside a script element. Chart k belongs to the k-th place that
/// training_section and waveform_section leave for one.
[[nodiscard]] std::string chart_data(const RunRecord& record);

/// Place of the chart with this number in `chart_data`.
[[nodiscard]] std::string chart_place(std::size_t number, std::string_view title);

}  // namespace tellegen::report
