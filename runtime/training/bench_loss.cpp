#include "runtime/training/bench_loss.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <stdexcept>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {
namespace {

constexpr std::string_view kinds_text = "mse | final_mse | cross_entropy | expr";

LossKind read_kind(const TomlTable& table, const SourceLocation& where, const std::string& label) {
  // The kind decides which other keys there are, so it is read before they are checked.
  TomlTable alone;
  if (const auto* entry = table.find("kind")) alone.entries.push_back(*entry);
  const BenchTable reader(alone, where, label, {"kind"});
  const auto text = reader.text("kind");
  for (const auto kind : {LossKind::mse, LossKind::final_mse, LossKind::cross_entropy, LossKind::expr})
    if (name_of(kind) == text) return kind;
  reader.fail("kind", fmt::format("\"{}\" is unknown, expected {}", text, kinds_text));
}

std::vector<std::string_view> keys_of(LossKind kind) {
  switch (kind) {
    case LossKind::mse: return {"kind", "probe", "target", "weight", "window"};
    case LossKind::final_mse: return {"kind", "probe", "target", "weight", "window"};
    case LossKind::cross_entropy: return {"kind", "probes", "target", "scale", "weight", "window"};
    case LossKind::expr: return {"kind", "expr", "probe", "probes", "target", "weight", "window"};
  }
  return {};
}

/// One term in the making: what its table says, and what is known of it so far.
class LossReader {
 public:
  LossReader(const BenchTable& table, LossKind kind, const TimeGrid& grid, SignalReader& signals)
      : table_(table), grid_(grid), signals_(signals) {
    loss_.term.kind = kind;
    loss_.where = table.where();
  }

  BenchLoss read() {
    read_probes();
    if (kind() == LossKind::cross_entropy)
      read_class(), read_scale();
    else if (kind() != LossKind::expr || table_.has("target"))
      read_target();
    if (kind() == LossKind::expr)
      loss_.term.expression = std::make_shared<const LossExpression>(table_.text("expr"), names_, table_.has("target"),
                                                                     table_.where("expr"), table_.subject("expr"));
    read_weight();
    read_window();
    return std::move(loss_);
  }

 private:
  [[nodiscard]] LossKind kind() const { return loss_.term.kind; }

  void add_probe(std::string name, std::string_view key, std::string_view text, const SourceLocation& where) {
    auto probe = probe_text(text, where, table_.subject(key));
    if (std::ranges::find(loss_.probes, probe) != loss_.probes.end())
      throw InputError(where, table_.subject(key), fmt::format("\"{}\" is there twice", probe));
    if (std::ranges::find(names_, name) != names_.end())
      throw InputError(where, table_.subject(key), fmt::format("two probes have the name \"{}\"", name));
    loss_.probes.push_back(std::move(probe));
    names_.push_back(std::move(name));
  }

  void read_probes() {
    const bool takes_several = kind() == LossKind::cross_entropy || (kind() == LossKind::expr && table_.has("probes"));
    const std::string_view key = takes_several ? "probes" : "probe";
    if (kind() == LossKind::expr && table_.has("probe") && table_.has("probes"))
      table_.fail("probes", "there is \"probe\" already, expected one of the two");
    const auto& entry = table_.entry(key);
    loss_.probe_where = table_.where(key);
    if (!takes_several) return add_probe("y", key, table_.text(key), loss_.probe_where);
    if (entry.value.table() != nullptr)
      read_named_probes(*entry.value.table());
    else if (kind() == LossKind::cross_entropy && entry.value.array() != nullptr)
      for (const auto& [text, where] : table_.texts_with_places(key)) add_probe(probe_text(text, where, table_.subject(key)), key, text, where);
    else
      table_.fail(key, fmt::format("a table of names and probes such as {{ a = \"v(o1)\", b = \"v(o2)\" }} is expected, got {}",
                                   entry.value.described()));
    const std::size_t least = kind() == LossKind::cross_entropy ? 2 : 1;
    if (loss_.probes.size() < least)
      table_.fail(key, fmt::format("{} at least are expected, got {}", least, loss_.probes.size()));
  }

  void read_named_probes(const TomlTable& probes) {
    for (const auto& entry : probes.entries) {
      const auto where = entry.place(table_.where().file);
      if (entry.value.text() == nullptr)
        throw InputError(where, table_.subject("probes"),
                         fmt::format("{}: a probe in quotes is expected, got {}", entry.key, entry.value.described()));
      auto name = lower_case(entry.key);
      if (kind() == LossKind::expr) check_name(name, where);
      add_probe(std::move(name), "probes", *entry.value.text(), where);
    }
  }

  void check_name(const std::string& name, const SourceLocation& where) const {
    const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    const auto continues = [&](char c) { return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; };
    if (!is_letter(name.empty() ? '0' : name[0]) || !std::ranges::all_of(name, continues))
      throw InputError(where, table_.subject("probes"),
                       fmt::format("\"{}\" is no name for an expression; expected letters, digits and _", name));
    for (const std::string_view taken : {"r", "t", "time", "pi", "e"})
      if (name == taken)
        throw InputError(where, table_.subject("probes"),
                         fmt::format("\"{}\" has a meaning of its own in an expression, expected another name", name));
  }

  void read_target() {
    auto& target = loss_.term.target;
    const auto& node = table_.entry("target").value;
    if (const auto number = finite_number(node)) {
      target.assign(grid_.steps, *number);
      return;
    }
    if (node.text() != nullptr) {
      loss_.target = {table_.text("target"), table_.where("target"), table_.subject("target")};
      return;
    }
    if (node.table() == nullptr)
      table_.fail("target", fmt::format("a waveform such as {{ csv = \"target.csv\" }}, or one value such as \"0.3 V\", is "
                                        "expected, got {}", node.described()));
    const auto signal = table_.table("target", SignalReader::keys());
    // A final target may be the one value that counts.
    const bool one_value = kind() == LossKind::final_mse && signal.has("samples") && !signal.has("csv") &&
                           !signal.has("expr") && signal.numbers("samples").size() == 1;
    if (!one_value) {
      target = signals_.read(signal);
      return;
    }
    for (const std::string_view key : {"column", "skip"})
      if (signal.has(key)) signal.fail(key, "only a csv file has this");
    target.assign(grid_.steps, signal.numbers("samples")[0] * signal.number("scale", 1.0));
  }

  /// Class of that name: a probe's own name, or its text.
  [[nodiscard]] std::size_t class_named(const std::string& text) const {
    const auto lower = lower_case(text);
    for (std::size_t c = 0; c < names_.size(); ++c)
      if (names_[c] == lower || loss_.probes[c] == lower) return c;
    table_.fail("target", fmt::format("\"{}\" is none of the probes, expected {}", text, fmt::join(names_, " | ")));
  }

  [[nodiscard]] std::size_t class_numbered(double number, std::string_view at) const {
    if (number == std::round(number) && number >= 0 && number < static_cast<double>(names_.size()))
      return static_cast<std::size_t>(number);
    table_.fail("target", fmt::format("{:g}{} is no class, expected a whole number from 0 to {}", number, at,
                                      names_.size() - 1));
  }

  void read_class() {
    auto& classes = loss_.term.target_class;
    const auto& node = table_.entry("target").value;
    if (const auto number = finite_number(node)) {
      classes.assign(grid_.steps, class_numbered(*number, ""));
    } else if (node.text() != nullptr) {
      classes.assign(grid_.steps, class_named(*node.text()));
    } else if (node.table() != nullptr) {
      const auto signal = table_.table("target", SignalReader::keys());
      const auto* samples = node.table()->find("samples");
      const auto* list = samples == nullptr ? nullptr : samples->value.array();
      if (list != nullptr && !list->items.empty() && list->items.front().text() != nullptr) return read_class_names(signal);
      const auto numbers = signals_.read(signal);
      for (std::size_t n = 1; n <= numbers.size(); ++n)
        classes.push_back(class_numbered(numbers[n - 1], fmt::format(" at t = {}", engineering(grid_.time(n), "s"))));
    } else {
      table_.fail("target", fmt::format("a class is expected, by its number or the name of its probe, or a waveform of numbers, got {}",
                                        node.described()));
    }
  }

  void read_class_names(const BenchTable& signal) {
    for (const std::string_view key : {"csv", "expr", "column", "skip", "scale"})
      if (signal.has(key)) signal.fail(key, "names of probes are given as samples alone");
    const auto names = signal.texts_with_places("samples");
    if (names.size() < grid_.steps)
      signal.fail("samples", fmt::format("{} samples for {} steps, expected one per step: n = 1..{}", names.size(),
                                         grid_.steps, grid_.steps));
    for (std::size_t n = 0; n < grid_.steps; ++n) loss_.term.target_class.push_back(class_named(names[n].first));
  }

  void read_scale() {
    if (!table_.has("scale")) return;
    const auto& node = table_.entry("scale").value;
    if (const auto number = finite_number(node)) {
      loss_.term.scale = *number;
      if (!(*number > 0)) table_.fail("scale", fmt::format("a positive quantity is expected, got {:g}", *number));
    } else {
      loss_.scale = {table_.text("scale"), table_.where("scale"), table_.subject("scale")};
    }
  }

  void read_weight() {
    if (!table_.has("weight")) return;
    const auto& node = table_.entry("weight").value;
    if (node.table() == nullptr) {
      loss_.term.weight = table_.number("weight");
      if (loss_.term.weight < 0)
        table_.fail("weight", fmt::format("a weight is not negative, got {}", loss_.term.weight));
      return;
    }
    if (kind() == LossKind::final_mse) table_.fail("weight", "a final_mse looks at the last step alone, a number is expected");
    auto& weights = loss_.term.step_weights;
    weights = signals_.read(table_.table("weight", SignalReader::keys()));
    for (std::size_t n = 1; n <= weights.size(); ++n)
      if (weights[n - 1] < 0)
        table_.fail("weight", fmt::format("a weight is not negative, got {:g} at t = {}", weights[n - 1], engineering(grid_.time(n), "s")));
  }

  void read_window() {
    if (!table_.has("window")) return;
    if (kind() == LossKind::final_mse) table_.fail("window", "a final_mse looks at the last step alone");
    const auto [from, to] = table_.quantity_pair("window", dimensions::time);
    const TimeWindow window{from, to};
    if (from > to)
      table_.fail("window",
                  fmt::format("it ends before it begins: {} to {}", engineering(from, "s"), engineering(to, "s")));
    loss_.term.window = window;
    for (std::size_t n = 1; n <= grid_.steps; ++n)
      if (contains(window, grid_, n)) return;
    table_.fail("window", fmt::format("no step lies in {} to {}; the steps lie at {} to {}", engineering(from, "s"),
                                      engineering(to, "s"), engineering(grid_.time(1), "s"),
                                      engineering(grid_.time(grid_.steps), "s")));
  }

  const BenchTable& table_;
  const TimeGrid& grid_;
  SignalReader& signals_;
  BenchLoss loss_;
  std::vector<std::string> names_;  // of the probes
};

/// Value in SI. Where the unit of a probe has no name of its own (V s^0.4), a number must do.
double value_of(const BenchQuantity& quantity, const std::string& unit) {
  Dimension dimension;
  try {
    dimension = dimension_of_unit(unit);
  } catch (const std::invalid_argument&) {
    throw InputError(quantity.where, quantity.subject,
                     fmt::format("\"{}\" cannot be compared with the probe's unit {}; expected a number in SI", quantity.text, unit));
  }
  return parse_quantity(quantity.text, dimension, quantity.where, quantity.subject);
}

/// The one unit of a term's probes.
const std::string& unit_of_term(const BenchLoss& loss, const LossTerm& term, std::span<const std::string> units,
                                const SourceLocation& where, std::string_view subject) {
  const auto& unit = units[term.probes[0]];
  for (std::size_t p = 1; p < term.probes.size(); ++p)
    if (units[term.probes[p]] != unit)
      throw InputError(where, subject, fmt::format("the probes have several units: {} is in {}, {} in {}", loss.probes[0], unit,
                                                   loss.probes[p], units[term.probes[p]]));
  return unit;
}

}  // namespace

std::string probe_text(std::string_view text, const SourceLocation& where, std::string_view subject) {
  auto probe = lower_case(text);
  std::erase_if(probe, [](unsigned char letter) { return std::isspace(letter) != 0; });
  const bool is_call = probe.size() > 3 && probe[1] == '(' && probe.ends_with(')');
  if (!is_call || std::string_view("vizq").find(probe[0]) == std::string_view::npos)
    throw InputError(where, subject,
                     fmt::format("\"{}\" is no probe, expected v(node), v(node,node), i(element), z(element) or q(element)", text));
  return probe;
}

BenchLoss read_loss(const TomlTable& table, const SourceLocation& where, const std::string& label, const TimeGrid& grid,
                    SignalReader& signals) {
  const auto kind = read_kind(table, where, label);
  const BenchTable reader(table, where, label, keys_of(kind));
  return LossReader(reader, kind, grid, signals).read();
}

std::vector<std::size_t> places_of(const std::vector<std::string>& some, std::span<const std::string> all) {
  std::vector<std::size_t> places;
  for (const auto& each : some) places.push_back(static_cast<std::size_t>(std::ranges::find(all, each) - all.begin()));
  return places;
}

std::vector<LossTerm> loss_terms(const BenchData& data, std::span<const std::string> probes,
                                 std::span<const std::string> units, const TimeGrid& grid) {
  std::vector<LossTerm> terms;
  for (const auto& loss : data.losses) {
    auto term = loss.term;
    term.probes = places_of(loss.probes, probes);
    const auto unit_at = [&](const BenchQuantity& quantity) -> const std::string& {
      return unit_of_term(loss, term, units, quantity.where, quantity.subject);
    };
    if (term.kind == LossKind::cross_entropy) (void)unit_of_term(loss, term, units, loss.probe_where, "[[loss]] probes");
    if (loss.target) term.target.assign(grid.steps, value_of(*loss.target, unit_at(*loss.target)));
    if (loss.scale) {
      term.scale = value_of(*loss.scale, unit_at(*loss.scale));
      if (!(term.scale > 0))
        throw InputError(loss.scale->where, loss.scale->subject, fmt::format("a positive quantity is expected, got \"{}\"", loss.scale->text));
    }
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace tellegen
