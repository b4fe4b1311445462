// Laws as expressions through the whole program: what the built-in laws give, and gradients that differences confirm.

#include <doctest/doctest.h>

#include <cmath>

#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

/// A resistive, a capacitive, a fractional and a memristive network; each nonlinear element carries one law.
struct Network {
  const char* name;
  const char* type;
  const char* card;  ///< of the nonlinear element between b and c
  const char* device;
};
constexpr Network networks[] = {{"resistor", "R", "R9 b c own", "r9"},
                                {"capacitor", "C", "C9 b c own", "c9"},
                                {"fractional memristor", "FMEM", "YFMEM m b c own", "yfmem!m"},
                                {"memristor", "MEM", "YMEM m b c own", "ymem!m"}};

std::string deck_of(const Network& network, const std::string& law) {
  return std::string("network\nI1 0 a 0\nR1 a 0 1\nR2 a b 1\nC1 b 0 0.7\nC2 c 0 1.1\nR3 c 0 2\n") + network.card + "\n.model own " +
         network.type + " (" + law + ")\n.end\n";
}

SmallBench bench_of(const Network& network, const std::string& law, const std::string& parameters, const std::string& rule) {
  SmallBench bench;
  bench.deck = deck_of(network, law);
  bench.time = "[time]\nstep = \"50 ms\"\nstop = \"5 s\"\n";
  bench.input = "[[input]]\nsource = \"I1\"\nsamples = [" + [] {
    std::string list;
    for (int n = 1; n <= 100; ++n) list += std::to_string(1.5 * std::sin(0.13 * n) + 0.4 * std::cos(0.41 * n)) + ",";
    return list;
  }() + "]\n";
  bench.loss = "[[loss]]\nkind = \"mse\"\nprobe = \"v(c)\"\ntarget = { expr = \"0.2*sin(2*t)\" }\n";
  bench.train = "[train]\nparameters = [" + parameters + "]\noptimizer = \"sgd\"\nrate = 1e-3\n";
  bench.rule = "[rule]\nname = \"" + rule + "\"\nbeta = 1e-3\n";
  return bench;
}

nlohmann::json gradcheck(const SmallBench& bench, std::vector<std::string> options) {
  const Folder folder;
  bench.write(folder);
  options.insert(options.begin(), {"gradcheck", "b.toml"});
  options.insert(options.end(), {"--json", "-"});
  return json_of(run_tellegen(folder, options));
}

std::string trained(const Network& network, const std::vector<std::string>& names) {
  std::string list = "\"r1.g\", \"c1.c\"";
  for (const auto& name : names) list += ", \"" + std::string(network.device) + "." + name + "\"";
  return list;
}

constexpr const char* built_in = "law=tanh k0=0.3 k1=0.8 z0=0.4";
constexpr const char* as_expression = "law=expr f='k0*z+k1*tanh(z/z0)' k0=0.3 k1=0.8 z0=0.4";
const std::vector<std::string> names{"k0", "k1", "z0"};

}  // namespace

TEST_CASE("a law as an expression gives the loss, the gradient and the echo of the built-in law") {
  for (const auto& network : networks) {
    CAPTURE(network.name);
    const auto parameters = trained(network, names);
    const auto expected = gradcheck(bench_of(network, built_in, parameters, "biased_echo"), {});
    const auto result = gradcheck(bench_of(network, as_expression, parameters, "biased_echo"), {});
    CHECK(result.at("loss").get<double>() == doctest::Approx(expected.at("loss").get<double>()).epsilon(1e-12));
    CHECK(result.at("classification") == expected.at("classification"));
    REQUIRE(result.at("parameters").size() == expected.at("parameters").size());
    for (std::size_t i = 0; i < result.at("parameters").size(); ++i) {
      const auto &a = result.at("parameters")[i], &b = expected.at("parameters")[i];
      CAPTURE(a.at("name"));
      CHECK(a.at("name") == b.at("name"));
      CHECK(a.at("exact").get<double>() == doctest::Approx(b.at("exact").get<double>()).epsilon(1e-10));
      CHECK(a.at("estimate").get<double>() == doctest::Approx(b.at("estimate").get<double>()).epsilon(1e-8));
    }
  }
}

TEST_CASE("the adjoint gradient of laws that only an expression has equals central differences") {
  const std::pair<const char*, std::vector<std::string>> laws[] = {
      {"law=expr f='a*z/sqrt(1+(z/b)^2)+k*z' a=0.8 b=0.5 k=0.2", {"a", "b", "k"}},
      {"law=expr f='k*z*(1+a*(1-exp(-(z/b)^2)))' k=0.6 a=0.5 b=0.7", {"k", "a", "b"}},
      {"law=expr f='k*z+a*(exp(z/b)-1)-c*(exp(-z/d)-1)' k=0.3 a=0.05 b=0.5 c=0.08 d=0.6", {"k", "a", "b", "c", "d"}},
      {"law=expr f='k*atan(z/b)+z/r' k=0.7 b=0.3 r=4", {"k", "b", "r"}}};
  for (const auto& network : networks)
    for (const auto& [law, own] : laws) {
      CAPTURE(network.name);
      CAPTURE(law);
      const auto result = gradcheck(bench_of(network, law, trained(network, own), "adjoint"), {"--finite-difference"});
      for (const auto& parameter : result.at("parameters")) {
        CAPTURE(parameter.at("name"));
        const double exact = parameter.at("exact"), measured = parameter.at("finite_difference");
        CHECK(std::abs(exact) > 1e-7);  // else it would test nothing
        CHECK(exact == doctest::Approx(measured).epsilon(1e-6));
      }
    }
}

TEST_CASE("biased echo on laws as expressions approaches the exact gradient as beta^2") {
  const auto parameters = trained(networks[2], {"a", "b", "k"});
  // Skew 0 throughout: capacitors and the fractional memristor.
  const auto bench = bench_of(networks[2], "law=expr f='a*z/sqrt(1+(z/b)^2)+k*z' a=0.8 b=0.5 k=0.2", parameters, "biased_echo");
  const auto coarse = gradcheck(bench, {"--beta", "1e-2"}), fine = gradcheck(bench, {"--beta", "1e-3"});
  CHECK(fine.at("classification").at("verdict") == "exact as beta -> 0");
  CHECK(fine.at("relative_error").get<double>() < 1e-6);
  CHECK(fine.at("relative_error").get<double>() < 0.02 * coarse.at("relative_error").get<double>());
}

TEST_CASE("a linear law as an expression belongs to every skew and its plain echo is exact") {
  const auto result = gradcheck(bench_of(networks[0], "law=expr f='z/r' r=3", trained(networks[0], {"r"}), "echo"), {});
  CHECK(result.at("classification").at("verdict") == "exact");
  CHECK(result.at("relative_error").get<double>() < 1e-12);
}

TEST_CASE("classify names the law as an expression that is the reason") {
  const Folder folder;
  folder.write("d.cir", "mixed\nI1 0 a 0\nR1 a 0 law=expr f='k*z+z^3' k=1\nC1 a 0 law=expr f='c*z+z^3' c=1\n.end\n");
  const auto result = json_of(run_tellegen(folder, {"classify", "d.cir", "--json", "-"}));
  for (const auto& element : result.at("elements"))
    if (element.at("name") == "r1" || element.at("name") == "c1") CHECK(element.at("law") == "expr");
  CHECK(result.dump().find("biased") != std::string::npos);
}

TEST_CASE("an operating point through an exponential law as an expression is that of the built-in junction") {
  const Folder folder;
  const std::string rest = "\n.op\n.end\n";
  folder.write("j.cir", "junction\nV1 a 0 5\nR1 a b 1k\nD1 b 0 d\n.model d D (is=1e-14 n=1)" + rest);
  folder.write("e.cir", "expression\nV1 a 0 5\nR1 a b 1k\nR2 b 0 law=expr f='is*(exp(z/vt)-1)' is=1e-14 vt={1.380649e-23*300.15/1.602176634e-19}" + rest);
  const auto voltage = [&](const char* deck) {
    const auto result = json_of(run_tellegen(folder, {"sim", deck, "--json", "-"}));
    for (const auto& variable : result.at("variables"))
      if (variable.at("name") == "v(b)") return variable.at("values")[0].get<double>();
    return 0.0;
  };
  const double junction = voltage("j.cir");
  CHECK(junction > 0.6);
  CHECK(voltage("e.cir") == doctest::Approx(junction).epsilon(1e-10));
}
