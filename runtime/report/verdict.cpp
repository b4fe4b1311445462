#include "runtime/report/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/report/number_text.hpp"

namespace tellegen::report {
namespace {

constexpr std::string_view unbroken = "\u00A0";

constexpr double true_cosine = 0.999;
constexpr double true_error = 0.05;
constexpr double rough_cosine = 0.9;

bool any_limit_missed(const RunRecord& record) {
  return std::any_of(record.limits.begin(), record.limits.end(), [](const LimitRow& limit) { return !limit.met; });
}

const ClassificationRow* row_of_rule(const RunRecord& record) {
  for (const auto& row : record.classification.rows)
    if (row.rule == record.gradient.rule) return &row;
  return nullptr;
}

std::string finding(const GradientCheck& gradient) {
  const auto subject = "The local rule " + gradient.rule;
  if (gradient.cosine >= true_cosine && gradient.relative_error <= true_error)
    return subject + " finds the true gradient";
  if (gradient.cosine >= true_cosine) return subject + " finds the direction of the true gradient, but not its size";
  if (gradient.cosine >= rough_cosine) return subject + " finds the direction of the true gradient only roughly";
  if (gradient.cosine > 0) return subject + " does not find the true gradient";
  return subject + " points away from the true gradient";
}

Tone tone_of(const GradientCheck& gradient) {
  if (gradient.cosine >= true_cosine && gradient.relative_error <= true_error) return Tone::good;
  return gradient.cosine >= rough_cosine ? Tone::caution : Tone::bad;
}

std::string sentence_of(const GradientCheck& gradient) {
  if (!std::isfinite(gradient.cosine) || !std::isfinite(gradient.relative_error))
    return "The gradient of the local rule " + gradient.rule +
           " cannot be judged: its comparison gave no finite number.";
  const auto numbers = fmt::format("cosine{0}{1}, relative error{0}{2}", unbroken, cosine_text(gradient.cosine),
                                   significant(gradient.relative_error, 2));
  if (gradient.rule == "adjoint") return "The exact adjoint, the reference itself, was used: " + numbers + ".";
  const auto where = gradient.plant == "chip" ? "at this chip timing" : "on ideal hardware";
  return fmt::format("{} {}: {}.", finding(gradient), where, numbers);
}

std::string classification_detail(const RunRecord& record) {
  const auto* row = row_of_rule(record);
  if (row == nullptr || row->rule == "adjoint") return {};
  const bool good = tone_of(record.gradient) == Tone::good;
  const bool exact = row->verdict.starts_with("exact");
  if (exact && !good)
    return fmt::format("On paper the rule is {} on this circuit, so the loss of fidelity comes from {}.",
                       verdict_text(row->verdict),
                       record.gradient.plant == "chip" ? "the chip (timing, converters, size of the nudge)"
                                                       : "the size of the nudge or the time step");
  if (exact) return fmt::format("On this circuit the rule is {}.", verdict_text(row->verdict));
  return fmt::format("On this circuit the rule is {}{}{}.", row->verdict, row->reason.empty() ? "" : ": ", row->reason);
}

std::string training_detail(const Training& training) {
  std::string text = fmt::format("Training ran for {} epoch{} with {}", training.epochs,
                                 training.epochs == 1 ? "" : "s", training.optimizer);
  if (training.train_loss.size() >= 2)
    text += fmt::format("; the training loss went from {} to {}",
                        quantity(training.train_loss.front(), training.loss_unit, 3),
                        quantity(training.train_loss.back(), training.loss_unit, 3));
  text += ".";
  if (!training.after) return text;
  const auto& after = *training.after;
  text += fmt::format(" {}: {} after training", after.label, quantity(after.value, after.unit, 3));
  if (training.before) text += fmt::format(", {} before", quantity(training.before->value, training.before->unit, 3));
  if (const auto& baseline = training.baseline)
    text += fmt::format(", {} for {}", quantity(baseline->value, baseline->unit, 3), baseline->label);
  return text + ".";
}

std::string agreement_detail(const ChipAgainstDirect& agreement) {
  if (agreement.is_bit_for_bit()) return "Chip and direct solver agree to the last bit, in gradients and in updated parameters.";
  return fmt::format("Chip and direct solver {}: gradients differ by at most {}, parameters by {} (relative).",
                     agreement.agrees() ? "agree" : "do not agree", significant(agreement.gradient_difference, 2),
                     significant(agreement.parameter_difference, 2));
}

std::string limits_detail(const std::vector<LimitRow>& limits) {
  std::string missed;
  for (const auto& limit : limits)
    if (!limit.met) missed += (missed.empty() ? "" : ", ") + limit.name;
  if (!missed.empty()) return "Stated limits missed: " + missed + ".";
  return limits.size() == 1 ? "The stated limit is met." : fmt::format("All {} stated limits are met.", limits.size());
}

}  // namespace

std::string verdict_text(const std::string& verdict) {
  return verdict == "exact as beta -> 0" ? "exact as \u03B2 \u2192 0" : verdict;
}

Verdict verdict_of(const RunRecord& record) {
  Verdict verdict{tone_of(record.gradient), sentence_of(record.gradient), {}};
  const auto add = [&](std::string text) {
    if (!text.empty()) verdict.details.push_back(std::move(text));
  };
  add(classification_detail(record));
  if (record.training) add(training_detail(*record.training));
  if (record.chip_against_direct) add(agreement_detail(*record.chip_against_direct));
  if (!record.limits.empty()) add(limits_detail(record.limits));

  const bool disagrees = record.chip_against_direct && !record.chip_against_direct->agrees();
  const bool cosine_missed = std::any_of(record.limits.begin(), record.limits.end(), [](const LimitRow& limit) {
    return !limit.met && limit.name == "gradient_cosine";
  });
  if (cosine_missed) verdict.tone = Tone::bad;
  if (verdict.tone == Tone::good && (any_limit_missed(record) || disagrees)) verdict.tone = Tone::caution;
  return verdict;
}

}  // namespace tellegen::report
