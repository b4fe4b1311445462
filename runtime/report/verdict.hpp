#pragma once
// What a run means, in plain English: derived from the numbers alone, so that it can never contradict them.

#include <string>
#include <vector>

#include "runtime/report/run_record.hpp"

namespace tellegen::report {

enum class Tone { good, caution, bad };

/// Verdict on the gradient and what else a reader must know. UTF-8, not escaped.
struct Verdict {
  Tone tone = Tone::good;
  std::string sentence;              // on the gradient
  std::vector<std::string> details;  // classification, training, agreement of the plants, limits; a sentence each
};

/// Verdict of the classification with its Greek letter and arrow: "exact as beta -> 0" -> "exact as β → 0".
[[nodiscard]] std::string verdict_text(const std::string& verdict);

/// The gradient counts as true when its cosine is at least 0.999 and its relative error at most 5 %, and as roughly
/// right from a cosine of 0.9; a stated limit on the cosine that was missed turns the tone to bad.
[[nodiscard]] Verdict verdict_of(const RunRecord& record);

}  // namespace tellegen::report
