#include <doctest/doctest.h>

#include <cmath>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

std::string bench(const std::string& deck, const std::string& time, const std::string& probe, const std::string& target, const std::string& rule) {
  return "[bench]\ndeck = \"" + deck + "\"\n[time]\n" + time + "[[loss]]\nkind = \"mse\"\nprobe = \"" + probe + "\"\ntarget = { expr = \"" + target +
         "\" }\n[rule]\n" + rule;
}

const std::string tank = "tank\nI1 0 a SIN(0 1m 1k)\nC1 a 0 sat\n.model sat C (law=tanh k0=100n k1=40n z0=0.5)\nL1 a b 100m\nC2 b 0 220n\nL2 b 0 60m\n";
const std::string tank_time = "step = \"20 us\"\nstop = \"3 ms\"\n";
const std::string net =
    "net\nI1 0 a 1m\nR1 a 0 1k\nD1 a b dd\nR2 b 0 2k\nR3 b c 500\nD2 c 0 dd\nC1 c 0 1n\nL1 a d 1u\nR4 d 0 3k\n.model dd D (is=1n n=1.5)\n.end\n";
const std::string net_time = "step = \"1 us\"\nstop = \"50 us\"\nstart = \"dc\"\n";

double error_of(const Folder& folder, const std::string& beta) {
  return json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--beta", beta, "--json", "-"})).at("relative_error").get<double>();
}

}  // namespace

TEST_CASE("action_nudge finds the gradient of its own path, which is not the causal run's, and says how far the two lie apart") {
  const Folder folder;
  folder.write("tank.cir", tank + ".end\n");
  folder.write("b.toml", bench("tank.cir", tank_time, "v(b)", "0.3*sin(2*pi*1e3*t)", "name = \"action_nudge\"\n"));
  const auto json = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--json", "-"}));
  CHECK(json.at("plant") == "emulator");
  CHECK(json.at("path").at("ends") == "fixed");
  CHECK(json.at("path").at("relative_error").get<double>() < 1e-6);
  CHECK(json.at("path").at("distance_to_causal_run").get<double>() > 0.1);
  CHECK(json.at("path").at("has_fractional_term") == false);
  CHECK(json.at("relative_error").get<double>() > 0.1);
  CHECK(json.at("path").at("parameters").size() == json.at("parameters").size());

  folder.write("lossy.cir", tank + "R1 b 0 1k\n.end\n");
  folder.write("l.toml", bench("lossy.cir", tank_time, "v(b)", "0.3*sin(2*pi*1e3*t)", "name = \"action_nudge\"\nends = \"periodic\"\n"));
  const auto shown = run_tellegen(folder, {"gradcheck", "l.toml"});
  CHECK(shown.code == 0);
  for (const auto* part : {"biased, r1 (resistor)", "in the emulator", "stationary path with periodic ends", "distance of the path", "(D^c)^T D^c"})
    CHECK(shown.out.find(part) != std::string::npos);
}

TEST_CASE("any bench can be asked for action_nudge; what it cannot take is refused with the element") {
  const Folder folder;
  folder.write("net.cir", net);
  folder.write("b.toml", bench("net.cir", net_time, "v(c)", "0.3", "name = \"adjoint\"\n"));
  CHECK(refusal(folder, {"gradcheck", "b.toml", "--rule", "action_nudge"}).find("the path's ends are fixed at rest") != std::string::npos);
  folder.write("r.toml", bench("net.cir", "step = \"1 us\"\nstop = \"50 us\"\n", "v(c)", "0.3", "name = \"action_nudge\"\n"));
  CHECK(refusal(folder, {"gradcheck", "r.toml"}) ==
        "r.toml:11: [rule] name: action_nudge does not apply here: d1 (diode, junction law): skew -1; only elements of skew 0 have a potential of their own variable");
  folder.write("e.toml", bench("net.cir", net_time, "v(c)", "0.3", "name = \"echo\"\nends = \"periodic\"\n"));
  CHECK(refusal(folder, {"gradcheck", "e.toml"}).find("e.toml:13: [rule] ends: only a stationary path has ends") != std::string::npos);
}

TEST_CASE("a circuit whose free oscillation fits the run has no path: exit 3 and what to change") {
  const Folder folder;
  // a capacitor's flux is held by nothing when the path is periodic
  folder.write("c.cir", "t\nI1 0 a SIN(0 1m 1k)\nC1 a 0 1u\n.end\n");
  folder.write("b.toml", bench("c.cir", tank_time, "v(a)", "0", "name = \"action_nudge\"\nends = \"periodic\"\n"));
  const auto outcome = run_tellegen(folder, {"gradcheck", "b.toml"});
  CHECK(outcome.code == 3);
  CHECK(outcome.err.find("change [time] stop, or [rule] ends") != std::string::npos);
}

TEST_CASE("the error of a holomorphic nudge falls as the power of its points") {
  const Folder folder;
  folder.write("net.cir", net);
  const auto rule = [](int points) { return "name = \"equilibrium\"\nsides = \"holomorphic\"\npoints = " + std::to_string(points) + "\n"; };
  for (const int points : {2, 4}) {
    folder.write("b.toml", bench("net.cir", net_time, "v(c)", "0.3", rule(points)));
    const double ratio = error_of(folder, "0.02") / error_of(folder, "0.01");
    CHECK(ratio == doctest::Approx(std::pow(2, points)).epsilon(0.15));
  }
  folder.write("b.toml", bench("net.cir", net_time, "v(c)", "0.3", rule(12)));
  CHECK(error_of(folder, "0.02") < 1e-8);
}

TEST_CASE("a law that is not analytic has no complex nudge, and the function is named") {
  const Folder folder;
  folder.write("n.cir", "t\nI1 0 a 1m\nR1 a 0 1k\nR2 a 0 own\n.model own R (law=expr f='k*z*abs(z)' k=1m)\n.end\n");
  folder.write("b.toml", bench("n.cir", net_time, "v(a)", "0.3", "name = \"equilibrium\"\nsides = \"holomorphic\"\n"));
  CHECK(refusal(folder, {"gradcheck", "b.toml"}).find("r2 (resistor): its law has abs, which is not analytic") != std::string::npos);
  const auto classified = json_of(run_tellegen(folder, {"classify", "b.toml", "--json", "-"}));
  for (const auto& row : classified.at("rules"))
    if (row.at("rule") == "equilibrium") CHECK(row.at("verdict") == "not applicable");
}

TEST_CASE("rules of the emulator are refused on the chip") {
  const Folder folder;
  folder.write("tank.cir", tank + ".end\n");
  folder.write("net.cir", net);
  folder.write("a.toml", bench("tank.cir", tank_time, "v(b)", "0", "name = \"action_nudge\"\n"));
  folder.write("h.toml", bench("net.cir", net_time, "v(c)", "0.3", "name = \"equilibrium\"\nsides = \"holomorphic\"\n"));
  CHECK(refusal(folder, {"gradcheck", "a.toml", "--plant", "chip"}).starts_with("--plant: action_nudge cannot run on a chip"));
  CHECK(refusal(folder, {"gradcheck", "h.toml", "--plant", "chip"}).starts_with("--plant: equilibrium with complex amplitudes cannot run on a chip"));
  CHECK(refusal(folder, {"run", "a.toml"}).starts_with("a.toml:11: [rule] name: action_nudge cannot run on a chip"));
  CHECK(refusal(folder, {"run", "h.toml"}).starts_with("h.toml:12: [rule] name: equilibrium with complex amplitudes cannot run on a chip"));
}
