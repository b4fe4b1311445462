#include "runtime/training/bench_chip.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "hw_models/nonideal/option_list.hpp"
#include "runtime/training/bench_table.hpp"
#include "runtime/training/csv.hpp"

namespace tellegen {
namespace {

constexpr double clock_tolerance = 1e-6;
/// Levels of more bits are not drawn one by one.
constexpr double most_drawn_bits = 16;

/// Frequency [Hz] in few digits where they are enough: a clock that is suggested must itself be accepted.
std::string exact_frequency(double frequency) {
  auto text = engineering(frequency, "Hz");
  const double said = parse_quantity(text, dimensions::frequency, {}, "");
  return std::fabs(said / frequency - 1) < clock_tolerance / 1e3 ? text : fmt::format("{:.12g} Hz", frequency);
}

void read_clock(const BenchTable& table, Bench& bench) {
  if (!table.has("clock")) return;
  const double clock = table.quantity("clock", dimensions::frequency);
  if (!(clock > 0))
    table.fail("clock", fmt::format("a positive frequency is expected, got {}", engineering(clock, "Hz")));
  const double ratio = 1.0 / clock / bench.grid.step;
  const double whole = std::round(ratio);
  if (whole < 1 || std::fabs(ratio - whole) > clock_tolerance)
    table.fail(
        "clock",
        fmt::format("the period of {}, {}, is {:.7g} steps of {}; a whole number of steps is expected, such as {}",
                    engineering(clock, "Hz"), engineering(1.0 / clock, "s"), ratio, engineering(bench.grid.step, "s"),
                    exact_frequency(1.0 / (std::max(whole, 1.0) * bench.grid.step))));
  if (whole > static_cast<double>(bench.grid.steps))
    table.fail("clock", fmt::format("the period, {}, is longer than the run of {}", engineering(1.0 / clock, "s"),
                                    engineering(bench.grid.time(bench.grid.steps), "s")));
  bench.chip.clock = clock;
  bench.chip.steps_per_clock = static_cast<std::size_t>(whole);
}

/// Keys of a table of options, choices among them.
std::vector<std::string_view> keys_of(std::string_view table) {
  std::vector<std::string_view> keys;
  for (const auto& option : nonideal_options())
    if (option.table == table) keys.push_back(option.key);
  for (const auto& choice : nonideal_choices())
    if (choice.table == table) keys.push_back(choice.key);
  return keys;
}

/// Names of the tables under `[chip]`, each once: "probe".
std::vector<std::string_view> tables() {
  std::vector<std::string_view> names;
  for (const auto& option : nonideal_options()) {
    const auto name = option.table.substr(option.table.find('.') + 1);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string limit_text(const NonidealOption& option, double limit) { return option.unit.empty() ? fmt::format("{:g}", limit) : engineering(limit, option.unit); }

void read_option(const BenchTable& table, const NonidealOption& option, NonIdealities& chip) {
  if (!table.has(option.key)) return;
  const double value = option.unit.empty() ? table.number(option.key) : table.quantity(option.key, dimension_of_unit(option.unit));
  const auto expected = fmt::format("{}{} to {} is expected", option.is_whole ? "a whole number from " : "", limit_text(option, option.low), limit_text(option, option.high));
  if (option.is_whole && value != std::round(value)) table.fail(option.key, fmt::format("{}, got {:g}", expected, value));
  if (!(value >= option.low && value <= option.high)) table.fail(option.key, fmt::format("{}, got {}", expected, limit_text(option, value)));
  option.of(chip) = value;
}

/// What one option demands of another.
void check_converter(const BenchTable& table, const ConverterSpec& spec) {
  for (const std::string_view key : {"inl", "dnl"})
    if (table.has(key) && spec.bits == 0) table.fail(key, "it is counted in the steps of a converter; expected bits beside it");
  if (spec.dnl > 0 && spec.bits > most_drawn_bits) table.fail("dnl", fmt::format("the levels of at most {} bits are drawn, got {} bits", most_drawn_bits, spec.bits));
  if (table.has("range") && table.has("full_scale")) table.fail("range", "full_scale says the same; expected one of them");
  if (table.has("range") && spec.bits == 0 && spec.offset == 0 && spec.noise == 0) table.fail("range", "without bits, offset or noise a level has no range; expected one of them");
}

std::vector<CurvePoint> read_curve(const BenchTable& table, const std::filesystem::path& folder) {
  const auto csv = CsvFile::read((folder / table.text("curve")).lexically_normal());
  const auto value = csv.column("value"), up = csv.column("up"), down = csv.column("down");
  std::vector<CurvePoint> curve;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto refuse = [&](const std::string& what) { throw InputError(csv.where(i), "[chip.programming] curve", what); };
    if (!(value[i] >= 0 && value[i] <= 1)) refuse(fmt::format("a value in parts of the device's range, 0 to 1, is expected, got {:g}", value[i]));
    if (i > 0 && !(value[i] > value[i - 1])) refuse("rising values are expected");
    if (!(up[i] > 0 && up[i] <= 1 && down[i] > 0 && down[i] <= 1)) refuse("steps above 0 and up to 1 are expected; the downward ones are written positive");
    curve.push_back({value[i], up[i], down[i]});
  }
  if (curve.empty()) table.fail("curve", "the file has no rows");
  return curve;
}

void read_lines(const BenchTable& table, Parasitics::Lines& lines) {
  const bool has_size = lines.resistance > 0 || lines.capacitance > 0;
  if (table.has("nodes"))
    for (const auto& [pattern, place] : table.texts_with_places("nodes")) lines.nodes.push_back(pattern);
  lines.where = table.where("nodes");
  if (has_size && lines.nodes.empty()) table.fail("nodes", "no node is a line; expected patterns such as \"row*\"");
  if (!has_size && !lines.nodes.empty()) table.fail("nodes", "the lines have neither resistance nor capacitance; expected one of them");
}

void read_tables(const BenchTable& chip, const SourceLocation& where, Bench& bench) {
  auto& nonideal = bench.chip.nonideal;
  for (const auto name : tables()) {
    if (!chip.has(name)) continue;
    const auto& entry = chip.entry(name);
    const auto path = fmt::format("chip.{}", name);
    if (entry.value.table() == nullptr)
      throw InputError(entry.place(where.file), fmt::format("[chip] {}", name), fmt::format("a table is expected, under a line [{}], got {}", path, entry.value.described()));
    const BenchTable table(*entry.value.table(), entry.place(where.file), fmt::format("[{}]", path), keys_of(path));
    for (const auto& option : nonideal_options())
      if (option.table == path) read_option(table, option, nonideal);
    if (name == "stimulus") check_converter(table, nonideal.stimulus);
    if (name == "drive") check_converter(table, nonideal.drive);
    if (name == "probe") check_converter(table, nonideal.probe);
    if (name == "trace") check_converter(table, nonideal.trace);
    if (name == "programming" && table.has("curve")) nonideal.programming.curve = read_curve(table, bench.file.parent_path());
    if (name == "programming" && table.has("range") && nonideal.programs_ideally()) table.fail("range", "nothing is programmed in steps; expected bits, write_noise or curve");
    if (name == "lines") read_lines(table, nonideal.parasitics.lines);
    if (name == "mismatch" && nonideal.twin_mismatch > 0 && nonideal.passes != PassOrder::lockstep) table.fail("twin", "there is no twin; expected [chip] passes = \"lockstep\"");
    nonideal.states_energy = nonideal.states_energy || name == "energy";
    bench.chip.is_ideal = bench.chip.is_ideal && name == "energy";
  }
}

}  // namespace

void read_chip(const TomlTable& root, const SourceLocation& where, Bench& bench) {
  auto known = tables();
  for (const std::string_view key : {"clock", "cells"}) known.push_back(key);
  for (const auto key : keys_of("chip")) known.push_back(key);
  const BenchTable table(root, where, "[chip]", known);
  auto& chip = bench.chip;
  chip.cells = std::array{ChipSettings::Cells::tile, ChipSettings::Cells::modules}[table.choice("cells", {"tile", "modules"}, 0)];
  chip.nonideal.seed = bench.seed;
  chip.nonideal.passes = std::array{PassOrder::sequential, PassOrder::lockstep}[table.choice("passes", {"sequential", "lockstep"}, 0)];
  chip.nonideal.replay = std::array{Replay::held, Replay::sampled, Replay::interpolated}[table.choice("replay", {"held", "sampled", "interpolated"}, 0)];
  chip.is_ideal = chip.nonideal.passes == PassOrder::sequential && chip.nonideal.replay == Replay::held;
  read_clock(table, bench);
  read_tables(table, where, bench);
}

}  // namespace tellegen
