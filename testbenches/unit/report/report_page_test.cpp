#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>

#include "runtime/report/embedded_text.hpp"
#include "runtime/report/number_text.hpp"
#include "runtime/report/render.hpp"
#include "testbenches/unit/report/browser.hpp"
#include "testbenches/unit/report/sample_record.hpp"

using namespace tellegen::report;
using tellegen::tests::rendered;
namespace fs = std::filesystem;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string without(std::string text, std::string_view part) {
  const auto place = text.find(part);
  REQUIRE(place != std::string::npos);
  return text.erase(place, part.size());
}

fs::path sample_folder() { return fs::path(TELLEGEN_PROGRAM).parent_path().parent_path() / "report_sample"; }

}  // namespace

TEST_CASE("a report refers to nothing outside itself") {
  const auto page = render_html(sample_record());
  // uPlot's own licence line names its home; nothing else may name an address.
  const auto own = without(page, embedded::uplot_script);
  CHECK(contains(embedded::uplot_script, "https://github.com/leeoniya/uPlot"));
  CHECK_FALSE(contains(own, "http://"));
  CHECK_FALSE(contains(own, "https://"));
  CHECK_FALSE(contains(own, "<link"));
  CHECK_FALSE(contains(own, " src="));
  CHECK_FALSE(contains(own, "url("));
  CHECK_FALSE(contains(own, "@import"));
  CHECK(contains(own, "default-src 'none'"));
}

TEST_CASE("text from benches and decks cannot become markup or script") {
  auto record = sample_record();
  const std::string attack = "</script><script>alert(1)</script>\"'&<b>";
  record.title = record.bench_name = record.bench_file = record.deck_file = record.date = attack;
  record.gradient.parameters[0].name = attack;
  record.gradient.loss_unit = attack;
  record.gradient.loss_terms = {{attack, {attack}, attack, attack, 1, attack}};
  record.classification.rows[0].reason = record.classification.note = attack;
  record.circuit.elements[1].name = record.circuit.elements[1].law = record.circuit.elements[1].nodes = attack;
  record.circuit.elements[1].parameters[0].name = record.circuit.elements[1].parameters[0].unit = attack;
  record.waveforms[0].title = record.waveforms[0].group = record.waveforms[0].unit = attack;
  record.waveforms[0].series[0].label = attack;
  record.timeline->phases[0].name = record.timeline->phases[0].action = record.timeline->memory[0].name = attack;
  record.timeline->operations[0].name = record.timeline->stated[0].name = record.timeline->stated[0].value = record.timeline->stated[0].meaning = attack;
  record.limits[0].name = record.limits[2].unit = attack;
  record.training->optimizer = record.training->loss_unit = attack;
  record.training->after->label = record.training->after->unit = attack;
  record.training->baseline->label = record.training->baseline->unit = attack;
  record.gradient.rule = record.tool_version = record.grid.method = attack;
  const auto page = render_html(record);
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK_FALSE(contains(page, "&<b>"));
  CHECK(contains(page, "&lt;script&gt;alert(1)"));
  CHECK(contains(page, "\\u003c/script>"));
}

TEST_CASE("a report shows every element, parameter, phase, rule, limit, term of the loss and waveform of its record") {
  const auto record = sample_record();
  const auto page = render_html(record);
  for (const auto& element : record.circuit.elements) CHECK(contains(page, "<code>" + element.name + "</code>"));
  for (const auto& entry : record.gradient.parameters) CHECK(contains(page, "<code>" + entry.name + "</code>"));
  for (const auto& phase : record.timeline->phases) CHECK(contains(page, "<td>" + phase_text(phase.name) + "</td>"));
  for (const auto& row : record.timeline->operations) CHECK(contains(page, "<td>" + row.name + "</td>"));
  for (const auto& option : record.timeline->stated) CHECK(contains(page, "<td><code>" + option.name + "</code></td>"));
  for (const auto& row : record.classification.rows) CHECK(contains(page, "<code>" + row.rule + "</code>"));
  CHECK(contains(page, "<td><code>mse</code></td><td><code>v(out)</code></td><td>whole run</td>"));
  CHECK(contains(page, "<td><code>expr</code> <code>a^2 &lt; b</code></td><td><code>i(r1)</code>, <code>q(c1)</code></td><td>0 s to 2 s</td>"));
  for (const auto& limit : record.limits) CHECK(contains(page, "<code>" + limit.name + "</code>"));
  for (const auto& panel : record.waveforms) CHECK(contains(page, "<h4>" + panel.title + "</h4>"));
  CHECK(contains(page, ">missed</b>"));
  CHECK(contains(page, ">met</b>"));
}

TEST_CASE("a report of a plain gradient check has no empty section") {
  auto record = sample_record();
  record.training.reset();
  record.timeline.reset();
  record.chip_against_direct.reset();
  record.timing_study.clear();
  record.waveforms.clear();
  record.limits.clear();
  const auto page = render_html(record);
  for (const auto* title : {"Chip timing", "Training", "Waveforms", "Limits"})
    CHECK_FALSE(contains(page, fmt::format("<h2>{}</h2>", title)));
  CHECK(contains(page, "<h2>Gradient</h2>"));
  CHECK(contains(page, ">[]</script>"));
}

TEST_CASE("numbers that are not finite neither break a page nor its charts") {
  auto record = sample_record();
  const double nan = std::nan("");
  record.gradient.cosine = record.gradient.relative_error = nan;
  for (auto& entry : record.gradient.parameters) entry.estimate = entry.exact = nan;
  record.timing_study[0].cosine = nan;
  record.timeline->phases[0].time = INFINITY;
  record.waveforms[0].series[0].values.assign(record.waveforms[0].time.size(), nan);
  record.training->train_loss[3] = INFINITY;
  const auto page = render_html(record);
  CHECK(contains(page, "cannot be judged"));
  const auto start = page.find("id=\"chart-data\">");
  const auto charts = page.substr(start, page.find("</script>", start) - start);
  CHECK_FALSE(contains(charts, "nan"));
  CHECK_FALSE(contains(charts, "inf"));
  CHECK_FALSE(std::regex_search(without(page, embedded::uplot_script).substr(0, start), std::regex("=\"-?(nan|inf)")));
}

TEST_CASE("a report with 100000 points in each of twelve waveforms is written within seconds") {
  auto record = sample_record();
  for (auto& panel : record.waveforms) {
    panel.time.clear();
    for (int n = 1; n <= 100000; ++n) panel.time.push_back(n * 1e-8);
    panel.series.resize(3, panel.series[0]);
    for (auto& series : panel.series) {
      series.values.clear();
      for (int n = 1; n <= 100000; ++n) series.values.push_back(std::sin(n * 1e-3) * 0.3);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const auto page = render_html(record);
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < 10.0);
  CHECK(contains(page, "\"count\":100000"));
  CHECK(page.size() < 16U * 1000 * 1000);
}

TEST_CASE("a browser draws every chart of a report without a script error") {
  const auto record = sample_record();
  const auto folder = sample_folder();
  write_run(record, folder);
  for (const auto* name : {"report.html", "result.json", "junit.xml"}) CHECK(fs::file_size(folder / name) > 100);
  for (const auto& file : fs::directory_iterator(folder)) CHECK(file.path().extension() != ".unfinished");

  const auto document = rendered(folder / "report.html");
  if (document.empty()) {
    MESSAGE("skipped: no Chromium or Chrome is installed");
    return;
  }
  CHECK_FALSE(contains(document, "data-script-error"));
  const auto charts = record.waveforms.size() + 1;
  CHECK(contains(document, fmt::format("data-charts=\"{}\"", charts)));
  std::size_t canvases = 0;
  for (auto place = document.find("<canvas"); place != std::string::npos; place = document.find("<canvas", place + 1))
    ++canvases;
  CHECK(canvases == charts);
}
