// `sim`: analyses of a SPICE deck against closed forms, and the files that it writes.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

using Columns = std::map<std::string, std::vector<double>>;

/// Columns of `sim --json`, by variable.
Columns simulate(const std::string& deck) {
  const Folder folder;
  folder.write("d.cir", deck);
  Columns columns;
  const auto json = json_of(run_tellegen(folder, {"sim", "d.cir", "--json", "-"}));
  for (const auto& variable : json.at("variables"))
    columns[variable.at("name")] = variable.at("values").get<std::vector<double>>();
  return columns;
}

std::string printed(const Folder& folder, const std::string& deck) {
  folder.write("d.cir", deck);
  const auto outcome = run_tellegen(folder, {"sim", "d.cir"});
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  return outcome.out;
}

/// Largest distance of a waveform from a function of time.
template <class Function>
double largest_error(const Columns& columns, const std::string& variable, Function expected) {
  const auto& time = columns.at("time");
  const auto& values = columns.at(variable);
  REQUIRE(time.size() == values.size());
  double largest = 0;
  for (std::size_t n = 0; n < time.size(); ++n) largest = std::max(largest, std::abs(values[n] - expected(time[n])));
  return largest;
}

std::vector<std::vector<double>> rows_of_csv(const std::string& text) {
  std::vector<std::vector<double>> rows;
  const auto lines = lines_of(text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    rows.emplace_back();
    std::istringstream cells(lines[i]);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

/// One plot of a SPICE3 raw file.
struct RawPlot {
  std::map<std::string, std::string> header;
  std::vector<std::string> names, types;
  std::vector<std::vector<double>> points;
};

std::vector<RawPlot> plots_of_raw(const std::string& text) {
  std::vector<RawPlot> plots;
  for (std::size_t at = 0; at < text.size();) {
    auto& plot = plots.emplace_back();
    const auto next_line = [&] {
      const auto end = text.find('\n', at);
      REQUIRE(end != std::string::npos);
      const auto line = text.substr(at, end - at);
      at = end + 1;
      return line;
    };
    for (auto line = next_line(); line != "Variables:"; line = next_line())
      plot.header[line.substr(0, line.find(": "))] = line.substr(line.find(": ") + 2);
    const auto variables = std::stoul(plot.header.at("No. Variables")),
               points = std::stoul(plot.header.at("No. Points"));
    for (std::size_t v = 0; v < variables; ++v) {
      std::istringstream line(next_line());
      std::size_t index = 0;
      line >> index >> plot.names.emplace_back() >> plot.types.emplace_back();
      CHECK(index == v);
    }
    REQUIRE(next_line() == "Binary:");
    REQUIRE(text.size() - at >= points * variables * sizeof(double));
    for (std::size_t p = 0; p < points; ++p) {
      auto& row = plot.points.emplace_back(variables);
      std::memcpy(row.data(), text.data() + at, variables * sizeof(double));
      at += variables * sizeof(double);
    }
  }
  return plots;
}

/// RC of 1 ms behind a ramp of 1 V/ms: v = t - tau (1 - exp(-t/tau)) in V and ms.
std::string ramp_deck(const std::string& method) {
  return "ramp\nV1 in 0 PWL(0 0 5m 5)\nR1 in out 1k\nC1 out 0 1u\n.options method=" + method +
         "\n.tran 10u 5m 0 10u\n.end\n";
}
double ramp_response(double t) { return t / 1e-3 - (1 - std::exp(-t / 1e-3)); }

constexpr const char* both_analyses =
    "both\nV1 in 0 PULSE(0 1 1m 1u 1u 1 2)\nR1 in out 1k\nC1 out 0 1u\n.tran 1m 5m 2m 0.5m\n.op\n"
    ".print tran v(out) v(in,out) i(v1)\n.print op v(in)\n.save v(out) v(in,out)\n.end\n";

}  // namespace

TEST_CASE("a capacitor that charges through a resistor follows its closed form by every method") {
  const auto bdf2 = largest_error(simulate(ramp_deck("bdf2")), "v(out)", ramp_response);
  const auto trap = largest_error(simulate(ramp_deck("trap")), "v(out)", ramp_response);
  const auto be = largest_error(simulate(ramp_deck("be")), "v(out)", ramp_response);
  CHECK(bdf2 < 1e-4);
  CHECK(trap < 1e-4);
  CHECK(be < 6e-3);  // first order: h / 2 tau
  CHECK(be > 10 * bdf2);
}

TEST_CASE("with uic a capacitor discharges from its .ic voltage") {
  const auto columns = simulate("discharge\nR1 a 0 1k\nC1 a 0 1u\n.ic v(a)=2\n.tran 5u 3m 0 5u uic\n.end\n");
  CHECK(columns.at("v(a)").front() == 2);
  CHECK(largest_error(columns, "v(a)", [](double t) { return 2 * std::exp(-t / 1e-3); }) < 6e-3);
}

TEST_CASE("with uic an empty capacitor charges from zero") {
  const auto columns = simulate("charge\nV1 in 0 1\nR1 in out 1k\nC1 out 0 1u\n.tran 2u 5m 0 2u uic\n.end\n");
  CHECK(columns.at("v(out)").front() == 0);
  CHECK(largest_error(columns, "v(out)", [](double t) { return 1 - std::exp(-t / 1e-3); }) < 2e-3);
}

TEST_CASE("without uic a transient starts at the operating point, and .ic holds a node there") {
  const auto at_rest = simulate("t\nV1 in 0 2\nR1 in out 1k\nR2 out 0 1k\nC1 out 0 1u\n.tran 10u 1m\n.end\n");
  CHECK(largest_error(at_rest, "v(out)", [](double) { return 1.0; }) < 1e-12);
  const auto held =
      simulate("t\nV1 in 0 2\nR1 in out 1k\nR2 out 0 1k\nC1 out 0 1u\n.ic v(out)=0.25\n.tran 1u 2m 0 1u\n.end\n");
  CHECK(held.at("v(out)").front() == doctest::Approx(0.25).epsilon(1e-12));
  CHECK(largest_error(held, "v(out)", [](double t) { return 1 - 0.75 * std::exp(-t / 0.5e-3); }) < 3e-3);
}

TEST_CASE("the operating point of a diode behind a resistor is where Newton's method finds it") {
  const auto columns = simulate("diode\nV1 in 0 5\nR1 in a 1k\nD1 a 0 dm\n.model dm D (is=1e-14 n=1.5)\n.op\n.end\n");
  const double nvt = 1.5 * 1.380649e-23 * 300.15 / 1.602176634e-19;
  double v = 0.6;
  for (int i = 0; i < 1000; ++i) {
    const double current = 1e-14 * std::expm1(v / nvt);
    v -= (current - (5 - v) / 1e3) / ((current + 1e-14) / nvt + 1e-3);
  }
  CHECK(columns.at("v(a)").at(0) == doctest::Approx(v).epsilon(1e-9));
  CHECK(columns.at("i(v1)").at(0) == doctest::Approx(-(5 - v) / 1e3).epsilon(1e-9));
}

TEST_CASE("nested subcircuits with parameters, expressions and continued lines give the divider that they spell") {
  const auto columns = simulate(R"(* the first line is the title, whatever it looks like
.PARAM rbase=1k gain={2*3}  ; a comment
.subckt cell in out params: r=10
R1 in mid {r}
X1 mid out leaf rr={r/2}
.ends
.subckt leaf a b rr=10
Rx a b {rr}
.ends leaf
Vin IN 0 {gain/6} $ another comment
Xa in o1 cell r={rbase}
Xb o1 o2
+ cell r=2k
R1 o2 0 1K
.op
.end
)");
  CHECK(columns.at("v(o2)").at(0) == doctest::Approx(1 / 5.5).epsilon(1e-12));
  CHECK(columns.at("v(xa:mid)").at(0) == doctest::Approx(4.5 / 5.5).epsilon(1e-12));
  CHECK(columns.at("i(vin)").at(0) == doctest::Approx(-1 / 5.5e3).epsilon(1e-12));
}

TEST_CASE("a fractional memristor with a linear law is a resistor, by every method") {
  for (const std::string method : {"be", "bdf2", "trap"}) {
    const auto columns = simulate(
        "t\nV1 in 0 SIN(0 1 1meg)\nR1 in a 1k\nYFMEM f a 0 lin\nR2 in b 1k\nR3 b 0 1k\nC1 a 0 50p\nC2 b 0 50p\n"
        ".model lin FMEM (law=linear k0=1m)\n.options method=" +
        method + "\n.tran 10n 2u 0 10n\n.end\n");
    const auto& resistor = columns.at("v(b)");
    std::size_t n = 0;
    for (const double v : columns.at("v(a)")) CHECK(std::abs(v - resistor[n++]) < 1e-12);
  }
}

TEST_CASE("a deck chooses how its fractional elements remember, and the waveforms agree as far as each history promises") {
  const auto run = [](const std::string& option) {
    return simulate("t\nV1 in 0 SIN(0 1 100k)\nR1 in a 1k\nYFMEM f a b half\nC1 b 0 1n\nYCPE p b 0 q=1u alpha=0.6\n"
                    ".model half FMEM (law=sinh k0=0.1m k1=1m z0=1m)\n" + option + "\n.tran 20n 20u 0 20n\n.end\n").at("v(b)");
  };
  const auto difference = [](const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0, size = 0;
    for (std::size_t n = 0; n < a.size(); ++n) largest = std::max(largest, std::abs(a[n] - b[n])), size = std::max(size, std::abs(b[n]));
    return largest / size;
  };
  const auto direct = run("");
  CHECK(run(".options history=direct") == direct);
  CHECK(difference(run(".options history=fft"), direct) < 1e-12);
  const auto twenty = run(".options history=exp terms=20"), thirty_two = run(".options history=exp terms=32");
  CHECK(run(".options history=exp") == thirty_two);
  CHECK(difference(twenty, direct) < 3e-5);
  CHECK(difference(twenty, direct) > 1e-8);
  CHECK(difference(thirty_two, direct) < 1e-8);
}

TEST_CASE("an LC circuit rings at its own frequency, and the trapezoidal rule keeps its height") {
  const auto columns =
      simulate("ring\nC1 a 0 1u\nL1 a 0 1m\n.ic v(a)=1\n.options method=trap\n.tran 0.2u 600u 0 0.2u uic\n.end\n");
  const double omega = 1 / std::sqrt(1e-9);
  CHECK(largest_error(columns, "v(a)", [&](double t) { return std::cos(omega * t); }) < 5e-3);
}

TEST_CASE("a print table has a row at tstart and at every tstep, whatever the step") {
  const Folder folder;
  const std::string circuit = "t\nV1 a 0 PWL(0 0 10m 10)\nR1 a 0 1k\n.print tran v(a)\n";
  for (const std::string tran : {".tran 1m 5m 2m 0.5m", ".tran 1m 5m 2m 0.3m", ".tran 1m 5m 2m", ".tran 1m 5m 2m 7m",
                                 ".tran 1m 5.05m 2m 0.3m"}) {
    CAPTURE(tran);
    const auto lines = lines_of(printed(folder, circuit + tran + "\n.end\n"));
    REQUIRE(lines.size() >= 6);
    for (int row = 0; row < 4; ++row) {
      double time = 0, value = 0;
      std::istringstream(lines[static_cast<std::size_t>(row) + 2]) >> time >> value;
      CHECK(time == doctest::Approx((row + 2) * 1e-3).epsilon(1e-6));
      CHECK(value == doctest::Approx(row + 2).epsilon(1e-6));
    }
    CHECK((lines.size() == 6 || lines[6].empty()));
  }
}

TEST_CASE("tmax equal to tstep runs at that step; a smaller one, or none, only makes it finer") {
  const auto points = [](const std::string& tran) {
    return simulate("t\nV1 a 0 1\nR1 a 0 1k\n" + tran + "\n.end\n").at("time");
  };
  CHECK(points(".tran 1u 10u 0 1u").size() == 11);
  CHECK(points(".tran 1u 10u 0 1u").at(3) == doctest::Approx(3e-6).epsilon(1e-12));
  CHECK(points(".tran 1u 10u 0 0.25u").size() == 41);
  CHECK(points(".tran 1u 10u 0 5u").size() == 11);
  CHECK(points(".tran 1u 10u").size() == 51);
  CHECK(points(".tran 1u 100u").size() == 101);
  CHECK(points(".tran 3u 10u 0 3u").at(1) == doctest::Approx(3e-6).epsilon(1e-12));
  CHECK(points(".tran 3u 10u 0 3u").back() == doctest::Approx(9e-6).epsilon(1e-12));
  CHECK(points(".tran 3u 10u 0 2u").back() == doctest::Approx(10e-6).epsilon(1e-12));
  CHECK(points(".tran 1u 10u 4u 1u").front() == doctest::Approx(4e-6).epsilon(1e-12));
}

TEST_CASE("the operating point without .print op is shown whole, with it as asked for") {
  const Folder folder;
  const auto whole = printed(folder, "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.op\n.end\n");
  for (const std::string word : {"v(a)", "v(b)", "i(v1)", "0.5", "-0.0005", "V", "A"})
    CHECK(whole.find(word) != std::string::npos);
  const auto asked = printed(folder, "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.op\n.print op v(b) v(a,b)\n.end\n");
  CHECK(asked.find("i(v1)") == std::string::npos);
  CHECK(asked.find("v(a,b)") != std::string::npos);
  CHECK(asked.find("5.000000e-01") != std::string::npos);
}

TEST_CASE("a deck with .op and .tran prints the tables of both, in the deck's order") {
  const Folder folder;
  const auto text = printed(folder, both_analyses);
  CHECK(text.find("v(in,out)") < text.find("          v(in)\n"));
  folder.write("d.cir", "t\nV1 a 0 1\nR1 a 0 1k\n.op\n.print tran v(a)\n.end\n");
  const auto idle = run_tellegen(folder, {"sim", "d.cir"});
  CHECK(idle.code == 0);
  CHECK(idle.err == "d.cir:5: warning: .print tran: the deck has no .tran\n");
}

TEST_CASE("CSV and JSON hold the transient of a deck with .op and .tran, raw holds both") {
  const Folder folder;
  folder.write("d.cir", both_analyses);
  const auto outcome = run_tellegen(folder, {"sim", "d.cir", "-o", "o.csv", "--json", "o.json"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "");
  CHECK(run_tellegen(folder, {"sim", "d.cir", "-o", "o.RAW"}).code == 0);
  CHECK(folder.content() == std::vector<std::string>{"d.cir", "o.RAW", "o.csv", "o.json"});

  const auto csv = folder.read("o.csv");
  CHECK(lines_of(csv).front() == "time,v(out),\"v(in,out)\"");
  const auto rows = rows_of_csv(csv);
  REQUIRE(rows.size() == 7);  // 2 ms to 5 ms by 0.5 ms

  const auto json = nlohmann::json::parse(folder.read("o.json"));
  CHECK(json.at("analysis") == "tran");
  const auto& variables = json.at("variables");
  REQUIRE(variables.size() == 3);
  CHECK(variables[0].at("name") == "time");
  CHECK(variables[0].at("unit") == "s");
  CHECK(variables[2].at("name") == "v(in,out)");
  CHECK(variables[2].at("unit") == "V");

  const auto plots = plots_of_raw(folder.read("o.RAW"));
  REQUIRE(plots.size() == 2);
  const auto& transient = plots[0];
  CHECK(transient.header.at("Title") == "both");
  CHECK(transient.header.at("Plotname") == "Transient Analysis");
  CHECK(transient.header.at("Flags") == "real");
  CHECK(transient.names == std::vector<std::string>{"time", "v(out)", "v(in,out)"});
  CHECK(transient.types == std::vector<std::string>{"time", "voltage", "voltage"});
  CHECK(plots[1].header.at("Plotname") == "Operating Point");
  CHECK(plots[1].names == std::vector<std::string>{"v(out)", "v(in,out)"});
  REQUIRE(transient.points.size() == rows.size());
  // All three give back the same doubles, to the last bit.
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t v = 0; v < 3; ++v) {
      CHECK(rows[r][v] == transient.points[r][v]);
      CHECK(variables[v].at("values")[r].get<double>() == transient.points[r][v]);
    }
}

TEST_CASE("without .save a file holds every node voltage and every voltage source current") {
  const Folder folder;
  folder.write("d.cir", "t\nV1 a 0 1\nR1 a b 1k\nC1 b 0 1n\nI1 0 b 1m\n.tran 1u 10u 0 1u\n.end\n");
  CHECK(run_tellegen(folder, {"sim", "d.cir", "-o", "o.csv"}).code == 0);
  CHECK(lines_of(folder.read("o.csv")).front() == "time,v(a),v(b),i(v1)");
  CHECK(run_tellegen(folder, {"sim", "d.cir", "-o", "-"}).out == folder.read("o.csv"));
}

TEST_CASE("an existing output is replaced as a whole, and kept where the simulation fails") {
  const Folder folder;
  folder.write("d.cir", "t\nV1 a 0 1\nR1 a 0 1k\n.op\n.end\n");
  folder.write("o.csv", std::string(100000, 'x'));
  CHECK(run_tellegen(folder, {"sim", "d.cir", "-o", "o.csv"}).code == 0);
  CHECK(folder.read("o.csv") == "v(a),i(v1)\n1,-0.001\n");
  folder.write("d.cir", "t\nV1 a 0 1\nL1 a 0 1m\n.op\n.end\n");
  CHECK(run_tellegen(folder, {"sim", "d.cir", "-o", "o.csv"}).code == 3);
  CHECK(folder.read("o.csv") == "v(a),i(v1)\n1,-0.001\n");
}

namespace {

const std::string diode_line = R"(a line of diodes
v1 n0 0 pulse(0 2 0 1n 1n 20n 50n)
r0 n0 n1 100
c1 n1 0 1p
d1 n1 0 dm
r1 n1 n2 100
c2 n2 0 1p
d2 n2 0 dm
l1 n2 n3 10n
r2 n3 0 1k
.model dm d(is=1e-14)
.save v(n1) v(n3) v(n1,n2)
.print tran v(n1) v(n3)
.tran 0.1n 100n 0 0.1n
.end
)";

}  // namespace

TEST_CASE("every way to solve a transient gives the same waves, and --explain says which one was taken") {
  const Folder folder;
  folder.write("d.cir", diode_line);
  const auto waves = [&](const std::string& plan) {
    const auto outcome = run_tellegen(folder, {"sim", "d.cir", "-o", "-", "--plan", plan, "--explain"});
    CHECK(outcome.code == 0);
    CHECK(outcome.err.find(plan == "general" ? "general engine" : plan == "klu" ? "KLU" : "supernodal LDL^T") != std::string::npos);
    return rows_of_csv(outcome.out);
  };
  const auto general = waves("general");
  REQUIRE(general.size() == 1001);
  for (const std::string plan : {"auto", "supernodal", "klu"}) {
    const auto other = waves(plan);
    REQUIRE(other.size() == general.size());
    for (std::size_t n = 0; n < general.size(); ++n)
      for (std::size_t c = 0; c < general[n].size(); ++c) CHECK(std::abs(other[n][c] - general[n][c]) < 1e-9);
  }
  const auto told = run_tellegen(folder, {"sim", "d.cir", "--explain"});
  CHECK(told.code == 0);
  for (const std::string word : {"unknowns", "plan", "matrix, factors", "flops", "Newton iterations", "kernels"})
    CHECK(told.out.find(word) != std::string::npos);
}

TEST_CASE("a plan that a circuit does not admit is refused, and so are instructions that the machine lacks") {
  const Folder folder;
  folder.write("d.cir", diode_line);
  const auto crossbar = run_tellegen(folder, {"sim", "d.cir", "--plan", "crossbar"});
  CHECK(crossbar.code == 2);
  CHECK(crossbar.err.find("d.cir:14: --plan: crossbar cannot be had: the circuit's topology is no crossbar") != std::string::npos);
  const auto unknown = run_tellegen(folder, {"sim", "d.cir", "--plan", "fast"});
  CHECK(unknown.code == 2);
  const auto currents = run_tellegen(folder, {"sim", "d.cir", "--explain", "-o", "w.csv"});
  CHECK(currents.code == 0);
}

TEST_CASE("initial conditions that leave a memory at rest under a voltage give the same waves by every way") {
  const Folder folder;
  const std::string ring = "a tank\nl1 a b 1m\nr1 b 0 10\nc1 a 0 1u\nr2 a 0 1k\n.ic v(a)=1 v(b)=0.25\n.save v(a) v(b)\n.options method=trap\n";
  folder.write("d.cir", ring + ".tran 1u 300u 0 1u uic\n.end\n");
  const auto waves = [&](const std::string& plan) {
    const auto outcome = run_tellegen(folder, {"sim", "d.cir", "-o", "-", "--plan", plan});
    CHECK(outcome.code == 0);
    return rows_of_csv(outcome.out);
  };
  const auto general = waves("general"), automatic = waves("auto");
  REQUIRE(general.size() == automatic.size());
  for (std::size_t n = 0; n < general.size(); ++n)
    for (std::size_t c = 0; c < general[n].size(); ++c) CHECK(std::abs(automatic[n][c] - general[n][c]) < 1e-10);
}
