// Makes a `BatchPlan` of a circuit: reduced, grouped by operator and law, its unknowns in the order of the linear plan.

#include "hw_models/batch/batch_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <numeric>

#include "hw_models/solver/operating_point.hpp"

namespace tellegen {
namespace {

StepOperator make_operator(double order, const TimeGrid& grid) {
  StepOperator op{.order = order, .kind = OperatorKind::identity, .recursion = {}, .coefficients = nullptr};
  if (order == 0) return op;
  if (order == 1 || order == -1) {
    const auto r = order > 0 ? derivative_recursion(grid.step, grid.method) : integral_recursion(grid.step, grid.method);
    op.kind = OperatorKind::recursion;
    op.recursion = {.w0 = r.w0, .x_now = r.a1 + r.b1 * r.w0, .past_now = r.b1, .x_next = r.a2 + r.b2 * r.w0, .past_next = r.b2,
                    .has_second = r.a2 != 0 || r.b2 != 0};
    return op;
  }
  op.kind = OperatorKind::exponentials;
  op.coefficients = std::make_shared<const ExponentialCoefficients>(order, grid);
  return op;
}

double nearest_simple(double order) {
  const double whole = std::round(order);
  return std::abs(order - whole) < 1e-12 ? whole : order;
}

/// Whether lanes have D^order on this grid.
bool has_operator(double order, const TimeGrid& grid) {
  order = nearest_simple(order);
  if (order == 0 || order == 1 || order == -1) return true;
  const bool is_sum = grid.history == History::exponentials_20 || grid.history == History::exponentials_32;
  return is_sum && std::abs(order) < 1 && std::abs(order) > nearest_to_integer && std::abs(order) < 1 - nearest_to_integer;
}

}  // namespace

/// Builds a plan; one per call of `BatchPlan::make`.
class BatchPlanner {
 public:
  BatchPlanner(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::span<const double> slots, BatchAnalysis analysis, PlanChoice choice,
               std::span<const std::int32_t> driven)
      : plan_(std::make_shared<BatchPlan>()), slots_(slots), choice_(choice), driven_(driven) {
    plan_->circuit_ = std::move(circuit);
    plan_->grid_ = grid;
    plan_->analysis_ = analysis;
  }

  std::variant<std::shared_ptr<const BatchPlan>, std::string> run() {
    if (const auto why = check_branches(); !why.empty()) return why;
    auto reduced = reduce(*plan_->circuit_, slots_);
    if (auto* why = std::get_if<std::string>(&reduced)) return std::move(*why);
    plan_->reduction_ = std::get<Reduction>(std::move(reduced));
    for (const auto k : plan_->reduction_.amplifiers) plan_->gains_.push_back(slots_[plan_->circuit_->branches()[k].first_slot]);
    if (const auto why = drop_silent_sources(); !why.empty()) return why;
    if (plan_->reduction_.unknowns == 0) return std::string("every node is held by a source");
    collect_ports();
    name_entries();
    choose_linear_plan();
    place_everything();
    return std::shared_ptr<const BatchPlan>(plan_);
  }

 private:
  static constexpr std::int32_t none = -1;

  /// Terminal of a port: an unknown (>= 0), a known voltage (above the number of unknowns), or ground.
  struct Terminal {
    std::int32_t place = none;  // unknown's number; known: unknowns + 1 + index; none: ground
    double gain = 0;
    friend auto operator<=>(const Terminal&, const Terminal&) = default;
  };
  struct PortKey {
    std::array<Terminal, 2> in, out;
    friend auto operator<=>(const PortKey&, const PortKey&) = default;
  };
  /// Row that a known voltage drives, and the place of that voltage.
  struct KnownEntry {
    std::int32_t row, column;
    friend auto operator<=>(const KnownEntry&, const KnownEntry&) = default;
  };
  struct PendingGroup {
    double order;
    bool is_input;  // from an unknown to a known voltage, without memory
    std::map<PortKey, std::vector<std::int32_t>> ports;
  };
  struct PendingLaw {
    LawId law;
    Orders orders;
    std::vector<PortKey> ports;
    std::vector<std::int32_t> branches;
  };

  [[nodiscard]] bool is_static() const { return plan_->analysis_ == BatchAnalysis::operating_point; }

  std::string check_branches() {
    for (const auto& branch : plan_->circuit_->branches()) {
      if (branch.kind != BranchKind::law) return branch.name + " has states or inputs of its own";
      if (is_static()) {
        if (is_shorted_in_dc(branch)) return branch.name + " is a short in DC";
        if (conducts_in_dc(branch) && branch.orders.in != 1 && !branch.is_linear()) return branch.name + " is a memory at rest";
        continue;
      }
      const bool is_supported = branch.is_linear() ? has_operator(branch.orders.out + branch.orders.in - 1, plan_->grid_)
                                                   : has_operator(branch.orders.out, plan_->grid_) && has_operator(branch.orders.in - 1, plan_->grid_);
      if (!is_supported) return fmt::format("{} needs its whole past (orders {:g}, {:g})", branch.name, branch.orders.out, branch.orders.in);
      if (branch.law.expression) return branch.name + " has a law of its own expression";
    }
    return {};
  }

  /// Ammeters and dead sources hold zero: with them a node follows an unknown alone.
  std::string drop_silent_sources() {
    const auto sources = plan_->circuit_->sources();
    const auto is_silent = [&](std::int32_t s) {
      const auto& source = sources[s];
      const double level = source.dc_slot < 0 ? source.waveform.dc() : slots_[source.dc_slot];
      return source.waveform.is_constant() && level == 0 && std::ranges::find(driven_, s) == driven_.end();
    };
    auto& known = plan_->reduction_.known;
    for (auto& voltage : known)
      std::erase_if(voltage.terms, [&](const auto& term) {
        if (!is_silent(term.source)) return false;
        plan_->silent_.push_back(term.source);
        return true;
      });
    for (auto& voltage : plan_->reduction_.voltage) {
      if (voltage.known >= 0 && known[voltage.known].terms.empty()) voltage.known = -1;
      if (voltage.known >= 0 && voltage.unknown >= 0) return "a source stands in series with an unknown voltage";
    }
    // Known voltages without a term have gone; the others move up.
    std::vector<std::int32_t> moved(known.size(), none);
    std::vector<KnownVoltage> kept;
    for (std::size_t j = 0; j < known.size(); ++j) {
      if (known[j].terms.empty()) continue;
      moved[j] = static_cast<std::int32_t>(kept.size());
      kept.push_back(std::move(known[j]));
    }
    known = std::move(kept);
    for (auto& voltage : plan_->reduction_.voltage)
      if (voltage.known >= 0) voltage.known = moved[voltage.known];
    std::ranges::sort(plan_->silent_);
    plan_->silent_.erase(std::unique(plan_->silent_.begin(), plan_->silent_.end()), plan_->silent_.end());
    return {};
  }

  [[nodiscard]] Terminal sensed(NodeIndex node) const {
    const auto& v = plan_->reduction_.voltage[node];
    if (node == ground) return {};
    if (v.unknown >= 0) return {v.unknown, v.gain};
    if (v.known >= 0) return {plan_->known_place(v.known), 1};
    return {};
  }
  [[nodiscard]] Terminal driven(NodeIndex node) const {
    if (node == ground) return {};
    const auto& c = plan_->reduction_.current[node];
    if (c.row >= 0) return {c.row, c.weight};
    return {};
  }
  [[nodiscard]] PortKey key_of(const Branch& branch) const {
    PortKey key{{sensed(branch.in.p), sensed(branch.in.n)}, {driven(branch.out.p), driven(branch.out.n)}};
    return key;
  }
  /// A linear port may be read from either side; the grounded one stands second.
  [[nodiscard]] static PortKey turned(PortKey key) {
    const auto rank = [](const Terminal& t) { return t.place == none ? std::numeric_limits<std::int32_t>::max() : t.place; };
    if (rank(key.in[0]) > rank(key.in[1])) {
      std::swap(key.in[0], key.in[1]);
      std::swap(key.out[0], key.out[1]);
    }
    return key;
  }

  void collect_ports() {
    const auto branches = plan_->circuit_->branches();
    for (std::size_t k = 0; k < branches.size(); ++k) {
      const auto index = static_cast<std::int32_t>(k);
      const auto& branch = branches[k];
      if (std::ranges::binary_search(plan_->reduction_.amplifiers, index)) continue;
      if (is_static() && !conducts_in_dc(branch)) continue;
      const auto key = key_of(branch);
      if (key.out[0].place == none && key.out[1].place == none) continue;  // drives sources alone
      if (branch.is_linear()) {
        const double order = is_static() ? 0 : nearest_simple(branch.orders.out + branch.orders.in - 1);
        const auto port = turned(key);
        const bool is_input = order == 0 && !branch.is_two_port() && is_unknown(port.in[0]) && is_known(port.in[1]);
        auto group = std::ranges::find_if(pending_, [&](const PendingGroup& g) { return g.order == order && g.is_input == is_input; });
        if (group == pending_.end()) group = pending_.insert(pending_.end(), PendingGroup{order, is_input, {}});
        group->ports[port].push_back(index);
      } else {
        auto law = std::ranges::find_if(pending_laws_, [&](const PendingLaw& l) { return l.law == branch.law.id && l.orders == branch.orders; });
        if (law == pending_laws_.end()) law = pending_laws_.insert(pending_laws_.end(), PendingLaw{branch.law.id, branch.orders, {}, {}});
        law->ports.push_back(key);
        law->branches.push_back(index);
      }
    }
  }

  [[nodiscard]] bool is_unknown(const Terminal& t) const { return t.place >= 0 && t.place < plan_->reduction_.unknowns; }
  [[nodiscard]] bool is_known(const Terminal& t) const { return t.place > plan_->reduction_.unknowns; }

  /// Calls visit(row, column, factor) for every stamp of a port in the matrix of the unknowns (lower triangle where symmetric).
  template <class Visit>
  void for_stamps(const PortKey& key, const Visit& visit) const {
    for (int o = 0; o < 2; ++o)
      for (int i = 0; i < 2; ++i) {
        if (key.out[o].place == none || !is_unknown(key.in[i])) continue;
        if (plan_->shape_.is_symmetric && key.out[o].place < key.in[i].place) continue;
        visit(key.out[o].place, key.in[i].place, (o == i ? 1.0 : -1.0) * key.out[o].gain * key.in[i].gain);
      }
  }

  void name_entries() {
    auto& shape = plan_->shape_;
    shape.size = plan_->reduction_.unknowns;
    shape.is_symmetric = plan_->reduction_.is_symmetric;
    std::vector<MatrixEntry> entries, own;
    for (std::int32_t i = 0; i < shape.size; ++i) entries.push_back({i, i});
    for (const auto& group : pending_)
      for (const auto& [key, members] : group.ports) for_stamps(key, [&](std::int32_t r, std::int32_t c, double) { entries.push_back({r, c}); });
    for (const auto& law : pending_laws_)
      for (const auto& key : law.ports) for_stamps(key, [&](std::int32_t r, std::int32_t c, double) { own.push_back({r, c}); });
    const auto unique = [](std::vector<MatrixEntry>& list) {
      std::ranges::sort(list, {}, position);
      list.erase(std::unique(list.begin(), list.end()), list.end());
    };
    unique(own);
    entries.insert(entries.end(), own.begin(), own.end());
    unique(entries);
    shape.entries = std::move(entries);
    for (const auto& entry : own) shape.own.push_back(entry_index(entry));
  }
  static std::pair<std::int32_t, std::int32_t> position(const MatrixEntry& e) { return {e.column, e.row}; }
  [[nodiscard]] std::int32_t entry_index(const MatrixEntry& entry) const {
    return static_cast<std::int32_t>(std::ranges::lower_bound(plan_->shape_.entries, position(entry), {}, position) - plan_->shape_.entries.begin());
  }

  void choose_linear_plan() {
    const auto rated = plans_for(plan_->shape_, choice_);
    plan_->linear_ = rated.front().plan;
    for (const auto& [plan, cost] : rated) plan_->ratings_.push_back({plan->description().name, cost});
    plan_->place_.resize(static_cast<std::size_t>(plan_->shape_.size));
    const auto order = plan_->linear_->order();
    for (std::size_t place = 0; place < order.size(); ++place) plan_->place_[order[place]] = static_cast<std::int32_t>(place);
  }

  [[nodiscard]] std::int32_t final_place(const Terminal& t) const {
    if (t.place == none) return plan_->ground_place();
    return is_unknown(t) ? plan_->place_[t.place] : t.place;
  }

  void add_port(Ports& ports, PortKey key) const {
    ports.rows = plan_->reduction_.unknowns;
    // What a port drives into a known voltage lands behind the unknowns, where nobody reads it.
    for (int side = 0; side < 2; ++side)
      if (key.out[side].place == none && is_known(key.in[side])) key.out[side] = key.in[side];
    ports.p.push_back(final_place(key.in[0]));
    ports.n.push_back(final_place(key.in[1]));
    ports.out_p.push_back(final_place(key.out[0]));
    ports.out_n.push_back(final_place(key.out[1]));
    ports.gain_p.push_back(key.in[0].gain);
    ports.gain_n.push_back(key.in[1].gain);
    ports.weight_p.push_back(key.out[0].gain);
    ports.weight_n.push_back(key.out[1].gain);
    for (int side = 0; side < 2; ++side) {
      const auto &in = key.in[side], &out = key.out[side];
      const bool is_plain = (in.place == none && out.place == none) || (in.gain == 1 && out.gain == 1 && in.place == out.place);
      if (!is_plain) ports.is_unit = false;
    }
  }

  void place_everything() {
    std::vector<KnownEntry> known;
    const auto for_known = [&](const PortKey& key, const auto& visit) {
      for (int o = 0; o < 2; ++o)
        for (int i = 0; i < 2; ++i)
          if (key.out[o].place != none && is_known(key.in[i]))
            visit(KnownEntry{plan_->place_[key.out[o].place], key.in[i].place}, (o == i ? 1.0 : -1.0) * key.out[o].gain * key.in[i].gain);
    };
    for (const auto& group : pending_)
      for (const auto& [key, members] : group.ports) for_known(key, [&](KnownEntry e, double) { known.push_back(e); });
    std::ranges::sort(known);
    known.erase(std::unique(known.begin(), known.end()), known.end());
    for (const auto& [row, column] : known) {
      if (plan_->known_row_.empty() || plan_->known_row_.back() != row) {
        plan_->known_row_.push_back(row);
        plan_->known_starts_.push_back(static_cast<std::int32_t>(plan_->known_columns_.size()));
      }
      plan_->known_columns_.push_back(column);
    }
    plan_->known_starts_.push_back(static_cast<std::int32_t>(plan_->known_columns_.size()));

    for (const auto& pending : pending_) {
      LinearGroup group{.op = make_operator(pending.order, plan_->grid_), .ports = {}, .member_starts = {0}, .members = {}};
      // Ports in the order of their places: neighbours in memory come one after another.
      std::vector<const std::pair<const PortKey, std::vector<std::int32_t>>*> sorted;
      for (const auto& port : pending.ports) sorted.push_back(&port);
      std::ranges::sort(sorted, {}, [&](const auto* port) { return std::pair(final_place(port->first.in[0]), final_place(port->first.in[1])); });
      // Only one group can write the right-hand side instead of adding to it.
      const bool covers = std::ranges::none_of(plan_->groups_, &LinearGroup::covers_places) && covers_places(pending);
      std::vector<std::int32_t> starts;
      std::size_t next = 0;
      const auto add = [&](const PortKey& key, const std::vector<std::int32_t>& members) {
        add_port(group.ports, key);
        starts.push_back(static_cast<std::int32_t>(plan_->targets_.size()));
        for_stamps(key, [&](std::int32_t r, std::int32_t c, double f) { plan_->targets_.push_back({entry_index({r, c}), f}); });
        starts.push_back(static_cast<std::int32_t>(plan_->targets_.size()));
        for_known(key, [&](KnownEntry e, double f) {
          plan_->targets_.push_back({static_cast<std::int32_t>(std::ranges::lower_bound(known, e) - known.begin()), f});
        });
        group.working_ports += !members.empty();
        group.members.insert(group.members.end(), members.begin(), members.end());
        group.member_starts.push_back(static_cast<std::int32_t>(group.members.size()));
      };
      for (std::int32_t place = 0; covers && place < plan_->reduction_.unknowns; ++place) {
        if (next < sorted.size() && final_place(sorted[next]->first.in[0]) == place) {
          add(sorted[next]->first, sorted[next]->second);
          ++next;
        } else {
          const Terminal unknown{plan_->linear_->order()[place], 1};
          add({{unknown, {}}, {unknown, {}}}, {});
        }
      }
      for (; next < sorted.size(); ++next) add(sorted[next]->first, sorted[next]->second);
      starts.push_back(static_cast<std::int32_t>(plan_->targets_.size()));
      group.covers_places = covers;
      for (std::int32_t port = 0; pending.is_input && port < group.ports.count(); ++port) {
        if (group.rows.empty() || group.rows.back() != group.ports.p[port]) {
          group.rows.push_back(group.ports.p[port]);
          group.row_starts.push_back(port);
        }
      }
      if (pending.is_input) group.row_starts.push_back(group.ports.count());
      if (std::ranges::adjacent_find(group.member_starts, [](auto a, auto b) { return b != a + 1; }) == group.member_starts.end())
        for (const auto member : group.members) group.slots.push_back(plan_->circuit_->branches()[member].first_slot);
      find_dense_rows(group);
      plan_->target_starts_.push_back(std::move(starts));
      plan_->groups_.push_back(std::move(group));
    }
    // The group that writes the right-hand side instead of adding to it comes first.
    for (std::size_t g = 1; g < plan_->groups_.size(); ++g)
      if (plan_->groups_[g].covers_places) {
        std::swap(plan_->groups_[0], plan_->groups_[g]);
        std::swap(plan_->target_starts_[0], plan_->target_starts_[g]);
      }
    for (const auto& pending : pending_laws_) place_law(pending);
    place_sources();
    place_currents();
    plan_->counting_.resize(static_cast<std::size_t>(plan_->reduction_.unknowns));
    std::iota(plan_->counting_.begin(), plan_->counting_.end(), 0);
    for (const auto& group : plan_->groups_)
      if (!group.is_input() && plan_->stands_at_known(group.ports))
        plan_->linear_reads_known_ = true;
  }

  /// Capacitors from every other node to ground, or more, need no index lists: what is done in vain for the rest costs less than those.
  [[nodiscard]] bool covers_places(const PendingGroup& group) const {
    if (group.order != 1 && group.order != -1) return false;
    if (9 * group.ports.size() < 4 * static_cast<std::size_t>(plan_->reduction_.unknowns)) return false;
    return std::ranges::all_of(group.ports, [&](const auto& port) {
      const auto& key = port.first;
      return is_unknown(key.in[0]) && key.in[1].place == none && key.out[1].place == none && key.in[0].place == key.out[0].place && key.in[0].gain == 1;
    });
  }

  /// Rows of the inputs' crossbar with the same columns, one after another, are a dense block.
  void find_dense_rows(LinearGroup& group) const {
    if (!group.is_input() || group.slots.empty()) return;
    constexpr std::int32_t least_columns = 8;
    const auto first_known = plan_->known_place(0);
    for (std::size_t r = 0; r < group.rows.size(); ++r) {
      const auto from = group.row_starts[r], to = group.row_starts[r + 1];
      const auto first = group.ports.n[from] - first_known, columns = to - from;
      // An unknown may be met on both sides of its amplifier: then a row has ports of several gains, and a column more than one.
      bool is_dense = columns >= least_columns, in_order = true;
      for (auto e = from + 1; e < to; ++e) {
        is_dense = is_dense && group.ports.n[e] == group.ports.n[e - 1] + 1 && group.ports.gain_p[e] == group.ports.gain_p[from] &&
                   group.ports.weight_p[e] == group.ports.weight_p[from];
        in_order = in_order && group.slots[e] == group.slots[e - 1] + 1;
      }
      if (!is_dense) continue;
      const auto row = static_cast<std::int32_t>(r);
      auto* const last = group.dense.empty() ? nullptr : &group.dense.back();
      if (last != nullptr && last->first_row + last->rows == row && last->first_column == first && last->columns == columns && last->has_slots_in_order == in_order)
        ++last->rows;
      else
        group.dense.push_back({.first_row = row, .rows = 1, .first_column = first, .columns = columns, .has_slots_in_order = in_order});
    }
  }

  void place_law(const PendingLaw& pending) {
    const bool is_memoryless = is_static() || pending.orders == Orders{.out = 0, .in = 1};
    LawGroup law{.law = pending.law, .inner = make_operator(is_memoryless ? 0 : nearest_simple(pending.orders.in - 1), plan_->grid_),
                 .outer = make_operator(is_memoryless ? 0 : nearest_simple(pending.orders.out), plan_->grid_), .ports = {}, .known = {}, .unknown = {}, .branches = pending.branches,
                 .own = {}, .own_factor = {}, .is_memoryless = is_memoryless,
                 .largest_step = visit_law(pending.law, []<class Law>() { return Law::largest_step; })};
    for (const auto& key : pending.ports) {
      add_port(law.ports, key);
      int stamps = 0;
      for_stamps(key, [&](std::int32_t r, std::int32_t c, double f) {
        const auto entry = entry_index({r, c});
        law.own.push_back(static_cast<std::int32_t>(std::ranges::lower_bound(plan_->shape_.own, entry) - plan_->shape_.own.begin()));
        law.own_factor.push_back(f);
        ++stamps;
      });
      for (; stamps < 4; ++stamps) law.own.push_back(none), law.own_factor.push_back(0);
    }
    if (plan_->stands_at_known(law.ports)) {
      law.known = law.unknown = law.ports;
      for (auto* places : {&law.known.p, &law.known.n})
        for (auto& place : *places) place = std::max(place, plan_->ground_place());
      for (auto* places : {&law.unknown.p, &law.unknown.n})
        for (auto& place : *places) place = std::min(place, plan_->ground_place());
    }
    plan_->laws_.push_back(std::move(law));
  }

  void place_sources() {
    const auto sources = plan_->circuit_->sources();
    for (std::size_t s = 0; s < sources.size(); ++s) {
      if (sources[s].kind != SourceKind::current) continue;
      const auto p = driven(sources[s].port.p), n = driven(sources[s].port.n);
      if (p.place != none) plan_->taps_.push_back({static_cast<std::int32_t>(s), plan_->place_[p.place], p.gain});
      if (n.place != none) plan_->taps_.push_back({static_cast<std::int32_t>(s), plan_->place_[n.place], -n.gain});
    }
  }

  void place_currents() {
    struct Tap {
      std::int32_t place, branch;
      double weight;
    };
    std::vector<Tap> taps;
    const auto branches = plan_->circuit_->branches();
    const auto nodes = plan_->circuit_->node_count();
    for (std::size_t k = 0; k < branches.size(); ++k) {
      const auto& port = branches[k].out;
      const auto branch = static_cast<std::int32_t>(k);
      if (port.p >= nodes || port.n >= nodes || std::ranges::binary_search(plan_->reduction_.amplifiers, branch)) continue;
      for (const auto& [terminal, sign] : {std::pair(driven(port.p), 1.0), std::pair(driven(port.n), -1.0)})
        if (terminal.place != none) taps.push_back({plan_->place_[terminal.place], branch, sign * terminal.gain});
    }
    std::ranges::stable_sort(taps, {}, &Tap::place);
    plan_->current_starts_.assign(static_cast<std::size_t>(plan_->reduction_.unknowns) + 1, 0);
    for (const auto& tap : taps) {
      ++plan_->current_starts_[tap.place + 1];
      plan_->current_branches_.push_back(tap.branch);
      plan_->current_weights_.push_back(tap.weight);
    }
    std::partial_sum(plan_->current_starts_.begin(), plan_->current_starts_.end(), plan_->current_starts_.begin());
  }

  std::shared_ptr<BatchPlan> plan_;
  std::span<const double> slots_;
  PlanChoice choice_;
  std::span<const std::int32_t> driven_;
  std::vector<PendingGroup> pending_;
  std::vector<PendingLaw> pending_laws_;
};

std::variant<std::shared_ptr<const BatchPlan>, std::string> BatchPlan::make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid,
                                                                            std::span<const double> slots, BatchAnalysis analysis, PlanChoice choice,
                                                                            std::span<const std::int32_t> driven) {
  return BatchPlanner(std::move(circuit), grid, slots, analysis, choice, driven).run();
}

}  // namespace tellegen
