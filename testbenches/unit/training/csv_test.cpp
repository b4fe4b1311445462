#include "runtime/training/csv.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {
std::string csv_error(const std::string& text, const std::string& column = "value") {
  return error_of([&] { (void)CsvFile::parse(text, "data.csv").column(column); });
}
}  // namespace

TEST_CASE("columns are found by name and come back in order of the rows") {
  const auto csv = CsvFile::parse("t,value\n1e-9,0.5\n2e-9,-1.25e-3\n3e-9,+7\n", "data.csv");
  CHECK(csv.rows() == 3);
  CHECK(csv.column("value") == std::vector<double>{0.5, -1.25e-3, 7});
  CHECK(csv.column("t") == std::vector<double>{1e-9, 2e-9, 3e-9});
  CHECK(csv.where(2).line == 4);
}

TEST_CASE("byte order mark, carriage returns, blank lines and a missing last line end are accepted") {
  const auto csv = CsvFile::parse("\xEF\xBB\xBFt , value\r\n\r\n 1 ,\t2 \r\n3,4", "data.csv");
  CHECK(csv.column("t") == std::vector<double>{1, 3});
  CHECK(csv.column("value") == std::vector<double>{2, 4});
  CHECK(csv.where(0).line == 3);
}

TEST_CASE("a quoted name may hold commas and quotes") {
  const auto csv = CsvFile::parse("time, \"v(a,b)\" ,\"say \"\"x\"\"\"\n0,1,\"2\"\n", "data.csv");
  CHECK(csv.column("v(a,b)") == std::vector<double>{1});
  CHECK(csv.column("say \"x\"") == std::vector<double>{2});
}

TEST_CASE("the file stays readable after it is moved") {
  auto csv = CsvFile::parse("a\n1\n", "d");
  const auto moved = std::move(csv);
  CHECK(moved.column("a") == std::vector<double>{1});
}

TEST_CASE("a column that is not asked for may hold text") {
  const auto csv = CsvFile::parse("label,value\ncat,1\ndog,2\n", "data.csv");
  CHECK(csv.column("value") == std::vector<double>{1, 2});
  CHECK(csv_error("label,value\ncat,1\n", "label") == "data.csv:2: column \"label\": \"cat\" is no finite number");
}

TEST_CASE("NaN, infinity, units and empty cells are no numbers, told with file, line and column") {
  for (const std::string bad : {"nan", "NaN", "inf", "-inf", "1e999", "1 V", "0x10", "", "1.5.2", "+-3"}) {
    CAPTURE(bad);
    CHECK(csv_error("t,value\n1,2\n\n2," + bad + "\n") ==
          "data.csv:4: column \"value\": \"" + bad + "\" is no finite number");
  }
}

TEST_CASE("a missing column is told with those there are") {
  CHECK(csv_error("t,x,y\n1,2,3\n") == "data.csv:1: no column \"value\"; there are t, x, y");
}

TEST_CASE("a ragged row is refused at its line") {
  CHECK(csv_error("t,value\n1,2\n3\n") == "data.csv:3: the row has 1 cells, expected 2 as in the header (t, value)");
  CHECK(csv_error("t,value\n1,2,\n") == "data.csv:2: the row has 3 cells, expected 2 as in the header (t, value)");
}

TEST_CASE("a file without header, an empty one, and a doubled name are refused") {
  CHECK(csv_error("1,2\n3,4\n") ==
        "data.csv:1: the first line must name the columns, such as \"t,value\"; it holds numbers");
  CHECK(csv_error("\n\n") == "data.csv: the file is empty, expected a header line such as \"t,value\"");
  CHECK(csv_error("value,t,value\n") == "data.csv:1: column \"value\" is named twice");
}

TEST_CASE("a quote that is left open, or followed by text, is refused") {
  CHECK(csv_error("\"value\n1\n") == "data.csv:1: a quote is opened and not closed on this line");
  CHECK(csv_error("value\n\"1\"2\n") == "data.csv:2: text follows the closing quote of \"1\", expected a comma");
}
