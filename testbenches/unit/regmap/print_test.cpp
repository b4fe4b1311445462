#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "tellegen/regmap/print.hpp"
#include "tellegen/regmap/registers.hpp"

using namespace tellegen;

namespace {
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

template <class Action>
void for_every_register(Action&& action) {
  for (const regmap::Block& block : regmap::blocks)
    for (const regmap::Register* reg : block.registers) action(block, *reg);
}
}  // namespace

TEST_CASE("the printed Markdown has a row for every register and field") {
  const std::string text = regmap::print_markdown();
  CHECK(has(text, "| 0x0014 | TICKS | u32 | rw, locked | 1 | clock cycle |"));
  CHECK(has(text, "| 0x0228 | PEAK_SOURCE_CURRENT | f64 | ro | 0 | A |"));
  CHECK(has(text, "| 0x0328 | MINIMUM | f64 | rw, locked, no NaN | -inf | SI |"));
  CHECK(has(text, "| 0x0208 | DATA | f64 | rw, finite | 0 | SI |"));
  CHECK(has(text, "| 0x0024 | WATCHDOG | u32 | rw, locked | 0 | clock cycle |"));
  CHECK(has(text, "| 11 | WATCHDOG |"));
  CHECK(has(text, "| 18:16 | KIND |"));
  CHECK(has(text, "<br>5 = NUDGED_MINUS: "));
  for_every_register([&](const regmap::Block&, const regmap::Register& reg) {
    CHECK(has(text, " | " + std::string(reg.name) + " | "));
    for (const regmap::Field& field : reg.fields) CHECK(has(text, "| " + std::string(field.name) + " | "));
  });
}

TEST_CASE("every row of a printed Markdown table has as many cells as its head") {
  std::istringstream lines(regmap::print_markdown());
  std::ptrdiff_t columns = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto bars = std::ranges::count(line, '|');
    if (bars == 0) {
      columns = 0;
      continue;
    }
    if (columns == 0) columns = bars;
    CHECK_MESSAGE(bars == columns, line);
  }
}

TEST_CASE("the printed C header defines each name once") {
  const std::string text = regmap::print_c_header();
  CHECK(has(text, "#define TELLEGEN_SEQUENCER_STATUS 0x0000000Cu\n"));
  CHECK(has(text, "#define TELLEGEN_SEQUENCER_STATUS_PHASE_MASK 0x0000000Fu\n"));
  CHECK(has(text, "#define TELLEGEN_SEQUENCER_STATUS_PHASE_DONE 0x00000008u\n"));
  CHECK(has(text, "#define TELLEGEN_WAVEFORM_BANK_KIND_SHIFT 0x00000010u\n"));
  CHECK(has(text, "#define TELLEGEN_WAVEFORM_DATA_LOW 0x00000208u\n"));
  CHECK(has(text, "#define TELLEGEN_WAVEFORM_DATA_HIGH 0x0000020Cu\n"));
  std::istringstream lines(text);
  std::set<std::string> names;
  for (std::string word, name; lines >> word;) {
    if (word != "#define") continue;
    lines >> name;
    CHECK_MESSAGE(names.insert(name).second, name);
  }
  CHECK(names.size() > 100);
}

TEST_CASE("the printed SystemRDL places every register and keeps widths, resets and locks") {
  const std::string text = regmap::print_systemrdl();
  CHECK(has(text, "} SEQUENCER @ 0x0;"));
  CHECK(has(text, "} CORRELATOR @ 0x400;"));
  CHECK(has(text, "VALUE[31:0] = 32'h544C474E;"));
  CHECK(has(text, "VALUE[63:0] = 64'hFFF0000000000000;"));  // -inf of MINIMUM
  CHECK(has(text, "encode = SEQUENCER_STATUS_PHASE_values; } PHASE[3:0] = 4'h0;"));
  CHECK(has(text, "onwrite = woclr;"));
  CHECK(std::ranges::count(text, '{') == std::ranges::count(text, '}'));
  std::size_t locks = 0;
  for_every_register([&](const regmap::Block&, const regmap::Register& reg) {
    std::ostringstream place;
    place << "} " << reg.name << " @ 0x" << std::uppercase << std::hex << reg.offset << ";";
    CHECK_MESSAGE(has(text, place.str()), place.str());
    locks += reg.locked ? 1 : 0;
  });
  std::size_t printed = 0;
  for (auto at = text.find("locked_while_busy = true"); at != std::string::npos;
       at = text.find("locked_while_busy = true", at + 1))
    ++printed;
  CHECK(printed == locks);
}
