// Published yardsticks of chip effects, in kind, on the benches of testbenches/experiments/yardsticks.

#include <doctest/doctest.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

const std::string folder_of_benches = std::string(TELLEGEN_SOURCE_DIR) + "/testbenches/experiments/yardsticks/";

nlohmann::json gradcheck(const std::string& bench, const std::vector<std::string>& settings) {
  const Folder folder;
  std::vector<std::string> arguments{"gradcheck", folder_of_benches + bench, "--plant", "chip", "--json", "-"};
  for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  return json_of(run_tellegen(folder, arguments));
}

double cosine(const std::string& bench, const std::vector<std::string>& settings) { return gradcheck(bench, settings).at("cosine").get<double>(); }
double error(const std::string& bench, const std::vector<std::string>& settings) { return gradcheck(bench, settings).at("relative_error").get<double>(); }

}  // namespace

TEST_CASE("a small ohmic network: one side loses the gradient at a strong nudge, comes near at 0.1, and is beaten by two") {
  const auto at = [](const std::string& beta, const std::string& sides) { return cosine("ohmic.toml", {"rule.beta=" + beta, "rule.sides=" + sides}); };
  const double strong = at("1000", "one"), weak = at("0.1", "one"), centred = at("0.1", "centred");
  CHECK(strong > 0.1);
  CHECK(strong < 0.4);
  CHECK(weak > 0.97);
  CHECK(weak < 0.999);
  CHECK(centred > 0.999);
}

TEST_CASE("drift between the passes counts 1/beta times: 10 ppm costs what eight bits of the converters do, and nothing in lockstep") {
  const double drift = error("passes.toml", {"chip.drift.passes=1e-5"});
  CHECK(drift > 1e-3);
  CHECK(error("passes.toml", {"chip.drift.passes=1e-3"}) > 50 * drift);
  CHECK(error("passes.toml", {"chip.drift.passes=1e-5", "chip.passes=lockstep"}) < drift / 50);
  for (const std::string converter : {"probe", "drive", "trace"}) {
    CAPTURE(converter);
    CHECK(error("passes.toml", {"chip." + converter + ".bits=8"}) < 2 * drift);
    CHECK(cosine("passes.toml", {"chip." + converter + ".bits=5"}) > 0.9999);
  }
  // A twin has to be as equal as the passes were.
  CHECK(error("passes.toml", {"chip.passes=lockstep", "chip.mismatch.twin=1e-5"}) > drift / 4);
}

TEST_CASE("from one side a network learns worse the stronger the nudge, from two it does not") {
  const Folder folder;
  const auto outcome = run_tellegen(folder, {"sweep", folder_of_benches + "sides.toml", "--vary", "rule.sides=one,centred", "--vary", "rule.beta=0.01,2", "--train",
                                             "--json", "-", "-o", "out"});
  const auto settings = json_of(outcome).at("settings");
  const auto loss = [&](std::size_t k) { return settings.at(k).at("final_loss").at("median").get<double>(); };
  REQUIRE(settings.size() == 4);
  CHECK(loss(1) > 10 * loss(0));  // one side, beta 2 against 0.01
  CHECK(loss(3) < 1.1 * loss(2));
  CHECK(loss(1) > 10 * loss(3));
}
