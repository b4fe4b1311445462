#include "hw_models/batch/reduction.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

namespace tellegen {
namespace {

/// Voltage of a node as a reduction goes on: gain * another node's + a combination of sources.
struct Affine {
  NodeIndex node = ground;  // ground: none
  double gain = 0;
  std::vector<KnownVoltage::Term> known;
};

void add_term(std::vector<KnownVoltage::Term>& terms, std::int32_t source, double coefficient) {
  const auto place = std::ranges::lower_bound(terms, source, {}, &KnownVoltage::Term::source);
  if (place != terms.end() && place->source == source)
    place->coefficient += coefficient;
  else
    terms.insert(place, {source, coefficient});
}

class Reducer {
 public:
  Reducer(const Circuit& circuit, std::span<const double> slots) : circuit_(circuit), slots_(slots) {}

  std::variant<Reduction, std::string> run() {
    if (const auto why = collect()) return *why;
    if (!eliminate()) return std::string("its ideal sources form no tree");
    number_unknowns();
    if (!weigh_currents()) return std::string("a sensed current counts in several rows");
    symmetrise();
    return std::move(result_);
  }

 private:
  /// An ideal source with what adds to the voltage that it holds, and the ports driven by its current.
  struct Constraint {
    Port port;
    std::int32_t source = 0;
    struct Input {
      Port port;
      double gain;
    };
    std::vector<Input> inputs;         // v_p - v_n = E + sum gain * v_port
    std::vector<Input> driven;         // i_port = gain * i
    NodeIndex eliminated = ground;
    double side = 1;                   // current leaves the eliminated node (+1: it is the p terminal) or enters it
  };

  [[nodiscard]] bool is_node(NodeIndex place) const { return place < circuit_.node_count(); }

  std::optional<std::string> collect() {
    const auto sources = circuit_.sources();
    std::vector<std::int32_t> constraint_of(static_cast<std::size_t>(circuit_.unknown_count()), -1);
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if (sources[s].kind != SourceKind::voltage) continue;
      constraint_of[circuit_.current_unknown(static_cast<std::int32_t>(s))] = static_cast<std::int32_t>(constraints_.size());
      constraints_.push_back({.port = sources[s].port, .source = static_cast<std::int32_t>(s), .inputs = {}, .driven = {}});
    }
    const auto branches = circuit_.branches();
    for (std::size_t k = 0; k < branches.size(); ++k) {
      const auto& branch = branches[k];
      if (branch.kind != BranchKind::law) return branch.name + " has states or inputs of its own";
      const bool in_row = !is_node(branch.out.p) || !is_node(branch.out.n), senses_current = !is_node(branch.in.p) || !is_node(branch.in.n);
      if (!in_row && !senses_current) continue;
      if (in_row && senses_current) return branch.name + " turns a current into a voltage";
      if (!is_plain_slope(branch.law) || branch.orders != Orders{.out = 0, .in = 1}) return branch.name + " is no linear amplifier";
      const double gain = slots_[branch.first_slot];
      const NodeIndex sensed = in_row ? (is_node(branch.out.p) ? branch.out.n : branch.out.p) : (is_node(branch.in.p) ? branch.in.n : branch.in.p);
      auto& constraint = constraints_[constraint_of[sensed]];
      if (in_row)  // residual of the row: v_p - v_n - E + (out.p in the row ? 1 : -1) * gain * v_in
        constraint.inputs.push_back({branch.in, is_node(branch.out.p) ? gain : -gain});
      else
        constraint.driven.push_back({branch.out, is_node(branch.in.p) ? -gain : gain});
      result_.amplifiers.push_back(static_cast<std::int32_t>(k));
    }
    return std::nullopt;
  }

  /// Follows a node to what it depends on at last.
  [[nodiscard]] Affine resolve(NodeIndex node) const {
    Affine sum{.node = node, .gain = node == ground ? 0.0 : 1.0, .known = {}};
    while (sum.node != ground && follows_[sum.node]) {
      const auto& next = *follows_[sum.node];
      for (const auto& [source, coefficient] : next.known) add_term(sum.known, source, sum.gain * coefficient);
      sum.gain *= next.gain;
      sum.node = next.gain == 0 ? ground : next.node;
    }
    return sum;
  }
  /// sum += scale * other; false when two different unknowns would stand in it.
  static bool add(Affine& sum, const Affine& other, double scale) {
    for (const auto& [source, coefficient] : other.known) add_term(sum.known, source, scale * coefficient);
    if (other.node == ground) return true;
    if (sum.node != ground && sum.node != other.node) return false;
    sum.node = other.node;
    sum.gain += scale * other.gain;
    return true;
  }

  bool eliminate() {
    follows_.assign(static_cast<std::size_t>(circuit_.node_count()), std::nullopt);
    std::vector<bool> done(constraints_.size(), false);
    for (std::size_t left = constraints_.size(); left > 0;) {
      const auto before = left;
      for (std::size_t c = 0; c < constraints_.size(); ++c)
        if (!done[c] && try_eliminate(constraints_[c])) {
          done[c] = true;
          --left;
        }
      if (left == before) return false;
    }
    return true;
  }

  /// Takes a terminal of the source out of the unknowns, where everything else in its equation is settled to one unknown.
  bool try_eliminate(Constraint& c) {
    for (const bool at_p : {true, false}) {
      const NodeIndex node = at_p ? c.port.p : c.port.n, other = at_p ? c.port.n : c.port.p;
      if (node == ground || follows_[node]) continue;
      const double sign = at_p ? 1 : -1;
      Affine value = resolve(other);
      add_term(value.known, c.source, sign);
      bool is_single = true;
      for (const auto& [port, gain] : c.inputs)
        is_single = is_single && add(value, resolve(port.p), sign * gain) && add(value, resolve(port.n), -sign * gain);
      if (!is_single || value.node == node) continue;
      // Constants of constraint elements carry no value of their own.
      if (circuit_.sources()[c.source].is_constraint) std::erase_if(value.known, [&](const auto& t) { return t.source == c.source; });
      follows_[node] = std::move(value);
      c.eliminated = node;
      c.side = sign;
      return true;
    }
    return false;
  }

  void number_unknowns() {
    const auto nodes = static_cast<std::size_t>(circuit_.node_count());
    std::vector<std::int32_t> number(nodes, -1);
    for (std::size_t node = 1; node < nodes; ++node)
      if (!follows_[node]) {
        number[node] = result_.unknowns++;
        result_.node_of_unknown.push_back(static_cast<NodeIndex>(node));
      }
    result_.voltage.resize(nodes);
    for (std::size_t node = 1; node < nodes; ++node) {
      const auto value = resolve(static_cast<NodeIndex>(node));
      auto& voltage = result_.voltage[node];
      if (value.node != ground) voltage = {.unknown = number[value.node], .gain = value.gain, .known = -1};
      if (!value.known.empty()) voltage.known = known_index({value.known});
    }
    number_ = std::move(number);
  }

  std::int32_t known_index(const KnownVoltage& voltage) {
    const auto found = std::ranges::find(result_.known, voltage);
    if (found == result_.known.end()) {
      result_.known.push_back(voltage);
      return static_cast<std::int32_t>(result_.known.size() - 1);
    }
    return static_cast<std::int32_t>(found - result_.known.begin());
  }

  /// Where a current that leaves a node counts, through the ideal sources that pass it on.
  bool weigh_currents() {
    // Currents of the sources that touch a node, and of the ports that a source's current drives there.
    by_node_.assign(static_cast<std::size_t>(circuit_.node_count()), -1);
    for (std::size_t c = 0; c < constraints_.size(); ++c) by_node_[constraints_[c].eliminated] = static_cast<std::int32_t>(c);
    result_.current.resize(static_cast<std::size_t>(circuit_.node_count()));
    settled_.assign(static_cast<std::size_t>(circuit_.node_count()), 0);
    for (NodeIndex node = 1; node < circuit_.node_count(); ++node)
      if (!settle(node)) return false;
    return true;
  }

  bool settle(NodeIndex node) {
    if (node == ground || settled_[node] == 2) return true;
    if (settled_[node] == 1) return false;  // a source whose current depends on itself
    settled_[node] = 1;
    auto& own = result_.current[node];
    if (by_node_[node] < 0) {
      own = {.row = number_[node], .weight = 1};
    } else {
      // J_node + side i + others = 0: one unit of J_node is -side units of the source's current, which leaves the other terminal
      // on the opposite side and drives the ports that sense it.
      const auto& c = constraints_[by_node_[node]];
      const double i = -c.side;
      const NodeIndex other = c.side > 0 ? c.port.n : c.port.p;
      if (!pass_on(own, other, -c.side * i)) return false;
      for (const auto& [port, gain] : c.driven)
        if (!pass_on(own, port.p, gain * i) || !pass_on(own, port.n, -gain * i)) return false;
      if (own.weight == 0) own.row = -1;
    }
    settled_[node] = 2;
    return true;
  }
  /// Counts `amount` leaving `node` towards `own`.
  bool pass_on(NodeCurrent& own, NodeIndex node, double amount) {
    if (node == ground || amount == 0) return true;
    if (!settle(node)) return false;
    const auto& there = result_.current[node];
    if (there.row < 0) return true;
    if (own.row >= 0 && own.row != there.row) return false;
    own.row = there.row;
    own.weight += amount * there.weight;
    return true;
  }

  /// Scales the rows so that every branch's stamp is symmetric, where that can be.
  void symmetrise() {
    struct Edge {
      std::int32_t to;
      double ratio;  // scale[to] / scale[from]
    };
    const auto n = static_cast<std::size_t>(result_.unknowns);
    std::vector<std::vector<Edge>> edges(n);
    const auto ratio_of = [&](NodeIndex node) { return result_.current[node].weight / result_.voltage[node].gain; };
    const auto has_row = [&](NodeIndex node) { return result_.current[node].row >= 0; };
    const auto has_unknown = [&](NodeIndex node) { return result_.voltage[node].unknown >= 0; };
    for (std::size_t k = 0; k < circuit_.branches().size(); ++k) {
      if (std::ranges::binary_search(result_.amplifiers, static_cast<std::int32_t>(k))) continue;
      const auto& branch = circuit_.branches()[k];
      if (branch.is_two_port()) return;
      const auto [p, q] = branch.out;
      for (const NodeIndex node : {p, q})
        if (has_row(node) != has_unknown(node) || (has_row(node) && result_.current[node].row != result_.voltage[node].unknown)) return;
      if (!has_row(p) || !has_row(q)) continue;
      const auto i = result_.current[p].row, j = result_.current[q].row;
      const double ratio = ratio_of(p) / ratio_of(q);
      if (!(ratio > 0)) return;
      edges[i].push_back({j, ratio});
      edges[j].push_back({i, 1 / ratio});
    }
    std::vector<double> scale(n, 0.0);
    constexpr double tolerance = 1e-12;
    for (std::size_t first = 0; first < n; ++first) {
      if (scale[first] != 0) continue;
      scale[first] = 1;
      std::queue<std::size_t> open({first});
      while (!open.empty()) {
        const auto i = open.front();
        open.pop();
        for (const auto& [j, ratio] : edges[i]) {
          if (scale[j] == 0) {
            scale[j] = scale[i] * ratio;
            open.push(static_cast<std::size_t>(j));
          } else if (std::abs(scale[j] - scale[i] * ratio) > tolerance * scale[j]) {
            return;
          }
        }
      }
    }
    for (auto& current : result_.current)
      if (current.row >= 0) current.weight *= scale[current.row];
    result_.is_symmetric = true;
  }

  const Circuit& circuit_;
  std::span<const double> slots_;
  std::vector<Constraint> constraints_;
  std::vector<std::optional<Affine>> follows_;  // by node that was eliminated
  std::vector<std::int32_t> number_;            // unknown by node
  std::vector<std::int32_t> by_node_;           // constraint that eliminated a node
  std::vector<std::uint8_t> settled_;           // 1: being settled
  Reduction result_;
};

}  // namespace

std::variant<Reduction, std::string> reduce(const Circuit& circuit, std::span<const double> slots) { return Reducer(circuit, slots).run(); }

}  // namespace tellegen
