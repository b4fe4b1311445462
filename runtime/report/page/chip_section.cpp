#include <fmt/format.h>

#include <cmath>

#include "runtime/report/drawing/drawings.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/page/html_table.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {
namespace {

std::string share_text(double part, double whole) {
  const double percent = 100 * part / whole;
  if (!std::isfinite(percent)) return "\u2013";
  if (percent > 0 && percent < 0.1) return "&lt;\u202F0.1\u00A0%";
  return fmt::format("{:.1f}\u00A0%", percent);
}

std::string phase_table(const PhaseTimeline& timeline) {
  HtmlTable table({{"", Align::right},
                   {"phase"},
                   {"cycles", Align::right},
                   {"time", Align::right},
                   {"share", Align::right},
                   {"memory held", Align::right},
                   {"what happens"}});
  int number = 0;
  const double total = timeline.total_time();
  for (const auto& phase : timeline.phases)
    table.add_row({std::to_string(++number), escape_markup(phase_text(phase.name)), count_text(phase.cycles),
                   quantity(phase.time, "s", 4), share_text(phase.time, total),
                   phase.memory_bits == 0 ? "\u2013" : bits_text(phase.memory_bits), escape_markup(phase.action)});
  table.add_total({"", "one pass", count_text(timeline.total_cycles()), quantity(total, "s", 4), "", "", ""});
  return table.markup();
}

std::string memory_table(const PhaseTimeline& timeline) {
  if (timeline.memory.empty()) return {};
  HtmlTable table({{"memory"}, {"words", Align::right}, {"size", Align::right}});
  for (const auto& row : timeline.memory)
    table.add_row({escape_markup(row.name), count_text(row.words), bits_text(row.bits)});
  table.add_total({"together", "", bits_text(timeline.total_bits())});
  return table.markup();
}

std::string operation_table(const PhaseTimeline& timeline) {
  if (timeline.operations.empty()) return {};
  const bool has_energy = timeline.operations.front().energy.has_value();
  std::vector<TableColumn> columns{{"operation"}, {"a learning cycle", Align::right}};
  if (has_energy) columns.push_back({"energy", Align::right});
  HtmlTable table(std::move(columns));
  double total = 0;
  for (const auto& row : timeline.operations) {
    std::vector<std::string> cells{escape_markup(row.name), count_text(row.count)};
    if (has_energy) cells.push_back(quantity(row.energy.value_or(0), "J", 4));
    total += row.energy.value_or(0);
    table.add_row(std::move(cells));
  }
  if (has_energy) table.add_total({"together", "", quantity(total, "J", 4)});
  return "<h3>Operations</h3>\n<div class=\"narrow\">" + table.markup() + "</div>\n";
}

std::string stated_table(const PhaseTimeline& timeline) {
  if (timeline.stated.empty()) return {};
  HtmlTable table({{"option"}, {"value", Align::right}, {"what it is"}});
  for (const auto& option : timeline.stated) table.add_row({"<code>" + escape_markup(option.name) + "</code>", escape_markup(option.value), escape_markup(option.meaning)});
  return "<h3>Stated of the chip</h3>\n" + table.markup();
}

std::string timing_body(const RunRecord& record) {
  if (record.timing_study.empty()) return {};
  const double used = record.timeline ? record.timeline->analog_steps_per_clock : 0;
  HtmlTable table({{"steps per clock", Align::right},
                   {"clock", Align::right},
                   {"cosine", Align::right},
                   {"relative error", Align::right}});
  for (const auto& row : record.timing_study)
    table.add_row({setting(row.analog_steps_per_clock, ""), setting(row.clock, "Hz"), cosine_text(row.cosine),
                   significant(row.relative_error, 2)},
                  row.analog_steps_per_clock == used ? "chosen" : "");
  return fmt::format(
      "<h3>Gradient against clock</h3>\n<div class=\"pair wide\">\n<figure>{}</figure>\n<div>{}</div>\n</div>\n",
      draw_timing_study(record.timing_study, used), table.markup());
}

std::string agreement_text(const ChipAgainstDirect& agreement) {
  if (agreement.is_bit_for_bit())
    return "<h3>Chip against direct solver</h3>\n<p>The same run without the chip, straight on the circuit solver: gradients and updated "
           "parameters agree <b>to the last bit</b>.</p>\n";
  return fmt::format(
      "<h3>Chip against direct solver</h3>\n<p>The same run without the chip, straight on the circuit solver: "
      "gradients differ by at "
      "most <b>{}</b>, parameters by <b>{}</b> (relative). That is {} the stated {}.</p>\n",
      significant(agreement.gradient_difference, 2), significant(agreement.parameter_difference, 2),
      agreement.agrees() ? "within" : "<b class=\"missed\">more than</b>", setting(agreement.tolerance, ""));
}

}  // namespace

std::string chip_section(const RunRecord& record) {
  std::string body;
  if (const auto& timeline = record.timeline) {
    body += fmt::format(
        "<h3>Phases of one pass</h3>\n<figure>{}<figcaption>Above: to scale. Below: stretched, so that each phase can "
        "carry its "
        "name.</figcaption></figure>\n{}",
        draw_phases(*timeline), phase_table(*timeline));
  }
  body += timing_body(record);
  if (record.timeline) {
    const auto memory = memory_table(*record.timeline);
    if (!memory.empty()) body += "<h3>Memory on the chip</h3>\n<div class=\"narrow\">" + memory + "</div>\n";
  }
  if (record.timeline) body += operation_table(*record.timeline) + stated_table(*record.timeline);
  if (record.chip_against_direct) body += agreement_text(*record.chip_against_direct);
  std::string caption =
      "<p>How the phase program runs on the emulated chip, what it must store, and how coarse the clock may be "
      "before the gradient suffers.</p>";
  if (const auto& timeline = record.timeline)
    caption +=
        fmt::format("<p>Clock {}, {} analog step{} per clock.</p>", setting(timeline->clock, "Hz"),
                    setting(timeline->analog_steps_per_clock, ""), timeline->analog_steps_per_clock == 1 ? "" : "s");
  return section("Chip timing", caption, body);
}

}  // namespace tellegen::report
