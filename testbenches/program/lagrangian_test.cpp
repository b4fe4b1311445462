#include <doctest/doctest.h>

#include "program/program_run.hpp"
#include "program/small_bench.hpp"

using namespace tellegen::tests;

namespace {

const std::string head = "tank\nI1 0 a SIN(0 1m 1k)\nC1 a 0 100n\nL1 a b 100m\n";
const std::string tail = "C2 b 0 220n\nL2 b 0 60m\n.tran 2u 2m 0 2u\n.end\n";

const nlohmann::json& row_of(const nlohmann::json& rows, const char* key, std::string_view name) {
  for (const auto& row : rows)
    if (row.at(key) == name) return row;
  FAIL("no row ", std::string(name));
  return rows;
}

}  // namespace

TEST_CASE("lagrangian shows one term per element, a residual of round-off, and an energy balance that trap keeps exactly") {
  const Folder folder;
  folder.write("d.cir", head + ".options method=trap\n" + tail);
  const auto json = json_of(run_tellegen(folder, {"lagrangian", "d.cir", "--json", "-"}));
  const auto& action = json.at("action");
  CHECK(action.at("missing").empty());
  CHECK(action.at("caveat") == "");
  CHECK(row_of(action.at("terms"), "element", "c1").at("formula") == "+ c v^2/2");
  CHECK(row_of(action.at("terms"), "element", "l2").at("formula") == "- phi^2/(2 l)");
  double total = 0;
  for (const auto& term : action.at("terms")) total += term.at("value").get<double>();
  CHECK(action.at("total").get<double>() == doctest::Approx(total));
  CHECK(json.at("kirchhoff").at("relative_current_residual").get<double>() < 1e-11);
  CHECK(json.at("energy").at("relative_imbalance").get<double>() < 1e-12);
  CHECK(json.at("energy").at("delivered").get<double>() > 1e-6);
  CHECK(json.at("grid").at("start") == "dc");

  const auto shown = run_tellegen(folder, {"lagrangian", "d.cir"});
  CHECK(shown.code == 0);
  for (const auto* part : {"+ c v^2/2", "S = ", "Kirchhoff", "energy audit", "imbalance"}) CHECK(shown.out.find(part) != std::string::npos);
  CHECK(shown.out.find("Riewe") == std::string::npos);
}

TEST_CASE("a half-order term brings its caveat, and an element without an action is told with its reason") {
  const Folder folder;
  folder.write("half.cir", head + "R1 b 0 2k\n" + tail);
  const auto half = json_of(run_tellegen(folder, {"lagrangian", "half.cir", "--json", "-"}));
  CHECK(half.at("action").at("caveat").get<std::string>().find("Riewe") != std::string::npos);
  CHECK(row_of(half.at("action").at("terms"), "element", "r1").at("variable") == "z = D^1/2 phi");
  folder.write("diode.cir", head + "D1 b 0 dd\n.model dd D (is=1n)\n" + tail);
  const auto diode = json_of(run_tellegen(folder, {"lagrangian", "diode.cir", "--json", "-"}));
  CHECK(diode.at("action").at("total").is_null());
  CHECK(row_of(diode.at("action").at("missing"), "element", "d1").at("reason").get<std::string>().find("skew -1") != std::string::npos);
  CHECK(diode.at("kirchhoff").at("relative_current_residual").get<double>() < 1e-10);
  CHECK(row_of(diode.at("energy").at("elements"), "name", "d1").at("taken").get<double>() > 0);
}

TEST_CASE("of a bench, lagrangian looks back at the run with the bench's inputs and start") {
  const Folder folder;
  SmallBench().write(folder);
  const auto json = json_of(run_tellegen(folder, {"lagrangian", "b.toml", "--json", "-"}));
  CHECK(json.at("grid").at("steps") == 100);
  CHECK(json.at("grid").at("start") == "rest");
  CHECK(json.at("energy").at("delivered").get<double>() > 0);
  CHECK(json.at("energy").at("relative_imbalance").get<double>() < 1e-2);
}

TEST_CASE("couplings, controlled sources and membranes are looked back at, too") {
  const Folder folder;
  folder.write("k.cir", "transformer\nV1 in 0 SIN(0 1 1k)\nR0 in a 10\nL1 a 0 10m\nL2 b 0 40m\nK1 L1 L2 0.8\nR2 b 0 100\n.options method=trap\n.tran 2u 2m 0 2u\n.end\n");
  const auto outcome = run_tellegen(folder, {"lagrangian", "k.cir", "--json", "-"});
  const auto json = json_of(outcome);
  CHECK(json.at("kirchhoff").at("relative_current_residual").get<double>() < 1e-11);
  CHECK(json.at("kirchhoff").at("relative_voltage_residual").get<double>() < 1e-11);
  CHECK(json.at("energy").at("relative_imbalance").get<double>() < 1e-11);
  CHECK(json.at("action").at("missing").empty());

  folder.write("e.cir", "amplifier\nI1 0 a SIN(0 1m 1k)\nR1 a 0 1k\nE1 b 0 a 0 3\nR2 b c 1k\nC2 c 0 100n\nB1 d 0 v='0.3*tanh(v(c))*cos(time*1k)'\nR3 d 0 2k\nB2 c 0 i='1u*v(d)'\nF1 0 c v0 0.2\n"
                        "V0 d e 0\nR4 e 0 3k\n.tran 2u 2m 0 2u\n.end\n");
  const auto directed = json_of(run_tellegen(folder, {"lagrangian", "e.cir", "--json", "-"}));
  CHECK(directed.at("kirchhoff").at("relative_current_residual").get<double>() < 1e-10);
  CHECK(directed.at("kirchhoff").at("relative_voltage_residual").get<double>() < 1e-10);
  CHECK(directed.at("energy").at("relative_imbalance").get<double>() < 1e-4);
  CHECK(row_of(directed.at("action").at("missing"), "element", "b2").at("reason").get<std::string>().find("an expression of any voltages") != std::string::npos);

  folder.write("hh.cir", "neuron\nI1 0 a DC 1u\nYHH n1 a 0\n.tran 10u 5m 0 10u\n.end\n");
  const auto neuron = json_of(run_tellegen(folder, {"lagrangian", "hh.cir", "--json", "-"}));
  CHECK(neuron.at("kirchhoff").at("relative_current_residual").get<double>() < 1e-8);
  CHECK(row_of(neuron.at("action").at("missing"), "element", "yhh!n1").at("reason").get<std::string>().find("gates") != std::string::npos);
}

TEST_CASE("lagrangian refuses what has no run") {
  const Folder folder;
  folder.write("op.cir", "t\nI1 0 a 1m\nR1 a 0 1k\n.op\n.end\n");
  CHECK(refusal(folder, {"lagrangian", "op.cir"}) == "op.cir: lagrangian: the deck has no .tran, so no run to look back at; expected one, or a bench");
  folder.write("long.cir", "t\nI1 0 a 1m\nR1 a 0 1k\nC1 a 0 1n\n.tran 1n 20m 0 1n\n.end\n");
  CHECK(refusal(folder, {"lagrangian", "long.cir"}).starts_with("long.cir:5: lagrangian: "));
  CHECK(refusal(folder, {"lagrangian", "absent.cir"}).find("absent.cir") != std::string::npos);
}
