// Waveforms of inputs and targets: csv on the grid or off it, samples, expressions.

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "runtime/training/bench.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

/// Four steps of 10 ns, and a target as given.
std::string bench_with(const std::string& target) {
  return "[bench]\ndeck = \"lowpass.cir\"\n[time]\nstep = \"10 ns\"\nstop = \"40 ns\"\n[[loss]]\nkind = \"mse\"\nprobe "
         "= "
         "\"v(out)\"\ntarget = { " +
         target + " }\n";
}

std::vector<double> target_of(const std::string& target, const std::string& csv = "") {
  const BenchFolder folder;
  folder.write("d.csv", csv);
  return read_bench(folder.write("b.toml", bench_with(target))).data.losses[0].term.target;
}

std::string target_error(const std::string& target, const std::string& csv = "") {
  const BenchFolder folder;
  folder.write("d.csv", csv);
  const auto file = folder.write("b.toml", bench_with(target));
  return folder.without_folder(error_of([&] { (void)read_bench(file); }));
}

void check_near(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-9));
}

constexpr const char* five_rows = "t,value\n0,0\n10e-9,1\n20e-9,2\n30e-9,3\n40e-9,4\n";

}  // namespace

TEST_CASE("rows without times are the samples in order, after those skipped, times the scale") {
  CHECK(target_of("csv = \"d.csv\"", "value\n1\n2\n3\n4\n5\n") == std::vector<double>{1, 2, 3, 4});
  CHECK(target_of("csv = \"d.csv\", column = \"y\", skip = 2, scale = -2", "x,y\n0,1\n0,2\n0,3\n0,4\n0,5\n0,6\n") ==
        std::vector<double>{-6, -8, -10, -12});
}

TEST_CASE("rows at the times of the grid are taken exactly, a row at time zero is not a step") {
  CHECK(target_of("csv = \"d.csv\"", "t,value\n10e-9,0.1\n20e-9,0.2\n30e-9,0.3\n40e-9,0.4\n") ==
        std::vector<double>{0.1, 0.2, 0.3, 0.4});
  CHECK(target_of("csv = \"d.csv\"", five_rows) == std::vector<double>{1, 2, 3, 4});
  CHECK(target_of("csv = \"d.csv\", column = \"v(a,b)\"", "time,\"v(a,b)\"\n0,9\n1e-8,1\n2e-8,2\n3e-8,3\n4e-8,4\n") ==
        std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("times within a millionth of a step are on the grid") {
  CHECK(target_of("csv = \"d.csv\"", "t,value\n10.000000009e-9,1\n20e-9,2\n30e-9,3\n39.999999991e-9,4\n") ==
        std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("another grid is interpolated on straight lines") {
  check_near(target_of("csv = \"d.csv\"", "t,value\n0,0\n25e-9,5\n50e-9,0\n"), {2, 4, 4, 2});
  check_near(target_of("csv = \"d.csv\"", "t,value\n5e-9,1\n15e-9,3\n25e-9,5\n45e-9,9\n"), {2, 4, 6, 8});
}

TEST_CASE("the first row is held for one step before it, no more, and the last not at all") {
  check_near(target_of("csv = \"d.csv\"", "t,value\n20e-9,7\n40e-9,9\n"), {7, 7, 8, 9});
  CHECK(target_error("csv = \"d.csv\"", "t,value\n21e-9,7\n40e-9,9\n") ==
        "d.csv: column \"t\": the file covers 11 ns to 40 ns, the bench's steps lie at 10 ns to 40 ns");
  CHECK(target_error("csv = \"d.csv\"", "t,value\n0,0\n10e-9,1\n20e-9,2\n30e-9,3\n") ==
        "d.csv: column \"t\": the file covers 0 s to 30 ns, the bench's steps lie at 10 ns to 40 ns");
}

TEST_CASE("with skip the last row left out is time zero") {
  const std::string long_file = "t,value\n10e-9,1\n20e-9,2\n30e-9,3\n40e-9,4\n50e-9,5\n60e-9,6\n";
  check_near(target_of("csv = \"d.csv\", skip = 2", long_file), {3, 4, 5, 6});
  check_near(target_of("csv = \"d.csv\", skip = 1", five_rows), {1, 2, 3, 4});
}

TEST_CASE("times must increase") {
  CHECK(target_error("csv = \"d.csv\"", "t,value\n10e-9,1\n30e-9,2\n20e-9,3\n40e-9,4\n") ==
        "d.csv:4: column \"t\": times must increase, but 2e-08 s comes after 3e-08 s");
}

TEST_CASE("too few rows, rows all skipped, and a missing column are told at the bench's line") {
  CHECK(
      target_error("csv = \"d.csv\"", "value\n1\n2\n3\n") ==
      "b.toml:9: [[loss]] target.csv: \"d.csv\" has 3 rows after the 0 skipped, expected one for each of the 4 steps");
  CHECK(target_error("csv = \"d.csv\", skip = 3", "value\n1\n2\n3\n") ==
        "b.toml:9: [[loss]] target.skip: no row of \"d.csv\" is left: it has 3 and 3 are skipped");
  CHECK(target_error("csv = \"d.csv\"", "value\n") ==
        "b.toml:9: [[loss]] target.csv: no row of \"d.csv\" is left: it has 0 and 0 are skipped");
  CHECK(target_error("csv = \"d.csv\", skip = -1", "value\n1\n") ==
        "b.toml:9: [[loss]] target.skip: a number of rows is expected, got -1");
  CHECK(target_error("csv = \"d.csv\", column = \"z\"", "t,x,y\n1,2,3\n") ==
        "b.toml:9: [[loss]] target.column: \"d.csv\" has no column \"z\"; it has t, x, y");
  CHECK(target_error("csv = \"d.csv\"", "t,x\n1,2\n") ==
        "b.toml:9: [[loss]] target.column: \"d.csv\" has no column \"value\"; it has t, x");
}

TEST_CASE("a bad cell is told at its line of the data file") {
  CHECK(target_error("csv = \"d.csv\"", "value\n1\nnan\n3\n4\n") ==
        "d.csv:3: column \"value\": \"nan\" is no finite number");
}

TEST_CASE("samples are one per step at least, and numbers") {
  CHECK(target_of("samples = [1, 2.5, 3, 4, 5]") == std::vector<double>{1, 2.5, 3, 4});
  CHECK(target_error("samples = [1, 2, 3]") ==
        "b.toml:9: [[loss]] target.samples: 3 samples for 4 steps, expected one per step: n = 1..4");
  CHECK(target_error("samples = [1, 2, \"x\", 4]") ==
        "b.toml:9: [[loss]] target.samples: a finite number is expected, got \"x\"");
  CHECK(target_error("samples = [1, 2, inf, 4]")
            .starts_with("b.toml:9: [[loss]] target.samples: a finite number is expected"));
}

TEST_CASE("an expression is evaluated at the steps, in t alone") {
  check_near(target_of("expr = \"0.3*sin(2*pi*1e7*t)\""),
             {0.3 * std::sin(0.2 * std::numbers::pi), 0.3 * std::sin(0.4 * std::numbers::pi),
              0.3 * std::sin(0.6 * std::numbers::pi), 0.3 * std::sin(0.8 * std::numbers::pi)});
  check_near(target_of("expr = \"t < 25n ? 1 : time*1e8\", scale = 2"), {2, 2, 6, 8});
  CHECK(target_error("expr = \"amplitude*t\"") ==
        "b.toml:9: [[loss]] target.expr: unknown name \"amplitude\"; the only variable is the time t [s]");
  CHECK(target_error("expr = \"1/(t-20n)\"").starts_with("b.toml:9: [[loss]] target.expr: the value at t = "));
  CHECK(target_error("expr = \"1+\"").starts_with("b.toml:9: "));
}

TEST_CASE("a waveform is described in one way, and options that it would not use are refused") {
  CHECK(target_error("scale = 2") ==
        "b.toml:9: [[loss]] target: one of \"csv\", \"samples\" and \"expr\" is expected, got none");
  CHECK(target_error("expr = \"1\", samples = [1, 2, 3, 4]") ==
        "b.toml:9: [[loss]] target: one of \"csv\", \"samples\" and \"expr\" is expected, got several");
  CHECK(target_error("expr = \"1\", skip = 1") == "b.toml:9: [[loss]] target.skip: only a csv file has this");
  CHECK(target_error("samples = [1, 2, 3, 4], column = \"y\"") ==
        "b.toml:9: [[loss]] target.column: only a csv file has this");
}
