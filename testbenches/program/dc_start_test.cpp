// Benches whose runs start at an operating point.

#include <doctest/doctest.h>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

/// The small low-pass under a constant current of 1 mA, its target the voltage at which that settles.
SmallBench settled_bench(const std::string& more_of_input) {
  SmallBench bench;
  bench.time = "[time]\nstep = \"10 us\"\nstop = \"1 ms\"\nstart = \"dc\"\n";
  std::string samples;
  for (int n = 0; n < 100; ++n) samples += n == 0 ? "1e-3" : ", 1e-3";
  bench.input = "[[input]]\nsource = \"I1\"\nsamples = [" + samples + "]\n" + more_of_input;
  bench.loss = "[[loss]]\nkind = \"mse\"\nprobe = \"v(b)\"\ntarget = { expr = \"1\" }\n";
  bench.deck = "low-pass\nI1 0 a 0\nR1 a 0 1k\nR2 a b 1k\nC1 b 0 100n\nL1 a c 1m\nR3 c 0 1meg\n.end\n";
  bench.train = "[train]\nparameters = [\"r*.g\", \"c1.c\", \"l1.l\"]\noptimizer = \"sgd\"\nrate = 1e-3\n";
  return bench;
}

nlohmann::json gradcheck(const SmallBench& bench, std::vector<std::string> more = {}) {
  const Folder folder;
  bench.write(folder);
  std::vector<std::string> arguments{"gradcheck", "b.toml", "--json", "-"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return json_of(run_tellegen(folder, arguments));
}

}  // namespace

TEST_CASE("`initial` is the input's value before the run: from its operating point a constant input moves nothing") {
  const double settled = 1e-3 / (1e-3 + 1 / 1e6);
  const auto loss = [&](const std::string& more) {
    auto bench = settled_bench(more);
    bench.loss = "[[loss]]\nkind = \"mse\"\nprobe = \"v(b)\"\ntarget = { expr = \"" + std::to_string(settled) + "\" }\n";
    return gradcheck(bench).at("loss").get<double>();
  };
  CHECK(loss("initial = 1e-3\n") < 1e-16);
  CHECK(loss("") > 1e-5);  // the deck's own waveform is zero there
  CHECK(loss("initial = 2e-3\n") > 1e-5);
}

TEST_CASE("from DC the adjoint is the central difference of the loss, the operating point's own motion included") {
  for (const std::string initial : {"", "initial = 0.4e-3\n", "initial = 1e-3\n"}) {
    CAPTURE(initial);
    const auto found = gradcheck(settled_bench(initial), {"--rule", "adjoint", "--finite-difference"});
    for (const auto& parameter : found.at("parameters")) {
      const double exact = parameter.at("exact"), difference = parameter.at("finite_difference"), value = parameter.at("value");
      CAPTURE(parameter.at("name").get<std::string>());
      CHECK(std::abs(value * (exact - difference)) < 1e-7 * found.at("loss").get<double>() + 1e-12);
    }
  }
}

TEST_CASE("`initial` is refused where it is no current, and where its source is not there") {
  const auto refused = [](const SmallBench& bench) {
    const Folder folder;
    bench.write(folder);
    return refusal(folder, {"gradcheck", "b.toml"});
  };
  CHECK(refused(settled_bench("initial = \"soon\"\n")).find("b.toml:") != std::string::npos);
}
