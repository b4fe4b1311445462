// Circuits patched together at random from what the planner tells apart, against the general engine.

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <random>
#include <set>

#include "unit/batch/engine_comparison.hpp"

using namespace tellegen;

namespace {

/// Writes a deck of a few nodes under known voltages and currents, with pieces of ladders, meshes and crossbars between them.
class Patchwork {
 public:
  explicit Patchwork(unsigned seed) : random_(seed) {}

  std::string deck() {
    add_sources();
    add_nodes(integer(2, 9));
    if (maybe(3)) add_ladder(integer(5, 20));
    if (maybe(3)) add_mesh(integer(2, 5), integer(2, 5));
    if (maybe(2)) add_inputs(integer(1, 6));
    if (maybe(2)) add_crossbar(integer(3, 7), integer(3, 7));
    for (int i = integer(0, 4); i > 0; --i) add_amplifier();
    for (int i = integer(2, 12); i > 0; --i) add_branch();
    for (const auto& x : known_) resistor(x, maybe(2) ? "0" : any(nodes_));  // a node with one neighbour is a mistake in a deck
    return lines_ + ".model DMOD D(IS=1e-2 N=20)\n.model SOFT R(law=tanh k0=0.2 k1=0.3 z0=0.8)\n.model BENT FMEM(law=sinh k0=0.2 k1=0.2 z0=0.9)\n"
                    ".model HELD MEM(law=tanh k0=0.2 k1=0.2 z0=0.9)\n.model STORE C(law=tanh k0=0.3 k1=0.2 z0=0.7)\n";
  }

 private:
  int integer(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  bool maybe(int one_in) { return integer(1, one_in) == 1; }
  const std::string& any(const std::vector<std::string>& of) { return of[static_cast<std::size_t>(integer(0, static_cast<int>(of.size()) - 1))]; }
  std::string any_terminal() { return maybe(4) ? any(known_) : maybe(5) ? "0" : any(nodes_); }

  template <class... Values>
  void card(std::string_view device, std::string_view rest, const Values&... values) {
    lines_ += fmt::format("{}{} ", device, ++cards_) + fmt::format(fmt::runtime(rest), values...) + "\n";
  }
  void resistor(const std::string& p, const std::string& n) { card("R", "{} {} {:.6g}", p, n, uniform(1, 6)); }
  void capacitor(const std::string& p, const std::string& n) { card("C", "{} {} {:.6g}", p, n, uniform(0.1, 0.6)); }
  void inductor(const std::string& p, const std::string& n) { card("L", "{} {} {:.6g}", p, n, uniform(0.5, 3)); }

  void add_sources() {
    const int count = maybe(3) ? integer(8, 12) : integer(1, 3);  // in order, or some of them on the shoulders of others
    const bool in_chains = maybe(3);
    for (int i = 0; i < count; ++i) {
      card("V", "x{} {} 1", i, in_chains && i > 0 && maybe(3) ? known_.back() : "0");
      known_.push_back(fmt::format("x{}", i));
    }
  }
  /// A node with its way to ground, joined to an earlier one.
  std::string add_node(const std::string& neighbour, int memory) {
    nodes_.push_back(fmt::format("n{}", nodes_.size()));
    const auto node = nodes_.back();
    resistor(neighbour, node);
    if (memory == 0) resistor(node, "0");
    if (memory != 0 && memory != 2) capacitor(node, "0");
    if (memory >= 2 && memory <= 3) inductor(node, "0");
    return node;
  }
  void add_nodes(int count) {
    const int kind = maybe(2) ? integer(0, 4) : -1;  // all nodes alike, or not
    for (int i = 0; i < count; ++i) (void)add_node(i == 0 ? known_[0] : any_terminal_but_ground(), kind < 0 ? integer(0, 4) : kind);
  }
  std::string any_terminal_but_ground() { return nodes_.empty() || maybe(4) ? any(known_) : any(nodes_); }

  void add_ladder(int sections) {
    auto last = any_terminal_but_ground();
    const int memory = integer(0, 5);
    for (int i = 0; i < sections; ++i) last = add_node(last, memory < 5 ? memory : 1);
    if (maybe(2)) resistor(last, "0");
  }
  void add_mesh(int rows, int columns) {
    std::vector<std::string> above;
    auto last = any_terminal_but_ground();
    for (int i = 0; i < rows; ++i) {
      std::vector<std::string> row;
      for (int j = 0; j < columns; ++j) {
        row.push_back(last = add_node(last, 1));
        if (i > 0) resistor(above[static_cast<std::size_t>(j)], last);
      }
      above = row;
    }
  }
  /// Every known voltage to a few nodes, some ports left out or doubled.
  void add_inputs(int rows) {
    for (int r = 0; r < rows; ++r) {
      const auto& node = any(nodes_);
      const bool has_gaps = maybe(3);
      for (const auto& x : known_)
        for (int times = has_gaps ? integer(0, 2) : 1; times > 0; --times) maybe(2) ? resistor(x, node) : resistor(node, x);
    }
  }
  void add_crossbar(int rows, int columns) {
    std::vector<std::string> left, right;
    const bool behind_amplifiers = maybe(2);
    for (int i = 0; i < rows; ++i) {
      left.push_back(add_node(any(known_), 1));
      if (behind_amplifiers) left.back() = add_amplifier_at(left.back(), true);
    }
    for (int i = 0; i < columns; ++i) right.push_back(add_node(any(known_), integer(0, 1)));
    for (const auto& r : left)
      for (const auto& c : right)
        if (!maybe(30)) resistor(r, c);
  }
  /// An output of a gain times its node, whose load the node feels divided by the gain where it is reciprocal.
  std::string add_amplifier_at(const std::string& node, bool is_reciprocal) {
    const double gain = (maybe(2) ? 1 : -1) * uniform(0.5, 2);
    const int k = ++amplifiers_;
    lines_ += fmt::format("EA{0} a{0} 0 {1} 0 {2:.17g}\nVS{0} a{0} o{0} 0\n", k, node, gain);
    if (is_reciprocal) lines_ += fmt::format("FA{0} 0 {1} VS{0} {2:.17g}\n", k, node, -1 / gain);
    return fmt::format("o{}", k);
  }
  void add_amplifier() { resistor(add_amplifier_at(any(nodes_), !maybe(3)), any(nodes_)); }

  void add_branch() {
    const auto p = any(nodes_);
    auto n = any_terminal();
    while (n == p) n = any_terminal();
    const bool turned = maybe(2);
    const auto &a = turned ? n : p, &b = turned ? p : n;
    switch (integer(0, 13)) {
      case 0: return resistor(a, b);
      case 1: return capacitor(a, b);
      case 2: return inductor(a, b);
      case 3: return card("G", "0 {} {} {} {:.6g}", p, any(known_), any_terminal(), uniform(-0.4, 0.4));
      case 4: return card("G", "{} {} {} {} {:.6g}", a, b, any_terminal(), any_terminal(), uniform(-0.1, 0.1));
      case 5: return card("D", "{} {} DMOD", a, b);
      case 6: return card("R", "{} {} SOFT", a, b);
      case 7: return card("YEL e", "{} {} law=tanh a={} b={} k0=0.2 k1=0.3 z0=0.7", a, b, maybe(2) ? 0.0 : 0.4, maybe(2) ? 1.0 : 0.7);
      case 8: return card("YFMEM f", "{} {} BENT", a, b);
      case 9: return card("YCPE p", "{} {} q={:.6g} alpha={:.3g}", a, b, uniform(0.1, 0.4), maybe(2) ? 0.5 : uniform(0.2, 0.8));
      case 10: return card("YMEM m", "{} {} HELD", a, b);
      case 11: return card("C", "{} {} STORE", a, b);
      case 12: return card("I", "{} {} 1", a, b);
      default: return resistor(a, b), resistor(b, a);
    }
  }

  std::mt19937 random_;
  std::string lines_;
  std::vector<std::string> known_, nodes_;
  int cards_ = 0, amplifiers_ = 0;
};

}  // namespace

TEST_CASE("a patchwork of sources, ladders, meshes, crossbars, amplifiers and laws gives the waves and gradients of the general engine") {
  constexpr Method methods[] = {Method::be, Method::bdf2, Method::trap};
  constexpr std::pair<std::size_t, int> sizes[] = {{1, 1}, {3, 8}, {8, 8}, {16, 16}, {17, 16}};
  for (unsigned seed = 1; seed <= 50; ++seed) {
    const auto deck = Patchwork(seed).deck();
    const auto circuit = test::from_deck(deck);
    const auto grid = test::grid_of(methods[seed % 3]);
    std::mt19937 random(seed);
    std::set<NodeIndex> chosen{circuit->find_node("n0")};
    while (chosen.size() < 3) chosen.insert(static_cast<NodeIndex>(1 + random() % static_cast<unsigned>(circuit->node_count() - 1)));
    const std::vector<NodeIndex> probes(chosen.begin(), chosen.end());
    const test::ScaledTones drive(*circuit, grid.steps, random() % 2 ? 1 : 7);
    for (const auto& [samples, lanes] : sizes) {
      CAPTURE(deck);
      CAPTURE(seed);
      CAPTURE(samples);
      // Some of these circuits run away, and magnify what Newton's method leaves.
      const BatchOptions options{.samples = samples, .threads = 1 + static_cast<int>(random() % 2), .memory_limit = random() % 2 ? 20000u : 1u << 30, .lanes = lanes,
                                 .newton = {.tolerance = 1e-14}};
      auto made = BatchTransient::make(circuit, grid, probes, options);
      REQUIRE(std::holds_alternative<BatchTransient>(made));
      const auto errors = test::errors_of(std::get<BatchTransient>(made), circuit, probes, drive, samples);
      CHECK(errors.wave < 1e-9);
      CHECK(errors.loss < 1e-9);
      CHECK(errors.gradient < 1e-9);
      CHECK(errors.entry < 1e-6);
    }
  }
}
