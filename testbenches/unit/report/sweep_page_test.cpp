#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/report/embedded_text.hpp"
#include "runtime/report/sweep_render.hpp"
#include "testbenches/unit/report/browser.hpp"

using namespace tellegen::report;
using tellegen::tests::rendered;
namespace fs = std::filesystem;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Three keys, one of words; twelve chips a setting, one key drawn; trained; one chip without a result.
SweepRecord sample_sweep() {
  SweepRecord record;
  record.title = "A sweep <of> \"keys\" & more";
  record.bench_name = "sample";
  record.bench_file = "bench.toml";
  record.deck_file = "deck.cir";
  record.tool_version = "0.0";
  record.date = "2026-01-01";
  record.plant = "chip";
  record.fixed = {"chip.cells=modules"};
  record.chips = 12;
  record.monte_carlo = true;
  record.quantile = 0.1;
  record.cosine_limit = 0.99;
  record.limit_stated = true;
  record.cost_order = "memory";
  record.loss_unit = "V^2 s";
  record.listed = {{.name = "chip.clock", .unit = "Hz", .logarithmic = true}, {.name = "rule.name"}, {.name = "chip.adc.bits"}};
  record.drawn = {{.name = "chip.mismatch.sigma", .unit = "", .logarithmic = false, .drawn = true}};
  for (const double clock : {1e6, 5e5, 1e5})
    for (const std::string rule : {"echo", "biased_echo"})
      for (const int bits : {4, 6, 8, 10}) {
        const double distance = std::pow(4.0, -bits) * 1e6 / clock * (rule == "echo" ? 10 : 1);
        SweepSetting setting;
        setting.values = {{fmt::format("{:g} kHz", clock / 1e3), clock}, {rule, std::nullopt}, {std::to_string(bits), bits}};
        setting.chips = 12;
        const auto spread = [](double best, double worst) { return Spread{best, 0.5 * (best + worst), 0.3 * best + 0.7 * worst, worst}; };
        setting.cosine = spread(1 - 0.5 * distance, 1 - 2 * distance);
        setting.relative_error = spread(std::sqrt(distance), std::sqrt(4 * distance));
        setting.loss = spread(1e-6, 1e-6);
        setting.final_loss = spread(1e-8 * (1 + 100 * distance), 2e-8 * (1 + 100 * distance));
        setting.held_out_loss = spread(2e-8, 4e-8);
        setting.cost = SettingCost{.cycles = 20'004, .time = 20'004 / clock, .memory_bits = 1000U * static_cast<unsigned>(bits)};
        setting.holds = setting.cosine.quantile >= 0.99;
        for (std::size_t chip = 0; chip < 12; ++chip) {
          SweepPoint point{.setting = record.settings.size(), .chip = chip, .seed = 17 + chip};
          point.drawn = {{fmt::format("{:.3g}", 0.01 * static_cast<double>(chip)), 0.01 * static_cast<double>(chip)}};
          point.loss = 1e-6;
          point.cosine = 1 - distance * (0.5 + 0.125 * static_cast<double>(chip));
          point.cost = setting.cost;
          record.points.push_back(point);
        }
        record.settings.push_back(setting);
      }
  record.points[5].status = PointStatus::no_convergence;
  record.points[5].loss = record.points[5].cosine = NAN;
  record.points[5].message = "no convergence at t = 3 us: node \"a\", b";
  record.settings[0].without_result = 1;
  record.settings[0].cosine.worst = NAN;
  record.chosen = 6;
  record.sentence = "cheapest setting with cosine >= 0.99: this one";
  return record;
}

fs::path sample_folder() { return fs::path(TELLEGEN_PROGRAM).parent_path().parent_path() / "report_sample"; }

}  // namespace

TEST_CASE("the page of a sweep refers to nothing outside itself, and shows its sentence, keys and settings") {
  const auto page = sweep_html(sample_sweep());
  auto own = page;
  own.erase(own.find(embedded::uplot_script), embedded::uplot_script.size());
  for (const auto* outside : {"http://", "https://", "<link", " src=", "url(", "@import"}) CHECK_FALSE(contains(own, outside));
  for (const auto* part : {"Cheapest setting with cosine \u2265 0.99: this one.", "A sweep &lt;of&gt; &quot;keys&quot; &amp; more", "chip.cells=modules", "chip.mismatch.sigma",
                           "A curve for each value of", "<h2>Map</h2>", "<h2>Settings</h2>", "20\u202F004", "held-out loss", "node &quot;a&quot;, b", "1 of 12 without a result"})
    CHECK_MESSAGE(contains(page, part), std::string(part));
}

TEST_CASE("a sweep without any result still has its page, without charts") {
  auto record = sample_sweep();
  record.chosen.reset();
  for (auto& setting : record.settings) setting.cosine = {NAN, NAN, NAN, NAN}, setting.holds = false;
  const auto page = sweep_html(record);
  CHECK(contains(page, "id=\"chart-data\">[]</script>"));
  CHECK_FALSE(contains(page, "<h2>Curves</h2>"));
  CHECK_FALSE(contains(page, "<h2>Map</h2>"));
}

TEST_CASE("text of a bench cannot end the script element that holds a sweep's charts") {
  auto record = sample_sweep();
  for (auto& setting : record.settings)
    if (setting.values[1].text == "echo") setting.values[1].text = "</script><script>alert(1)</script>";
  CHECK_FALSE(contains(sweep_html(record), "<script>alert"));
}

TEST_CASE("CSV of a sweep quotes what needs it and reads back to the last bit") {
  auto record = sample_sweep();
  record.settings[0].values[1].text = "a, \"b\"";
  record.points[0].cosine = 0.1 + 0.2;
  const auto csv = sweep_csv(record);
  CHECK(csv.starts_with("chip.clock [Hz],rule.name,chip.adc.bits,chip.mismatch.sigma,chip,seed,status,loss [V^2 s],"));
  CHECK(contains(csv, "\r\n1000000,\"a, \"\"b\"\"\",4,0,0,17,done,1e-06,0.30000000000000004,"));
  CHECK(contains(csv, ",no convergence,,,,,,20004,0.020004,4000,0,,\"no convergence at t = 3 us: node \"\"a\"\", b\"\r\n"));
  CHECK(csv.ends_with("\r\n"));
}

TEST_CASE("JSON of a sweep holds numbers for numbers, texts for words, and null for what is not finite") {
  const auto json = sweep_json(sample_sweep());
  CHECK(json["settings"][0]["values"] == nlohmann::json{{"chip.clock", 1e6}, {"rule.name", "echo"}, {"chip.adc.bits", 4.0}});
  CHECK(json["settings"][0]["cosine"]["worst"] == nullptr);
  CHECK(json["points"][5]["status"] == "no convergence");
  CHECK_FALSE(json["points"][5].contains("cosine"));
  CHECK(json["monte_carlo"]["chips"] == 12);
  CHECK(json["chosen"] == 6);
  CHECK_FALSE(contains(json.dump(), "2026-01-01"));
}

TEST_CASE("a table of a sweep shows few settings whole, and of very many the best with the chosen one") {
  auto record = sample_sweep();
  CHECK(contains(sweep_table(record), "<- cheapest"));
  CHECK(contains(sweep_table(record), "1 of 12 without a result"));
  const auto one = record.settings[0];
  record.settings.assign(300, one);
  for (std::size_t k = 0; k < 300; ++k) record.settings[k].cosine.quantile = 0.5 + 0.001 * static_cast<double>(k), record.settings[k].values[2].text = std::to_string(k);
  record.chosen = 7;
  const auto table = sweep_table(record);
  CHECK(std::ranges::count(table, '\n') == 103);
  CHECK(contains(table, "the 100 best of 300 settings; all are in sweep.csv"));
  CHECK(contains(table, "<- "));
}

TEST_CASE("a browser draws every chart of a sweep without a script error") {
  const auto page = sample_folder() / "sweep.html";
  fs::create_directories(page.parent_path());
  std::ofstream(page) << sweep_html(sample_sweep());
  const auto document = rendered(page);
  if (document.empty()) {
    MESSAGE("skipped: no Chromium or Chrome is installed");
    return;
  }
  CHECK_FALSE(contains(document, "data-script-error"));
  // Four quantities against three keys, and one drawn key.
  CHECK(contains(document, "data-charts=\"13\""));
  std::size_t canvases = 0;
  for (auto at = document.find("<canvas"); at != std::string::npos; at = document.find("<canvas", at + 1)) ++canvases;
  CHECK(canvases == 13);
}
