#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/files/atomic_file.hpp"
#include "validation/rules_by_class/matrix.hpp"

namespace tellegen::test {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  return out;
}

struct Colour {
  double red, green, blue;
};

/// From deep blue (round-off) over pale to deep red (of the gradient's own size), by the decade of the error.
std::string colour_of(double error) {
  static constexpr std::array<Colour, 5> ramp{{{33, 102, 172}, {146, 197, 222}, {247, 247, 247}, {244, 165, 130}, {178, 24, 43}}};
  constexpr double lowest = -10, highest = 0.3;
  const double decade = std::isfinite(error) && error > 0 ? std::log10(error) : error == 0 ? lowest : highest;
  const double place = std::clamp((decade - lowest) / (highest - lowest), 0.0, 1.0) * (ramp.size() - 1);
  const auto left = std::min(static_cast<std::size_t>(place), ramp.size() - 2);
  const double part = place - static_cast<double>(left);
  const auto mix = [&](double Colour::*c) { return std::lround(ramp[left].*c + part * (ramp[left + 1].*c - ramp[left].*c)); };
  return fmt::format("rgb({},{},{})", mix(&Colour::red), mix(&Colour::green), mix(&Colour::blue));
}

bool is_dark(double error) { return !(error > 1e-8 && error < 0.3); }

/// "3.6 × 10⁻⁹" in HTML.
std::string number(double value) {
  if (value == 0) return "0";
  if (!std::isfinite(value)) return "diverges";
  const auto exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (exponent >= -2 && exponent <= 2) return fmt::format("{:.2g}", value);
  return fmt::format("{:.1f}&thinsp;·&thinsp;10<sup>{}</sup>", value / std::pow(10, exponent), fmt::format("{}{}", exponent < 0 ? "−" : "", std::abs(exponent)));
}

std::string_view mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::exact: return "●";
    case Verdict::exact_as_beta_vanishes: return "◐";
    case Verdict::biased: return "○";
    case Verdict::not_applicable: return "–";
  }
  return "";
}

std::string cell_html(const MatrixCell& cell) {
  const bool measured = cell.was_measured();
  const auto title = escaped(fmt::format("{}{}{}", name_of(cell.verdict), cell.reason.empty() ? "" : ": ", cell.reason));
  std::string content = fmt::format("<span class=mark>{}</span>", mark_of(cell.verdict));
  if (measured) {
    content += fmt::format("<b>{}</b>", number(cell.error()));
    if (cell.verdict == Verdict::biased && std::isfinite(cell.cosine())) content += fmt::format("<small>cos {:.2f}</small>", cell.cosine());
  } else {
    content += "<small>refused</small>";
  }
  const auto style = measured ? fmt::format("background:{};color:{}", colour_of(cell.error()), is_dark(cell.error()) ? "#fff" : "#111") : "";
  return fmt::format("<td class=\"{}{}\" style=\"{}\" title=\"{}\">{}</td>", measured ? "" : "none", cell.contradiction.empty() ? "" : " wrong", style, title,
                     content);
}

constexpr std::string_view style = R"css(
body{font:15px/1.5 system-ui,"Segoe UI",Helvetica,Arial,sans-serif;color:#1a1a1a;background:#fff;max-width:1340px;margin:2.2rem auto;padding:0 1.2rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2.2rem 0 .5rem}
p{max-width:64rem;margin:.4rem 0}.lead{color:#444}
.scroll{overflow-x:auto}
table.heat{border-collapse:separate;border-spacing:2px;font-size:12.5px;margin:1rem 0}
.heat th{font-weight:600;text-align:left;padding:.2rem .5rem;vertical-align:bottom}
.heat thead th{text-align:center;font-size:12px;line-height:1.25}
.heat tbody th{white-space:nowrap}.heat tbody th small{display:block;font-weight:400;color:#666;white-space:normal;max-width:17rem;line-height:1.25}
.heat td{position:relative;min-width:5.1rem;height:2.9rem;text-align:center;border-radius:3px;line-height:1.25;padding:.1rem .2rem;white-space:nowrap}
.heat td b{font-weight:600;display:block}.heat td small{display:block;opacity:.85;font-size:11px}
.heat td.none{background:repeating-linear-gradient(45deg,#f4f4f4 0 5px,#e9e9e9 5px 10px);color:#777}
.heat td.wrong{outline:3px solid #d4a000}
.mark{position:absolute;left:.25rem;top:.1rem;font-size:11px}
.heat sup{font-size:9px;line-height:0}
.legend{display:flex;gap:1.6rem;flex-wrap:wrap;align-items:center;font-size:13px;color:#333}
.bar{display:inline-block;width:220px;height:13px;border-radius:2px;vertical-align:middle;margin:0 .5rem}
table.list{border-collapse:collapse;font-size:13px}.list td,.list th{border-bottom:1px solid #e3e3e3;padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top}
.list td:first-child{white-space:nowrap;font-weight:600}
@media print{body{margin:0;max-width:none}.heat td{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

std::string heat_map(const Matrix& matrix) {
  std::string html = "<div class=scroll><table class=heat><thead><tr><th></th>";
  for (const auto& column : rule_columns()) html += fmt::format("<th>{}</th>", column.title);
  html += "</tr></thead><tbody>";
  for (std::size_t c = 0; c < matrix.cells.size(); ++c) {
    html += fmt::format("<tr><th>{}<small>{}</small></th>", circuit_classes()[c].title, circuit_classes()[c].what);
    for (const auto& cell : matrix.cells[c]) html += cell_html(cell);
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string legend() {
  std::string stops;
  for (int decade = -10; decade <= 0; ++decade) stops += fmt::format("{}{}", stops.empty() ? "" : ",", colour_of(std::pow(10, decade)));
  return fmt::format("<div class=legend><span>relative error <span>10<sup>−10</sup></span><span class=bar style=\"background:linear-gradient(90deg,{})\"></span>1"
                     "</span><span>● exact</span><span>◐ exact as β → 0</span><span>○ biased</span><span>– not applicable</span></div>",
                     stops);
}

/// Verdicts and demands, rule by rule.
std::string verdict_table(const Matrix& matrix) {
  std::string html;
  for (std::size_t r = 0; r < rule_columns().size(); ++r) {
    html += fmt::format("<h2>{}</h2><table class=list>", rule_columns()[r].title);
    for (std::size_t c = 0; c < matrix.cells.size(); ++c) {
      const auto& cell = matrix.cells[c][r];
      html += fmt::format("<tr><td>{}</td><td>{} {}</td><td>{}</td><td>{}</td></tr>", circuit_classes()[c].title, mark_of(cell.verdict), name_of(cell.verdict),
                          cell.was_measured() ? fmt::format("{} → {}", number(cell.coarse_error()), number(cell.error())) : std::string("refused"),
                          escaped(cell.reason));
    }
    html += "</table>";
    const auto& demands = matrix.cells.front()[r].demands;
    if (!demands.empty()) html += fmt::format("<p class=lead>Of the chip it demands: {}.</p>", escaped(fmt::format("{}", fmt::join(demands, "; "))));
  }
  return html;
}

nlohmann::json as_json(const MatrixCell& cell) {
  nlohmann::json trials = nlohmann::json::array();
  for (const auto& t : cell.trials) {
    nlohmann::json one{{"seed", t.seed}};
    if (t.refusal.empty()) {
      one.update({{"cosine", t.cosine}, {"error_at_beta_1e-2", t.coarse_error}, {"error_at_beta_1e-3", t.fine_error}});
      if (t.refined_error > 0) one["error_at_quarter_step"] = t.refined_error;
    } else {
      one["refused"] = t.refusal;
    }
    trials.push_back(std::move(one));
  }
  return {{"verdict", name_of(cell.verdict)}, {"reason", cell.reason}, {"demands", cell.demands}, {"trials", std::move(trials)}, {"contradiction", cell.contradiction}};
}

}  // namespace

void write_matrix(const Matrix& matrix, const std::filesystem::path& page, const std::filesystem::path& json) {
  std::size_t wrong = 0, count = 0;
  nlohmann::json all{{"circuits_per_class", matrix.circuits}, {"cells", nlohmann::json::array()}};
  for (std::size_t c = 0; c < matrix.cells.size(); ++c)
    for (std::size_t r = 0; r < matrix.cells[c].size(); ++r) {
      auto cell = as_json(matrix.cells[c][r]);
      cell["class"] = circuit_classes()[c].key;
      cell["rule"] = rule_columns()[r].title;
      all["cells"].push_back(std::move(cell));
      wrong += matrix.cells[c][r].contradiction.empty() ? 0 : 1;
      ++count;
    }
  const auto html = fmt::format(
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Learning rules by class of circuit"
      "</title><style>{}</style></head><body><h1>Which local rule gives the true gradient on which circuit</h1>"
      "<p class=lead>Relative error of each rule's gradient against the exact one at β = 10<sup>−3</sup>, median over {} random circuits of each class, and the "
      "classifier's verdict, given before anything ran. {} of {} cells agree with their verdict{}.</p>{}{}"
      "<p>Every entry of a gradient is multiplied by its parameter's value; error and cosine are those of the whole vector. The exact gradient is the adjoint of the "
      "discretised circuit, itself measured against central differences in the first column; action nudge is measured against the gradient of its own boundary-value path. "
      "Each rule has the drive that it asks for: constant inputs where a fixed point is nudged, a periodic one where cells lock in, the trapezoidal method where "
      "time is reversed. A cell marked ◐ has an error that falls a hundredfold from β = 10<sup>−2</sup> to 10<sup>−3</sup> (with the square of the step for the "
      "gain-flip echo); one marked ○ keeps it. Refused: the program says why instead of giving a number.</p>{}</body></html>\n",
      style, matrix.circuits, count - wrong, count, wrong ? "; the others are outlined" : "", legend(), heat_map(matrix), verdict_table(matrix));
  write_file_atomically(page, html);
  write_file_atomically(json, all.dump(1) + "\n");
}

}  // namespace tellegen::test
