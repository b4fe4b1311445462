#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "runtime/report/render.hpp"
#include "runtime/report/text_escape.hpp"
#include "tellegen/units/input_error.hpp"
#include "testbenches/unit/report/sample_record.hpp"

using namespace tellegen::report;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int count(std::string_view text, std::string_view part) {
  int found = 0;
  for (auto place = text.find(part); place != std::string_view::npos; place = text.find(part, place + 1)) ++found;
  return found;
}

/// Folder that goes away with the test.
struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    auto pattern = (fs::temp_directory_path() / "tellegen_report_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

/// Reads the one element structure that JUnit files have: tags are balanced, attributes are quoted, text holds no raw
/// markup.
bool is_well_formed(std::string_view xml) {
  std::vector<std::string> open;
  while (!xml.empty()) {
    const auto start = xml.find('<');
    if (start == std::string_view::npos) return open.empty();
    xml.remove_prefix(start);
    const auto end = xml.find('>');
    if (end == std::string_view::npos) return false;
    const auto tag = xml.substr(1, end - 1);
    if (tag.find('<') != std::string_view::npos || count(tag, "\"") % 2 != 0) return false;
    const auto name =
        std::string(tag.substr(tag.front() == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag.front() == '/' ? 1 : 0)));
    if (tag.front() == '/') {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    } else if (tag.front() != '?' && tag.back() != '/') {
      open.push_back(name);
    }
    xml.remove_prefix(end + 1);
  }
  return open.empty();
}

}  // namespace

TEST_CASE("result.json holds the block of gradcheck with its published keys") {
  const auto record = sample_record();
  const auto result = json::parse(json_text(to_json(record)));
  const auto& check = result.at("gradcheck");
  CHECK(check.at("bench") == record.bench_name);
  CHECK(check.at("rule") == "biased_echo");
  CHECK(check.at("loss") == record.gradient.loss);
  CHECK(check.at("classification").at("verdict") == "exact as beta -> 0");
  CHECK(check.at("classification").at("reason") == "");
  CHECK(check.at("cosine") == record.gradient.cosine);
  CHECK(check.at("relative_error") == record.gradient.relative_error);
  REQUIRE(check.at("parameters").size() == record.gradient.parameters.size());
  for (std::size_t k = 0; k < record.gradient.parameters.size(); ++k) {
    const auto& entry = record.gradient.parameters[k];
    const auto& parameter = check.at("parameters")[k];
    CHECK(parameter.at("name") == entry.name);
    CHECK(parameter.at("unit") == entry.unit);
    CHECK(parameter.at("value") == entry.value);
    CHECK(parameter.at("exact") == entry.exact);
    CHECK(parameter.at("estimate") == entry.estimate);
    CHECK(parameter.at("finite_difference") == *entry.finite_difference);
  }
}

TEST_CASE("result.json holds every part of the record after a round trip through text") {
  const auto record = sample_record();
  const auto direct = to_json(record);
  const auto result = json::parse(json_text(direct));
  CHECK(result == direct);
  CHECK(result.at("seed") == record.seed);
  CHECK(result.at("grid").at("steps") == record.grid.steps);
  CHECK(result.at("grid").at("history") == "32 exponentials");
  CHECK(result.at("circuit").at("elements").size() == record.circuit.elements.size());
  CHECK(result.at("classification").at("rules").size() == record.classification.rows.size());
  CHECK(result.at("training").at("train_loss").size() == 60);
  CHECK(result.at("training").at("held_out").at("baseline").at("value") == 71.8e-6);
  CHECK(result.at("phase_timeline").at("total_cycles") == record.timeline->total_cycles());
  CHECK(result.at("timing_study")[2].at("analog_steps_per_clock") == 16);
  CHECK(result.at("chip_against_direct").at("agrees") == true);
  CHECK(result.at("limits")[3].at("met") == false);
  CHECK(result.at("cost").at("wall") == 18.42);
  CHECK(result.at("waveforms").size() == 4);
}

TEST_CASE("waveforms in result.json are right to six digits and their times to twelve") {
  const auto record = sample_record();
  const auto result = to_json(record);
  const auto& panel = record.waveforms[1];
  const auto& written = result.at("waveforms")[1];
  for (std::size_t n = 0; n < panel.time.size(); n += 97) {
    CHECK(written.at("time")[n].get<double>() == doctest::Approx(panel.time[n]).epsilon(1e-11));
    CHECK(written.at("series")[2].at("values")[n].get<double>() ==
          doctest::Approx(panel.series[2].values[n]).epsilon(1e-5));
  }
  CHECK(written.at("series")[2].at("role") == "target");
}

TEST_CASE("a number that is not finite is null in JSON, and text in a foreign encoding does not break the file") {
  auto record = sample_record();
  record.gradient.cosine = std::nan("");
  record.gradient.parameters[0].estimate = INFINITY;
  record.timing_study[0].relative_error = -INFINITY;
  record.waveforms[0].series[0].values[5] = std::nan("");
  record.training->train_loss[0] = std::nan("");
  record.limits[0].measured = std::nan("");
  record.circuit.elements[1].law = "10 \xB5S";  // micro sign of Latin-1
  const auto text = json_text(to_json(record));
  const auto result = json::parse(text);
  CHECK(result.at("gradcheck").at("cosine").is_null());
  CHECK(result.at("gradcheck").at("parameters")[0].at("estimate").is_null());
  CHECK(result.at("timing_study")[0].at("relative_error").is_null());
  CHECK(result.at("waveforms")[0].at("series")[0].at("values")[5].is_null());
  CHECK(result.at("limits")[0].at("measured").is_null());
  CHECK(result.at("circuit").at("elements")[1].at("law") == "10 \uFFFDS");
}

TEST_CASE("a rule that the classification does not know has the verdict unknown") {
  auto record = sample_record();
  record.gradient.rule = "another";
  const auto check = gradcheck_json(record.bench_name, record.classification, record.gradient);
  CHECK(check.at("classification").at("verdict") == "unknown");
}

TEST_CASE("junit.xml has a case for every limit and for the chip, and counts what failed") {
  auto record = sample_record();
  auto xml = render_junit(record);
  CHECK(is_well_formed(xml));
  CHECK(count(xml, "<testcase ") == 5);
  CHECK(count(xml, "<failure ") == 1);
  CHECK(count(xml, "tests=\"5\" failures=\"1\"") == 2);
  CHECK(count(xml, "measured 2.41e-05 V, at most 2e-05 V was stated") == 1);

  record.chip_against_direct->gradient_difference = 1e-3;
  record.limits[0].met = false;
  xml = render_junit(record);
  CHECK(is_well_formed(xml));
  CHECK(count(xml, "<failure ") == 3);
  CHECK(count(xml, "tests=\"5\" failures=\"3\"") == 2);
}

TEST_CASE("junit.xml stays well-formed whatever a bench is called") {
  auto record = sample_record();
  record.bench_name = "a < b & \"c\" > 'd' \x01 \xFF";
  record.limits[0].name = "<gradient>";
  const auto xml = render_junit(record);
  CHECK(is_well_formed(xml));
  CHECK(count(xml, "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39; \uFFFD \uFFFD") == 6);
}

TEST_CASE("a difference between chip and solver that is no number is a disagreement") {
  const ChipAgainstDirect agreement{std::nan(""), 0, 1};
  CHECK_FALSE(agreement.agrees());
}

TEST_CASE("clean text keeps valid UTF-8 and replaces overlong forms, surrogates and cut sequences byte by byte") {
  CHECK(clean_text("5 \u03A9, \u20AC, \U0001F600\n") == "5 \u03A9, \u20AC, \U0001F600\n");
  CHECK(clean_text("\xC0\x80") == "\uFFFD\uFFFD");
  CHECK(clean_text("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(clean_text("a\xE2\x82") == "a\uFFFD\uFFFD");
  CHECK(clean_text("a\x1B[0m") == "a\uFFFD[0m");
}

TEST_CASE("exponents are raised run by run outside of drawings, and a dot between factors is no exponent") {
  CHECK(raise_superscripts("3 × 10⁻¹² V² s", "<sup>", "</sup>") == "3 × 10<sup>\u221212</sup> V<sup>2</sup> s");
  CHECK(raise_superscripts("S s⁰·⁷", "(", ")") == "S s(0.7)");
  CHECK(raise_superscripts("A·B", "(", ")") == "A·B");
  CHECK(raise_superscripts("a²<svg>b²</svg>c²", "(", ")") == "a(2)<svg>b²</svg>c(2)");
  CHECK(raise_superscripts("<svg>b²", "(", ")") == "<svg>b²");
}

TEST_CASE("a run is written as three whole files and nothing else, over those of the last run") {
  const TemporaryFolder folder;
  const auto place = folder.path / "out" / "run";
  write_run(sample_record(), place);
  write_run(sample_record(), place);
  CHECK(std::distance(fs::directory_iterator(place), fs::directory_iterator{}) == 3);
  CHECK(contents(place / "report.html") == render_html(sample_record()));
}

TEST_CASE("a place for a run that cannot be made is refused by name") {
  const TemporaryFolder folder;
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_AS(write_run(sample_record(), folder.path / "file" / "below"), tellegen::InputError);
}
