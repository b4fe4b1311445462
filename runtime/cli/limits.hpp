#pragma once
#include "runtime/report/run_record.hpp"
#include "runtime/training/bench.hpp"

namespace tellegen::cli {

/// The bench's limits on the gradient against what was measured.
[[nodiscard]] std::vector<report::LimitRow> gradient_limits(const BenchLimits& limits,
                                                            const report::GradientCheck& gradient);

/// A limit that a measured value may not exceed.
[[nodiscard]] report::LimitRow at_most(std::string name, double stated, double measured, std::string unit);

/// True when all are met; says which are missed on standard error, and which are met where `talk`.
[[nodiscard]] bool report_limits(const std::vector<report::LimitRow>& limits, bool talk);

}  // namespace tellegen::cli
