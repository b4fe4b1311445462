#pragma once
// The drawings of the report that need no zoom: each returns SVG markup.

#include <string>
#include <vector>

#include "runtime/report/run_record.hpp"

namespace tellegen::report {

/// Estimate against exact derivative of every parameter, both times the parameter's value, with the line of identity.
[[nodiscard]] std::string draw_gradient_scatter(const GradientCheck& gradient);

/// Share of every parameter in the relative error: |estimate - exact| over the norm of the exact gradient, worst on
/// top.
[[nodiscard]] std::string draw_gradient_errors(const GradientCheck& gradient);

/// The phases as a bar to scale, and below it stretched so that each one can carry its name.
[[nodiscard]] std::string draw_phases(const PhaseTimeline& timeline);

/// Gradient fidelity (1 - cosine, and relative error) against analog steps per clock; `used` marks the run's own
/// timing.
[[nodiscard]] std::string draw_timing_study(const std::vector<TimingRow>& rows, double used);

/// Euclidean norm of the exact gradient, entries weighted to the unit of the loss.
[[nodiscard]] double exact_norm(const GradientCheck& gradient);

}  // namespace tellegen::report
