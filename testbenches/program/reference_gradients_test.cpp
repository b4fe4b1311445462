// Gradients against values that were computed elsewhere, and the rules' own promises about their error.
//
// The cases lie in folders of deck, bench, data and expected.json: those beside the tree come from an independent
// oracle, those in testbenches/validation/references are this program's own, held against central differences here.

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "program/program_run.hpp"

using namespace tellegen::tests;
namespace fs = std::filesystem;

namespace {

const fs::path own_cases = fs::path(TELLEGEN_SOURCE_DIR) / "testbenches/validation/references";
const fs::path independent_cases = fs::path(TELLEGEN_SOURCE_DIR) / "../shared/reference/gradients";

std::vector<fs::path> cases_in(const fs::path& folder) {
  std::vector<fs::path> cases;
  if (!fs::is_directory(folder)) {
    MESSAGE("the independent reference cases are not there: only the program's own are checked");
    return cases;
  }
  for (const auto& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "expected.json")) cases.push_back(entry.path());
  std::ranges::sort(cases);
  return cases;
}

std::vector<fs::path> all_cases() {
  auto cases = cases_in(own_cases);
  REQUIRE(cases.size() >= 3);
  for (auto& independent : cases_in(independent_cases)) cases.push_back(std::move(independent));
  return cases;
}

/// Agreement that the oracle of a case allows: that of the membrane integrates by another method.
double tolerance_of(const fs::path& folder) { return folder.filename() == "hodgkin_huxley" ? 1e-5 : 1e-8; }

nlohmann::json gradcheck(const fs::path& folder, std::vector<std::string> options) {
  static const Folder elsewhere;
  options.insert(options.begin(), {"gradcheck", (folder / "bench.toml").string()});
  options.insert(options.end(), {"--json", "-"});
  return json_of(run_tellegen(elsewhere, options));
}

nlohmann::json echo(const fs::path& folder, const std::string& rule, double beta) {
  return gradcheck(folder, {"--rule", rule, "--beta", std::to_string(beta)});
}

std::string verdict_of(const nlohmann::json& result) { return result.at("classification").at("verdict"); }
bool rings_out(const nlohmann::json& result) {
  return result.at("classification").at("reason").get<std::string>().find("rings out in the echo's tail") != std::string::npos;
}
double error_of(const nlohmann::json& result) { return result.at("relative_error"); }

/// |a - b| / |b| over all parameters, each entry multiplied by its parameter's value.
double distance(const nlohmann::json& parameters, const char* a, const nlohmann::json& reference, const char* b) {
  REQUIRE(parameters.size() == reference.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    REQUIRE(parameters[i].at("name") == reference[i].at("name"));
    const double value = reference[i].at("value"), expected = reference[i].at(b), found = parameters[i].at(a);
    CHECK(parameters[i].at("value").get<double>() == doctest::Approx(value).epsilon(1e-12));
    difference += std::pow(value * (found - expected), 2);
    size += std::pow(value * expected, 2);
  }
  REQUIRE(size > 0);
  return std::sqrt(difference / size);
}

}  // namespace

TEST_CASE("the adjoint gives every reference loss and gradient to the tolerance of its oracle, and agrees with its own finite differences") {
  for (const auto& folder : all_cases()) {
    CAPTURE(folder.filename());
    const auto expected = nlohmann::json::parse(read_file(folder / "expected.json"));
    const auto found = gradcheck(folder, {"--rule", "adjoint", "--finite-difference"});
    CHECK(found.at("loss").get<double>() == doctest::Approx(expected.at("loss").get<double>()).epsilon(tolerance_of(folder)));
    const auto& parameters = found.at("parameters");
    CHECK(distance(parameters, "estimate", expected.at("parameters"), "exact") < tolerance_of(folder));
    CHECK(distance(parameters, "finite_difference", parameters, "exact") < 1e-6);
    CHECK(error_of(found) == 0);
    CHECK(found.at("cosine").get<double>() == doctest::Approx(1).epsilon(1e-14));
    for (const auto& parameter : parameters) CHECK(parameter.at("unit").is_string());
  }
}

TEST_CASE("where a biased echo is called exact as beta -> 0, a tenth of beta makes a hundredth of the error") {
  int checked = 0;
  for (const auto& folder : all_cases()) {
    const auto coarse = echo(folder, "biased_echo", 1e-2);
    if (verdict_of(coarse) != "exact as beta -> 0") continue;
    const auto fine = echo(folder, "biased_echo", 1e-3);
    // From DC the error is that of the tail's end; the next test is about it.
    if (rings_out(coarse)) continue;
    CAPTURE(folder.filename());
    CAPTURE(error_of(coarse));
    CAPTURE(error_of(fine));
    CHECK(error_of(fine) < 1e-5);
    // Below this the contrast is lost in round-off: eps / beta.
    if (error_of(fine) > 1e-11) {
      CHECK(error_of(coarse) / error_of(fine) > 90);
      CHECK(error_of(coarse) / error_of(fine) < 110);
      ++checked;
    }
  }
  CHECK(checked >= 2);
}

TEST_CASE("from DC the biased echo of a membrane approaches the gradient as its tail grows") {
  const auto folder = independent_cases / "hodgkin_huxley";
  if (!fs::exists(folder)) {
    MESSAGE("the independent reference cases are not there: this one is not checked");
    return;
  }
  double last = 1e-2;
  for (const std::string tail : {"25 ms", "50 ms", "100 ms"}) {
    const Folder copy;
    for (const auto& entry : fs::directory_iterator(folder)) copy.write(entry.path().filename().string(), read_file(entry.path()));
    copy.write("bench.toml", read_file(folder / "bench.toml") + "tail = \"" + tail + "\"\n");
    const auto found = echo(copy.path(), "biased_echo", 1e-3);
    CAPTURE(tail);
    CHECK(rings_out(found));
    CHECK(error_of(found) < 0.3 * last);
    last = error_of(found);
  }
  CHECK(last < 1e-6);
}

TEST_CASE("where an echo is called exact, it is so at any amplitude") {
  int checked = 0;
  for (const auto& folder : all_cases())
    for (const double beta : {1e-6, 1.0, 1e3}) {
      const auto found = echo(folder, "echo", beta);
      if (verdict_of(found) != "exact") break;
      CAPTURE(folder.filename());
      CAPTURE(beta);
      CHECK(error_of(found) < 1e-10);
      ++checked;
    }
  CHECK(checked >= 3);
}

TEST_CASE("where a rule is called biased, the reason names an element of the deck and the error is there") {
  int checked = 0;
  for (const auto& folder : all_cases())
    for (const std::string rule : {"echo", "biased_echo"}) {
      const auto found = echo(folder, rule, 1e-3);
      if (verdict_of(found) != "biased") continue;
      CAPTURE(folder.filename());
      CHECK(error_of(found) > 1e-3);
      const std::string reason = found.at("classification").at("reason");
      const auto name = reason.substr(0, reason.find(' '));
      bool is_element = false;
      for (const auto& parameter : found.at("parameters"))
        is_element = is_element || parameter.at("name").get<std::string>().starts_with(name + ".");
      CHECK(is_element);
      ++checked;
    }
  CHECK(checked >= 2);
}

TEST_CASE("circuits of mixed skew are called biased") {
  const auto verdict = [](const fs::path& folder) { return verdict_of(echo(folder, "biased_echo", 1e-3)); };
  CHECK(verdict(own_cases / "mixed_skew") == "biased");
  for (const std::string name : {"mixed_skew", "directed_deep_mixed"})
    if (fs::exists(independent_cases / name)) CHECK(verdict(independent_cases / name) == "biased");
}

TEST_CASE("the chip measures what the direct plant measures") {
  for (const auto& folder : all_cases())
    for (const std::string rule : {"echo", "biased_echo"}) {
      CAPTURE(folder.filename());
      const auto direct = gradcheck(folder, {"--rule", rule, "--plant", "direct"});
      const auto chip = gradcheck(folder, {"--rule", rule, "--plant", "chip"});
      CHECK(distance(chip.at("parameters"), "estimate", direct.at("parameters"), "estimate") < 1e-9);
      CHECK(chip.at("loss").get<double>() == doctest::Approx(direct.at("loss").get<double>()).epsilon(1e-9));
    }
}

TEST_CASE("a chip with a module for each cell gives the report of one with a tile, to the last digit") {
  const Folder folder;
  fs::copy(own_cases / "mixed_skew", folder.path());
  const auto bench = folder.read("bench.toml");
  REQUIRE(bench.find("[chip]") == std::string::npos);
  const auto report_with = [&](const std::string& cells) {
    folder.write("bench.toml", bench + "\n[chip]\ncells = \"" + cells + "\"\n");
    return gradcheck(folder.path(), {"--rule", "biased_echo", "--plant", "chip"});
  };
  CHECK(report_with("tile") == report_with("modules"));
}

TEST_CASE("gradients of circuits with sums of exponentials are exact for them, on either plant, and near those of the true circuit") {
  const Folder folder;
  fs::copy(own_cases / "fractional_network", folder.path());
  auto bench = folder.read("bench.toml");
  const std::string method = "method = \"bdf2\"\n";
  bench.insert(bench.find(method) + method.size(), "history = \"exponentials\"\n");
  folder.write("bench.toml", bench);
  const auto approximated = gradcheck(folder.path(), {"--rule", "biased_echo", "--beta", "1e-3", "--finite-difference"});
  CHECK(error_of(approximated) < 1e-7);
  const auto& parameters = approximated.at("parameters");
  CHECK(distance(parameters, "finite_difference", parameters, "exact") < 1e-7);
  const auto on_chip = gradcheck(folder.path(), {"--rule", "biased_echo", "--beta", "1e-3", "--plant", "chip"});
  CHECK(on_chip.at("parameters").at(0).at("estimate") == parameters.at(0).at("estimate"));
  const auto true_circuit = gradcheck(own_cases / "fractional_network", {"--rule", "adjoint"});
  CHECK(distance(parameters, "exact", true_circuit.at("parameters"), "exact") < 1e-8);
  CHECK(distance(parameters, "exact", true_circuit.at("parameters"), "exact") > 1e-14);
}
