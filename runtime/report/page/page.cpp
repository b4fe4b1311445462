#include <fmt/format.h>

#include "runtime/report/embedded_text.hpp"
#include "runtime/report/page/section.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/text_escape.hpp"

namespace tellegen::report {

std::string section(std::string_view title, std::string_view caption, std::string_view body) {
  if (body.empty()) return {};
  return fmt::format("<section>\n<header><h2>{}</h2>{}</header>\n<div class=\"body\">\n{}</div>\n</section>\n",
                     escape_markup(title), caption, body);
}

std::string whole_page(std::string_view title, std::string_view body, std::string_view charts, std::string_view tool_version) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  // Nothing may be fetched: what the page shows is what stands in this file.
  page +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += fmt::format("<title>{}</title>\n", escape_markup(title));
  page.append("<style>\n")
      .append(embedded::uplot_style)
      .append(embedded::page_style)
      .append("</style>\n</head>\n<body>\n");
  page.append("<main>\n").append(body);
  page += fmt::format("<footer>Tellegen {}. The charts are drawn by uPlot 1.6.32, MIT licence.</footer>\n",
                      escape_markup(tool_version));
  page += "</main>\n";
  page += fmt::format("<script type=\"application/json\" id=\"chart-data\">{}</script>\n", charts);
  page.append("<!-- uPlot\n").append(embedded::uplot_licence).append("\n-->\n");
  page.append("<script>\n").append(embedded::uplot_script).append("\n</script>\n");
  page.append("<script>\n").append(embedded::page_script).append("\n</script>\n</body>\n</html>\n");
  return page;
}

std::string render_html(const RunRecord& record) {
  std::string body;
  for (const auto part : {page_header, key_figures, limits_section, gradient_section, chip_section, training_section,
                          waveform_section, rules_section, circuit_section, run_section})
    body += raise_superscripts(part(record), "<sup>", "</sup>");
  return whole_page(record.title, body, chart_data(record), record.tool_version);
}

}  // namespace tellegen::report
