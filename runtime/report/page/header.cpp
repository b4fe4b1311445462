#include <fmt/format.h>

#include <algorithm>

#include "runtime/report/number_text.hpp"
#include "runtime/report/page/html_table.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/text_escape.hpp"
#include "runtime/report/verdict.hpp"

namespace tellegen::report {
namespace {

std::string_view tone_name(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::caution:
      return "caution";
    case Tone::bad:
      return "bad";
  }
  return "bad";
}

std::string figure(std::string_view label, const std::string& value, const std::string& note) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", label, escape_markup(value),
                     escape_markup(note));
}

std::string nudge_text(const GradientCheck& gradient) {
  auto text = fmt::format("{} parameter{}", gradient.parameters.size(), gradient.parameters.size() == 1 ? "" : "s");
  if (gradient.beta != 0) text += ", \u03B2 = " + setting(gradient.beta, "");
  if (!gradient.sides.empty()) text += gradient.sides == "one" ? ", one-sided" : ", " + gradient.sides;
  return text;
}

std::string loss_figure(const RunRecord& record) {
  if (!record.training || record.training->train_loss.empty())
    return figure("Loss", quantity(record.gradient.loss, record.gradient.loss_unit, 4), "before any update");
  const auto& training = *record.training;
  return figure("Training loss", quantity(training.train_loss.back(), training.loss_unit, 3),
                fmt::format("from {} in {} epochs", quantity(training.train_loss.front(), training.loss_unit, 3),
                            training.epochs));
}

std::string held_out_figure(const Training& training) {
  std::string note;
  if (training.before) note = "before: " + quantity(training.before->value, training.before->unit, 3);
  if (training.baseline)
    note += fmt::format("{}{}: {}", note.empty() ? "" : "; ", training.baseline->label,
                        quantity(training.baseline->value, training.baseline->unit, 3));
  return figure(escape_markup(training.after->label), quantity(training.after->value, training.after->unit, 3), note);
}

}  // namespace

std::string page_header(const RunRecord& record) {
  const auto verdict = verdict_of(record);
  std::string details;
  for (const auto& detail : verdict.details) details += fmt::format("<li>{}</li>", escape_markup(detail));
  return fmt::format(
      "<header class=\"top\">\n<p class=\"maker\"><span>Tellegen <i>learning run</i></span><span>{}</span></p>\n"
      "<h1>{}</h1>\n<p class=\"subject\">{} <span>on</span> {}</p>\n"
      "<div class=\"verdict {}\"><p>{}</p>\n<ul>{}</ul></div>\n</header>\n",
      escape_markup(record.date), escape_markup(record.title), escape_markup(record.bench_file),
      escape_markup(record.deck_file), tone_name(verdict.tone), escape_markup(verdict.sentence), details);
}

std::string key_figures(const RunRecord& record) {
  const auto& gradient = record.gradient;
  std::string figures = figure("Gradient cosine", cosine_text(gradient.cosine), "local rule against exact adjoint");
  figures += figure("Relative error", significant(gradient.relative_error, 2), nudge_text(gradient));
  figures += loss_figure(record);
  if (record.training && record.training->after) figures += held_out_figure(*record.training);
  if (const auto& timeline = record.timeline)
    figures += figure(
        "One pass on the chip", quantity(timeline->total_time(), "s", 3),
        fmt::format("{} clock cycles at {}", count_text(timeline->total_cycles()), setting(timeline->clock, "Hz")));
  if (const auto& agreement = record.chip_against_direct)
    figures += figure("Chip against solver",
                      significant(std::max(agreement->gradient_difference, agreement->parameter_difference), 2),
                      agreement->agrees() ? "agree within " + setting(agreement->tolerance, "")
                                          : "more than the stated " + setting(agreement->tolerance, ""));
  if (!record.limits.empty()) {
    const auto met =
        std::count_if(record.limits.begin(), record.limits.end(), [](const auto& limit) { return limit.met; });
    figures += figure("Limits met", fmt::format("{} of {}", met, record.limits.size()), "stated by the bench");
  }
  figures += figure("Run time", quantity(record.cost.wall, "s", 3),
                    quantity(record.cost.simulated, "s", 3) + " of circuit time");
  const auto shown = std::count(figures.begin(), figures.end(), '\n');  // a line each
  const auto columns = shown <= 5 ? shown : (shown == 6 ? 3 : 4);
  return fmt::format("<dl class=\"figures\" style=\"--columns:{}\">\n{}</dl>\n", columns, figures);
}

std::string limits_section(const RunRecord& record) {
  if (record.limits.empty()) return {};
  HtmlTable table({{"limit"}, {"stated", Align::right}, {"measured", Align::right}, {"result"}});
  for (const auto& limit : record.limits) {
    const auto relation = limit.sense == LimitSense::at_least ? "\u2265\u202F" : "\u2264\u202F";
    // A cosine of 0.99998 must not be rounded to the limit that it is compared with.
    const bool is_cosine = limit.name.find("cosine") != std::string::npos;
    const auto measured = is_cosine ? cosine_text(limit.measured) : quantity(limit.measured, limit.unit, 4);
    table.add_row({fmt::format("<code>{}</code>", escape_markup(limit.name)),
                   escape_markup(relation + setting(limit.stated, limit.unit)), escape_markup(measured),
                   limit.met ? "<b class=\"met\">met</b>" : "<b class=\"missed\">missed</b>"},
                  limit.met ? "" : "missed");
  }
  return section("Limits",
                 "<p>What the bench demands of this run. A missed limit ends the program with exit code 1.</p>",
                 table.markup());
}

}  // namespace tellegen::report
