// The VCD of a learning cycle, read back.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

#include "modules/learning_bench.hpp"

using namespace tellegen;
using test::ChipUnderTest, test::CircuitClass, test::LearningBench;

namespace {

namespace fs = std::filesystem;

/// Folder that disappears with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(fs::temp_directory_path() / fmt::format("tellegen_vcd_{}", getpid())) { fs::create_directories(path_); }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_;
};

struct Change {
  double time;  // [s]
  double value;
};

/// Changes of every variable, and its value at any time.
class ValueChangeDump {
 public:
  explicit ValueChangeDump(const fs::path& file) {
    std::ifstream in(file);
    REQUIRE(in);
    std::map<std::string, std::string> name_of;
    std::string word;
    double now = 0;
    bool is_header = true;
    while (in >> word) {
      if (word == "$timescale") {
        std::string number, unit;
        in >> number >> unit;
        const std::map<std::string, double> units{{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"ps", 1e-12}, {"fs", 1e-15}};
        timescale = std::stod(number) * units.at(unit);
      } else if (word == "$var") {
        std::string type, width, code, name;
        in >> type >> width >> code >> name;
        name_of[code] = name;
        type_of[name] = type;
      } else if (word == "$enddefinitions") {
        is_header = false;
      } else if (word == "$comment") {
        while (word != "$end") in >> word;
      } else if (is_header) {
        continue;
      } else if (word[0] == '#') {
        now = std::stod(word.substr(1)) * timescale;
      } else if (word[0] == 'r' || word[0] == 'b') {
        std::string code;
        in >> code;
        const double value = word[0] == 'r' ? std::stod(word.substr(1)) : static_cast<double>(std::stoull(word.substr(1), nullptr, 2));
        changes[name_of.at(code)].push_back({now, value});
      } else if ((word[0] == '0' || word[0] == '1') && name_of.contains(word.substr(1))) {
        changes[name_of.at(word.substr(1))].push_back({now, word[0] == '1' ? 1.0 : 0.0});
      }
    }
  }

  /// Value just after a time.
  [[nodiscard]] double at(const std::string& name, double time) const {
    double value = 0;
    for (const auto& change : changes.at(name))
      if (change.time <= time + 0.5 * timescale) value = change.value;
    return value;
  }
  /// Times at which a wire rises.
  [[nodiscard]] std::vector<double> rises(const std::string& name) const {
    std::vector<double> times;
    double last = 0;
    for (const auto& change : changes.at(name)) {
      if (last == 0 && change.value == 1) times.push_back(change.time);
      last = change.value;
    }
    return times;
  }
  /// When a phase of the one recorded program began.
  [[nodiscard]] double start_of(regmap::Phase phase) const {
    for (const auto& change : changes.at("phase"))
      if (change.value == static_cast<double>(phase)) return change.time;
    return -1;
  }

  double timescale = 0;
  std::map<std::string, std::vector<Change>> changes;
  std::map<std::string, std::string> type_of;
};

/// VCD prints 16 digits.
doctest::Approx printed(double value) { return doctest::Approx(value).epsilon(1e-14); }

/// One learning cycle of a chip with three analog steps to the clock cycle.
struct RecordedCycle {
  static constexpr std::size_t steps_per_tick = 3, ticks = 10;
  TemporaryFolder folder;
  fs::path file = folder / "waves.vcd";
  LearningBench bench{CircuitClass::kendall, 3, steps_per_tick * ticks};
  Table probes;
  Nudge nudge;

  RecordedCycle() {
    bench.set_step(0.25e-6);
    bench.stimulus = Table(bench.grid.steps, 1);
    for (std::size_t n = 0; n < bench.grid.steps; ++n) bench.stimulus.at(n, 0) = std::sin(0.3 * static_cast<double>(n)) + 0.2;
    ChipUnderTest chip(bench, steps_per_tick);
    chip.chip.record_vcd(file, {"n1", "N3"});
    const auto cycle = bench.cycle(chip.plant);
    chip.plant.run(cycle.program);
    probes = cycle.record.get().probes;
    nudge = cycle.nudge.get();
  }
  [[nodiscard]] double period() const { return bench.grid.step * steps_per_tick; }
};

}  // namespace

TEST_CASE("the VCD shows every phase in order, each strobe as often as it pulsed, and the interrupts") {
  const RecordedCycle recorded;
  const ValueChangeDump vcd(recorded.file);
  std::vector<double> phases;
  for (const auto& change : vcd.changes.at("phase")) phases.push_back(change.value);
  CHECK(phases == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(vcd.rises("strobe_present").size() == 1);
  CHECK(vcd.rises("strobe_sample").size() == recorded.ticks);
  CHECK(vcd.rises("strobe_accumulate") == std::vector{vcd.start_of(regmap::Phase::accumulate)});
  CHECK(vcd.rises("strobe_update") == std::vector{vcd.start_of(regmap::Phase::update)});
  CHECK(vcd.rises("irq").size() == 2);
  CHECK(vcd.rises("irq")[0] == vcd.start_of(regmap::Phase::turn));
  CHECK(vcd.rises("irq")[1] == vcd.start_of(regmap::Phase::done));
  CHECK(vcd.rises("fault").empty());
  CHECK(vcd.type_of.at("v_n1") == "real");
  CHECK(vcd.type_of.at("drive_0_A") == "real");
  const double clamped = vcd.start_of(regmap::Phase::turn) - vcd.start_of(regmap::Phase::clamped);
  CHECK(clamped == doctest::Approx(recorded.ticks * recorded.period()));
  const auto edges = vcd.rises("clock");
  for (std::size_t i = 1; i < edges.size(); ++i) CHECK(edges[i] - edges[i - 1] == doctest::Approx(recorded.period()));
}

TEST_CASE("the node voltages in the VCD are those that the converters sampled, and change half a step after the clock edge") {
  const RecordedCycle recorded;
  const ValueChangeDump vcd(recorded.file);
  const auto samples = vcd.rises("strobe_sample");
  REQUIRE(samples.size() == recorded.probes.rows());
  for (std::size_t k = 0; k < samples.size(); ++k) CHECK(vcd.at("v_N3", samples[k]) == printed(recorded.probes.at(k, 0)));

  const double begin = vcd.start_of(regmap::Phase::clamped), end = vcd.start_of(regmap::Phase::turn), step = recorded.bench.grid.step;
  std::size_t n = 0;
  for (const auto& change : vcd.changes.at("v_N3")) {
    if (change.time < begin || change.time >= end) continue;
    CHECK((change.time - begin) / step == doctest::Approx(static_cast<double>(n) + 0.5));
    ++n;
  }
  CHECK(n == recorded.bench.grid.steps);
}

TEST_CASE("the drive in the VCD is the controller's answer in nudged +, its negative in nudged -, and zero elsewhere") {
  const RecordedCycle recorded;
  const ValueChangeDump vcd(recorded.file);
  for (const auto& [phase, sign] : {std::pair{regmap::Phase::nudged_plus, 1.0}, {regmap::Phase::nudged_minus, -1.0}})
    for (std::size_t k = 0; k < recorded.ticks; ++k) {
      const double middle = vcd.start_of(phase) + (static_cast<double>(k) + 0.5) * recorded.period();
      CHECK(vcd.at("drive_0_A", middle) == printed(sign * recorded.nudge.drive.at(k, 0)));
    }
  for (const auto phase : {regmap::Phase::clamped, regmap::Phase::turn, regmap::Phase::accumulate, regmap::Phase::done})
    CHECK(vcd.at("drive_0_A", vcd.start_of(phase)) == 0);
}

TEST_CASE("vcd2fst reads the VCD without complaint") {
  if (std::system("command -v vcd2fst > /dev/null 2>&1") != 0) {
    MESSAGE("vcd2fst is not installed: skipped");
    return;
  }
  const RecordedCycle recorded;
  const auto fst = recorded.folder / "waves.fst", log = recorded.folder / "log";
  CHECK(std::system(fmt::format("vcd2fst '{}' '{}' > '{}' 2>&1", recorded.file.string(), fst.string(), log.string()).c_str()) == 0);
  CHECK(fs::file_size(fst) > 0);
}

TEST_CASE("a VCD that cannot be is refused before the simulation begins") {
  const LearningBench bench(CircuitClass::kendall, 3, 10);
  const TemporaryFolder folder;
  ChipUnderTest chip(bench);
  CHECK_THROWS_AS(chip.chip.record_vcd(folder / "missing/waves.vcd", {}), InputError);
  CHECK_THROWS_AS(chip.chip.record_vcd(folder / "waves.txt", {}), InputError);
  CHECK_THROWS_AS(chip.chip.record_vcd(folder / "waves.vcd", {"n1", "nowhere"}), InputError);
  CHECK(!fs::exists(folder / "waves.vcd"));
  chip.chip.record_vcd(folder / "waves.vcd", {"n1"});
  CHECK_THROWS_AS(chip.chip.record_vcd(folder / "again.vcd", {}), std::logic_error);
  chip.plant.run(bench.cycle(chip.plant).program);
  CHECK(ValueChangeDump(folder / "waves.vcd").changes.contains("phase"));
}

TEST_CASE("a VCD is written whatever power of ten the kernel's resolution falls on") {
  for (const double step : {25e-6, 1e-6, 3e-9, 0.2}) {
    CAPTURE(step);
    const TemporaryFolder folder;
    const auto file = folder / "waves.vcd";
    LearningBench bench(CircuitClass::kendall, 3, 4);
    bench.set_step(step);
    {
      ChipUnderTest chip(bench, 1);
      chip.chip.record_vcd(file, {"n1"});
      chip.plant.run(bench.cycle(chip.plant).program);
    }
    CHECK(fs::file_size(file) > 100);
  }
}
