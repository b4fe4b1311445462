#include <algorithm>
#include <limits>
#include <numeric>

#include "hw_models/linear/crossbar_structure.hpp"
#include "hw_models/linear/panel_matrix.hpp"

namespace tellegen {
namespace {

/// Where the value of one entry of the shape goes.
struct Destination {
  enum class Kind { eliminated_diagonal, remaining_diagonal, coupling, remaining_coupling };
  Kind kind;
  std::int64_t index;  ///< place within E or R, of N by rows, or of the triangle of R
};

/// Entry of A_RR off the diagonal, row > column.
struct RemainingCoupling {
  std::int32_t row, column;
  std::int64_t place;
};

/// What a plan and its systems share.
struct CrossbarTopology {
  CrossbarStructure structure;
  std::vector<Destination> destinations;      // by entry of the shape
  std::vector<std::int64_t> first_couplings;  // by group: where its block begins among all couplings
  std::vector<RemainingCoupling> remaining_couplings;
  std::vector<std::int32_t> own_places;       // by place: index among the own entries, -1 for none
};

CrossbarTopology topology_of(const SystemShape& shape, CrossbarStructure structure) {
  CrossbarTopology topology{.structure = std::move(structure), .destinations = {}, .first_couplings = {}, .remaining_couplings = {},
                            .own_places = std::vector<std::int32_t>(static_cast<std::size_t>(shape.size), -1)};
  const auto& found = topology.structure;
  std::vector<std::int32_t> place(static_cast<std::size_t>(shape.size)), group_of(static_cast<std::size_t>(found.eliminated));
  for (std::int32_t k = 0; k < shape.size; ++k) place[found.order[k]] = k;
  std::int64_t next = 0;
  for (std::size_t g = 0; g < found.groups.size(); ++g) {
    const auto& group = found.groups[g];
    std::fill_n(group_of.begin() + group.first_eliminated, group.eliminated, static_cast<std::int32_t>(g));
    topology.first_couplings.push_back(next);
    next += static_cast<std::int64_t>(group.eliminated) * group.remaining;
  }
  using enum Destination::Kind;
  for (const auto [a, b] : shape.entries) {
    const auto lower = std::min(place[a], place[b]), upper = std::max(place[a], place[b]);
    const auto row = upper - found.eliminated, column = lower - found.eliminated;
    if (upper < found.eliminated) {
      topology.destinations.push_back({eliminated_diagonal, upper});
    } else if (lower == upper) {
      topology.destinations.push_back({remaining_diagonal, row});
    } else if (lower < found.eliminated) {
      const auto g = group_of[lower];
      const auto& group = found.groups[g];
      topology.destinations.push_back(
          {coupling, topology.first_couplings[g] + static_cast<std::int64_t>(lower - group.first_eliminated) * group.remaining + row - group.first_remaining});
    } else {
      topology.destinations.push_back({remaining_coupling, found.row_offsets[row] + column});
      topology.remaining_couplings.push_back({row, column, found.row_offsets[row] + column});
    }
  }
  for (std::size_t j = 0; j < shape.own.size(); ++j) topology.own_places[place[shape.entries[shape.own[j]].row]] = static_cast<std::int32_t>(j);
  return topology;
}

std::vector<std::int32_t> consecutive(std::int32_t first, std::int32_t count) {
  std::vector<std::int32_t> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), first);
  return places;
}

/// One group's couplings, packed for the three products that use them.
struct CrossbarBlock {
  CrossbarGroup group;
  const double* couplings = nullptr;  // N by rows: [eliminated * remaining]
  PanelMatrix gather;                 // N^T: what the remainder takes from the group
  PanelMatrix spread;                 // N: what the group takes from the remainder
  PanelMatrix pairs;                  // -N_ek N_el by (k, l), k >= l: what the group's 1 / d adds to S

  CrossbarBlock(const CrossbarGroup& g, const CrossbarStructure& structure, const double* values, const CrossbarLaneKernels& kernels)
      : group(g), couplings(values), gather(consecutive(g.first_remaining, g.remaining), g.eliminated, kernels),
        spread(consecutive(g.first_eliminated, g.eliminated), g.remaining, kernels) {
    if (!group.has_own) return;
    std::vector<std::int32_t> places;
    for (std::int32_t k = g.first_remaining; k < g.first_remaining + g.remaining; ++k)
      for (std::int32_t l = g.first_remaining; l <= k; ++l) places.push_back(static_cast<std::int32_t>(structure.row_offsets[k] + l));
    pairs = PanelMatrix(std::move(places), g.eliminated, kernels);
  }

  [[nodiscard]] double at(std::int32_t e, std::int32_t r) const { return couplings[static_cast<std::int64_t>(e) * group.remaining + r]; }
  void pack() {
    gather.fill([this](std::int32_t r, std::int32_t e) { return at(e, r); });
    spread.fill([this](std::int32_t e, std::int32_t r) { return at(e, r); });
  }
  void pack_pairs() {
    std::vector<std::int32_t> row, column;
    for (std::int32_t k = 0; k < group.remaining; ++k)
      for (std::int32_t l = 0; l <= k; ++l) row.push_back(k), column.push_back(l);
    pairs.fill([&](std::int32_t pair, std::int32_t e) { return -at(e, row[pair]) * at(e, column[pair]); });
  }
  /// Takes N^T D^-1 N of this group from the triangle s.
  void subtract_from(const CrossbarStructure& structure, const double* diagonal, double* s) const {
    for (std::int32_t e = 0; e < group.eliminated; ++e) {
      const double* const n = couplings + static_cast<std::int64_t>(e) * group.remaining;
      for (std::int32_t k = 0; k < group.remaining; ++k) {
        double* const row = s + structure.row_offsets[group.first_remaining + k] + group.first_remaining;
        const double share = n[k] / diagonal[group.first_eliminated + e];
        for (std::int32_t l = 0; l <= k; ++l) row[l] -= share * n[l];
      }
    }
  }
};

class CrossbarSystem final : public LaneSystem {
 public:
  CrossbarSystem(const CrossbarTopology& topology, int lanes, InstructionSet set)
      : topology_(topology), structure_(topology.structure), lanes_(static_cast<std::size_t>(lanes)), all_(crossbar_kernels(set)), kernels_(all_.with(lanes)),
        eliminated_(static_cast<std::size_t>(structure_.eliminated)), remaining_(static_cast<std::size_t>(structure_.remaining)), couplings_(static_cast<std::size_t>(structure_.synapses())),
        diagonal_(eliminated_ + remaining_), coupled_(static_cast<std::size_t>(structure_.remainder_entries)), base_(coupled_.size()),
        inverse_(eliminated_ * lanes_), schur_(coupled_.size() * lanes_), least_(remaining_ * lanes_), space_(triangle_block * remaining_ * lanes_) {
    for (std::size_t g = 0; g < structure_.groups.size(); ++g)
      blocks_.emplace_back(structure_.groups[g], structure_, couplings_.data() + topology.first_couplings[g], kernels_);
  }

  void set_shared(std::span<const double> values) override {
    std::ranges::fill(couplings_, 0.0);
    std::ranges::fill(coupled_, 0.0);
    using enum Destination::Kind;
    for (std::size_t e = 0; e < values.size(); ++e) {
      const auto [kind, index] = topology_.destinations[e];
      if (kind == eliminated_diagonal) diagonal_[index] = values[e];
      if (kind == remaining_diagonal) diagonal_[eliminated_ + index] = values[e], coupled_[structure_.row_offsets[index] + index] = values[e];
      if (kind == coupling) couplings_[index] = -values[e];
      if (kind == remaining_coupling) coupled_[index] = values[e];
    }
    base_ = coupled_;
    for (auto& block : blocks_) {
      block.pack();
      if (!block.group.has_own) block.subtract_from(structure_, diagonal_.data(), base_.data());
    }
    pairs_are_packed_ = false;
  }

  bool factor_shared() override {
    const auto& one = all_.one;
    std::vector<double> inverse(eliminated_), s = base_, least(remaining_), space(triangle_block * remaining_);
    for (const auto& block : blocks_)
      if (block.group.has_own) block.subtract_from(structure_, diagonal_.data(), s.data());
    one.add_own(remaining_diagonal(), nullptr, triangle(), tolerance(), s.data(), least.data());
    if (!one.invert(eliminated_diagonal(), nullptr, inverse.data()) || !one.factor(triangle(), least.data(), s.data(), space.data())) return false;
    broadcast(inverse, inverse_);
    broadcast(s, schur_);
    return true;
  }

  bool factor(const double* own) override {
    if (!pairs_are_packed_) {
      for (auto& block : blocks_)
        if (block.group.has_own) block.pack_pairs();
      pairs_are_packed_ = true;
    }
    if (!kernels_.invert(eliminated_diagonal(), own, inverse_.data())) return false;
    bool begun = false;
    for (const auto& block : blocks_) {
      if (!block.group.has_own) continue;
      if (!begun) broadcast_unreached(block.group);
      const double* inverse = inverse_.data() + block.group.first_eliminated * lanes_;
      kernels_.multiply(block.pairs.view(), inverse, begun ? nullptr : base_.data(), nullptr, schur_.data());
      begun = true;
    }
    if (!begun) broadcast(base_, schur_);
    kernels_.add_own(remaining_diagonal(), own, triangle(), tolerance(), schur_.data(), least_.data());
    return kernels_.factor(triangle(), least_.data(), schur_.data(), space_.data());
  }

  void solve(double* x) override {
    double* const remaining = x + eliminated_ * lanes_;
    kernels_.scale(structure_.eliminated, inverse_.data(), x);
    for (const auto& block : blocks_) kernels_.multiply(block.gather.view(), x + block.group.first_eliminated * lanes_, nullptr, nullptr, remaining);
    kernels_.solve(triangle(), schur_.data(), remaining, space_.data());
    for (const auto& block : blocks_) kernels_.multiply(block.spread.view(), remaining + block.group.first_remaining * lanes_, nullptr, inverse_.data(), x);
  }

  void subtract_product(const double* own, const double* x, double* r, bool) const override {
    const double* const x_remaining = x + eliminated_ * lanes_;
    double* const r_remaining = r + eliminated_ * lanes_;
    for (const auto& block : blocks_) {
      kernels_.multiply(block.gather.view(), x + block.group.first_eliminated * lanes_, nullptr, nullptr, r_remaining);
      kernels_.multiply(block.spread.view(), x_remaining + block.group.first_remaining * lanes_, nullptr, nullptr, r);
    }
    for (const auto& [row, column, place] : topology_.remaining_couplings)
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        r_remaining[row * lanes_ + lane] -= coupled_[place] * x_remaining[column * lanes_ + lane];
        r_remaining[column * lanes_ + lane] -= coupled_[place] * x_remaining[row * lanes_ + lane];
      }
    kernels_.subtract_diagonal({structure_.eliminated + structure_.remaining, diagonal_.data(), topology_.own_places.data()}, own, x, r);
  }

 private:
  [[nodiscard]] DiagonalView eliminated_diagonal() const { return {structure_.eliminated, diagonal_.data(), topology_.own_places.data()}; }
  [[nodiscard]] DiagonalView remaining_diagonal() const {
    return {structure_.remaining, diagonal_.data() + eliminated_, topology_.own_places.data() + eliminated_};
  }
  [[nodiscard]] TriangleView triangle() const { return {structure_.remaining, structure_.row_starts.data(), structure_.row_offsets.data()}; }
  /// A pivot below this share of its diagonal is round-off.
  [[nodiscard]] double tolerance() const { return std::numeric_limits<double>::epsilon() * static_cast<double>(eliminated_ + remaining_); }
  void broadcast(const std::vector<double>& from, LaneArray& to) const {
    for (std::size_t k = 0; k < from.size(); ++k) std::fill_n(to.data() + k * lanes_, lanes_, from[k]);
  }
  /// The product of the first group begins its entries of S with `base_`; the others are set here.
  void broadcast_unreached(const CrossbarGroup& group) {
    if (group.pairs() != structure_.remainder_entries) broadcast(base_, schur_);
  }

  const CrossbarTopology& topology_;
  const CrossbarStructure& structure_;
  std::size_t lanes_;
  const CrossbarKernels& all_;
  const CrossbarLaneKernels& kernels_;
  std::size_t eliminated_, remaining_;
  std::vector<double> couplings_;  // N, group by group
  std::vector<double> diagonal_;   // of A, by place
  std::vector<double> coupled_;    // A_RR
  std::vector<double> base_;       // the part of S that all samples share
  std::vector<CrossbarBlock> blocks_;
  bool pairs_are_packed_ = false;
  LaneArray inverse_;  // 1 / d by eliminated place
  LaneArray schur_;    // S, then its factors
  LaneArray least_, space_;
};

class CrossbarPlan final : public LinearPlan {
 public:
  CrossbarPlan(const SystemShape& shape, CrossbarStructure structure) : topology_(topology_of(shape, std::move(structure))) {
    const auto& found = topology_.structure;
    const auto diagonals = static_cast<std::size_t>(shape.size);
    description_ = {.name = "crossbar", .unknowns = shape.size, .matrix_entries = 2 * shape.entries.size() - diagonals,
                    .factor_entries = static_cast<std::size_t>(found.synapses() + found.remainder_entries + found.eliminated),
                    .factor_flops = found.schur_flops + found.cholesky_flops + found.eliminated, .solve_flops = found.solve_flops,
                    .details = std::to_string(found.eliminated) + " x " + std::to_string(found.remaining) + ", Cholesky of " + std::to_string(found.remaining)};
  }
  [[nodiscard]] std::span<const std::int32_t> order() const override { return topology_.structure.order; }
  [[nodiscard]] const PlanDescription& description() const override { return description_; }
  [[nodiscard]] std::unique_ptr<LaneSystem> make_system(int lanes, InstructionSet set) const override {
    return std::make_unique<CrossbarSystem>(topology_, lanes, set);
  }

 private:
  CrossbarTopology topology_;
  PlanDescription description_;
};

}  // namespace

std::shared_ptr<const LinearPlan> make_crossbar_plan(const SystemShape& shape) {
  auto structure = find_crossbar(shape);
  if (!structure) return nullptr;
  return std::make_shared<CrossbarPlan>(shape, std::move(*structure));
}

}  // namespace tellegen
