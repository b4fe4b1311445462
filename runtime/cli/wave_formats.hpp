#pragma once
// Results of analyses as files: CSV, SPICE raw, JSON, and the tables of `.print`.

#include <span>
#include <string>

#include "runtime/cli/simulation.hpp"

namespace tellegen::cli {

/// One line of names, then a row per point; every number has the digits that give it back exactly.
[[nodiscard]] std::string csv_text(const AnalysisResult& result);

/// Binary raw file as SPICE3 writes it and waveform viewers read it: one plot after the other.
[[nodiscard]] std::string raw_text(std::span<const AnalysisResult> results, const std::string& title);

/// { "analysis": .., "variables": [ { "name": .., "unit": .., "values": [..] } ] }
[[nodiscard]] std::string json_text(const AnalysisResult& result);

/// Table of these variables. A transient has a row at tstart and every tstep from there; between two computed points
/// the value is interpolated, as in SPICE.
[[nodiscard]] std::string table_text(const AnalysisResult& result, const std::vector<Variable>& variables);

/// Every variable of an operating point with its unit.
[[nodiscard]] std::string operating_point_text(const AnalysisResult& result);

}  // namespace tellegen::cli
