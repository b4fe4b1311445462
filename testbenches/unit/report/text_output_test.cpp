#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/report/number_text.hpp"
#include "runtime/report/progress.hpp"
#include "runtime/report/table.hpp"
#include "runtime/report/verdict.hpp"
#include "testbenches/unit/report/sample_record.hpp"

using namespace tellegen::report;

namespace {

/// A terminal whose clock the test turns by hand.
struct FakeTerminal {
  std::vector<std::string> written;
  double time = 100;  // [s]
  ProgressOutput output(bool terminal = true) {
    return {[this](std::string_view text) { written.emplace_back(text); }, [this] { return time; }, terminal, 80};
  }
};

}  // namespace

TEST_CASE("quantities carry an SI prefix and keep their count of digits") {
  CHECK(quantity(3.2e-6, "s", 4) == "3.200\u00A0µs");
  CHECK(quantity(-0.1005, "S", 4) == "\u2212100.5\u00A0mS");
  CHECK(quantity(999.96e-9, "F", 4) == "1.000\u00A0µF");
  CHECK(quantity(47e3, "ohm", 3) == "47.0\u00A0kΩ");
  CHECK(quantity(2.27e-7, "V^2 s", 3) == "2.27\u202F×\u202F10⁻⁷\u00A0V² s");
  CHECK(quantity(0, "V", 4) == "0\u00A0V");
  CHECK(quantity(std::nan(""), "V", 4) == "not finite\u00A0V");
  CHECK(quantity(2e-4, "V s^1/2", 3) == "200\u00A0µV √s");
  CHECK(quantity(1e-30, "F", 3) == "1.00\u202F×\u202F10⁻³⁰\u00A0F");
}

TEST_CASE("chosen values have no trailing zeros") {
  CHECK(setting(1e7, "Hz") == "10\u00A0MHz");
  CHECK(setting(0.02, "") == "0.02");
  CHECK(setting(1e-3, "") == "0.001");
  CHECK(setting(1e-9, "") == "10⁻⁹");
  CHECK(setting(2.5e-9, "V^2") == "2.5\u202F×\u202F10⁻⁹\u00A0V²");
  CHECK(setting(100, "") == "100");
  CHECK(setting(0.99, "") == "0.99");
}

TEST_CASE("a cosine shows as many nines as it has, and never rounds up to one") {
  CHECK(cosine_text(0.99998) == "0.99998");
  CHECK(cosine_text(0.9731) == "0.973");
  CHECK(cosine_text(-0.53) == "\u22120.530");
  CHECK(cosine_text(1 - 2.1e-12).starts_with("1\u202F\u2212\u202F2.1"));
  CHECK(cosine_text(1) == "1");
  CHECK(cosine_text(1 - 9e-16) == "1");  // round-off has nothing to say
  CHECK(cosine_text(0.9999999) != "1.0000000");
}

TEST_CASE("units are written with their signs") {
  CHECK(unit_text("A s^1/2") == "A √s");
  CHECK(unit_text("Wb/s^1/2") == "Wb/√s");
  CHECK(unit_text("V^2 s") == "V² s");
  CHECK(unit_text("S s^0.7") == "S s⁰·⁷");
  CHECK(unit_text("m^-1") == "m⁻¹");
}

TEST_CASE("counts and memory sizes are grouped and prefixed") {
  CHECK(count_text(5760) == "5760");
  CHECK(count_text(1234567) == "1\u202F234\u202F567");
  CHECK(bits_text(1600) == "1600\u00A0bit");
  CHECK(bits_text(2304000) == "2.30\u00A0Mbit");
}

TEST_CASE("a text table lines up its columns by shown characters and leaves no trailing blanks") {
  TextTable table({{"rule"}, {"cosine", Align::right}, {"reason"}});
  table.add_row({"biased_echo", "0.99998", ""});
  table.add_row({"µ", "−1", "r1 dissipates"});
  CHECK(table.text() ==
        "rule          cosine  reason\n"
        "-----------  -------  -------------\n"
        "biased_echo  0.99998\n"
        "µ                 −1  r1 dissipates\n");
  CHECK_THROWS_AS(table.add_row({"too", "few"}), std::invalid_argument);
}

TEST_CASE("a text table wraps its last column at blanks") {
  TextTable table({{"rule"}, {"reason"}});
  table.add_row({"equilibrium", "the input varies with time and c1 does not settle"});
  CHECK(table.text(40) ==
        "rule         reason\n"
        "-----------  ---------------------------\n"
        "equilibrium  the input varies with time\n"
        "             and c1 does not settle\n");
}

TEST_CASE("progress is silent where nobody looks") {
  FakeTerminal terminal;
  {
    Progress progress("training", 100, "epochs", terminal.output(false));
    for (int k = 0; k < 100; ++k) {
      terminal.time += 1;
      progress.advance();
    }
  }
  CHECK(terminal.written.empty());
}

TEST_CASE("a task of less than two seconds shows no progress bar") {
  FakeTerminal terminal;
  {
    Progress progress("training", 100, "epochs", terminal.output());
    for (int k = 0; k < 100; ++k) {
      terminal.time += 0.018;
      progress.advance();
    }
  }
  CHECK(terminal.written.empty());
}

TEST_CASE(
    "a long task shows rate and time left within a second of its start, ten lines a second at most, and clears its "
    "line") {
  FakeTerminal terminal;
  {
    Progress progress("training", 1000, "epochs", terminal.output());
    for (int k = 0; k < 100; ++k) {
      terminal.time += 0.01;
      progress.advance();
    }
    REQUIRE(!terminal.written.empty());
    CHECK(terminal.written.size() <= 7);
    CHECK(terminal.written.front().find("100 epochs/s") != std::string::npos);
    CHECK(terminal.written.front().find("00:10 left") != std::string::npos);
  }
  CHECK(terminal.written.back() == "\r\x1b[K");
}

TEST_CASE("a progress line fits into its terminal and fills with the work") {
  const auto line = progress_line("training", 420, 1000, "epochs", 0.5, 80);
  CHECK(shown_width(line) < 80);
  CHECK(line.find("42 %") != std::string::npos);
  CHECK(line.find("840 epochs/s") != std::string::npos);
  CHECK(shown_width(progress_line("training", 420, 1000, "epochs", 0.5, 30)) < 30);
  CHECK(progress_line("x", 10, 10, "steps", 1, 80).find('>') == std::string::npos);
  CHECK(progress_line("x", 0, 10, "steps", 3, 80).find("left") == std::string::npos);
}

TEST_CASE("the verdict says that a true gradient is found, at the chip's timing") {
  auto record = sample_record();
  record.gradient.cosine = 0.99998;
  record.gradient.relative_error = 3.1e-6;
  record.limits.pop_back();
  const auto verdict = verdict_of(record);
  CHECK(verdict.tone == Tone::good);
  CHECK(verdict.sentence ==
        "The local rule biased_echo finds the true gradient at this chip timing: cosine\u00A00.99998, relative "
        "error\u00A0"
        "3.1\u202F×\u202F10⁻⁶.");
}

TEST_CASE("the verdict says that a gradient is wrong, and names the element that is the reason") {
  auto record = sample_record();
  record.gradient.rule = "forward_nudge";
  record.gradient.plant = "direct";
  record.gradient.cosine = -0.28;
  record.gradient.relative_error = 1.9;
  const auto verdict = verdict_of(record);
  CHECK(verdict.tone == Tone::bad);
  CHECK(verdict.sentence.find("points away from the true gradient on ideal hardware") != std::string::npos);
  REQUIRE(!verdict.details.empty());
  CHECK(verdict.details.front() == "On this circuit the rule is biased: r1 dissipates.");
}

TEST_CASE("the verdict blames the chip when the rule is exact on paper") {
  auto record = sample_record();
  record.gradient.cosine = 0.93;
  record.gradient.relative_error = 0.4;
  const auto verdict = verdict_of(record);
  CHECK(verdict.tone == Tone::caution);
  CHECK(verdict.details.front().find("comes from the chip") != std::string::npos);
}

TEST_CASE("a missed limit takes the good tone away from a verdict") {
  auto record = sample_record();
  CHECK(verdict_of(record).tone == Tone::caution);
  record.limits.front().met = false;
  CHECK(verdict_of(record).tone == Tone::bad);
}
