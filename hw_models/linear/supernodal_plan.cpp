#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/linear_plan.hpp"
#include "hw_models/linear/supernode_partition.hpp"

namespace tellegen {
namespace {

SymmetricGraph graph_of(const SystemShape& shape) {
  if (!shape.is_symmetric) throw std::invalid_argument("a supernodal plan needs a symmetric system");
  std::vector<SymmetricGraph::Edge> edges;
  for (const auto [row, column] : shape.entries) edges.push_back({row, column});
  return {shape.size, edges};
}

/// Entries assembled into each block, in the lists that the kernels read.
struct Assembly {
  std::vector<std::int32_t> starts;
  std::vector<AssembledEntry> entries;
};

/// Everything that depends on the topology alone.
class SupernodalLists {
 public:
  explicit SupernodalLists(const SystemShape& shape)
      : partition_(partition_into_supernodes(graph_of(shape))), entry_count_(shape.entries.size()) {
    const auto& p = partition_;
    for (std::int32_t s = 0; s < p.supernodes(); ++s) {
      blocks_.push_back(factor_size_);
      factor_size_ += static_cast<std::size_t>(p.width(s)) * static_cast<std::size_t>(p.width(s) + p.height(s));
      widest_ = std::max(widest_, p.width(s));
    }
    list_segments();
    std::vector<std::int32_t> place(p.order.size()), every(shape.entries.size());
    for (std::size_t i = 0; i < p.order.size(); ++i) place[p.order[i]] = static_cast<std::int32_t>(i);
    std::iota(every.begin(), every.end(), 0);
    shared_ = assembly_of(shape, place, every);
    own_ = assembly_of(shape, place, shape.own);
    list_product(shape, place);
  }

  [[nodiscard]] const SupernodePartition& partition() const { return partition_; }
  [[nodiscard]] std::size_t factor_size() const { return factor_size_; }
  [[nodiscard]] std::size_t entry_count() const { return entry_count_; }
  [[nodiscard]] std::size_t product_size() const { return product_columns_.size(); }
  [[nodiscard]] std::int32_t widest() const { return widest_; }
  [[nodiscard]] std::size_t chains() const {
    return static_cast<std::size_t>(std::ranges::count_if(segments_, [](const FactorSegment& s) { return s.links > 0; }));
  }
  /// [entry of the product] the entry of the shape that it repeats
  [[nodiscard]] std::span<const std::int32_t> product_entries() const { return product_entries_; }

  [[nodiscard]] FactorView factor_view() const {
    const auto& p = partition_;
    return {.supernodes = p.supernodes(),
            .segment_count = static_cast<std::int32_t>(segments_.size()),
            .first = p.first.data(),
            .row_starts = p.row_starts.data(),
            .rows = p.rows.data(),
            .blocks = blocks_.data(),
            .segments = segments_.data(),
            .update_starts = p.update_starts.data(),
            .updates = p.updates.data(),
            .target_rows = p.target_rows.data(),
            .shared_starts = shared_.starts.data(),
            .shared_entries = shared_.entries.data(),
            .own_starts = own_.starts.data(),
            .own_entries = own_.entries.data()};
  }
  [[nodiscard]] ProductView product_view() const {
    return {.size = static_cast<std::int32_t>(partition_.order.size()),
            .row_starts = product_starts_.data(),
            .columns = product_columns_.data(),
            .own_count = static_cast<std::int32_t>(own_rows_.size()),
            .own_rows = own_rows_.data(),
            .own_columns = own_columns_.data()};
  }

 private:
  /// Chains of links, then two of them at a time where neither waits for the other.
  void list_segments() {
    const auto& p = partition_;
    const auto end_row = [&](const FactorSegment& chain) { return p.rows_of(chain.supernode + chain.links - 1).front(); };
    for (std::int32_t s = 0; s < p.supernodes();) {
      FactorSegment segment{.supernode = s, .links = 0, .partner = 0};
      while (s < p.supernodes() && p.is_link(s)) {
        ++segment.links;
        const bool goes_on = p.rows_of(s).front() == p.first[s] + 1;
        ++s;
        if (!goes_on) break;
      }
      if (segment.links == 0) ++s;
      segments_.push_back(segment);
    }
    for (std::size_t i = 0; i + 1 < segments_.size(); ++i) {
      auto& one = segments_[i];
      const auto& next = segments_[i + 1];
      const bool is_free = i == 0 || segments_[i - 1].partner == 0;
      if (is_free && one.links > 0 && next.links > 0 && end_row(one) >= p.first[next.supernode + next.links])
        one.partner = next.links;
    }
  }

  [[nodiscard]] Assembly assembly_of(const SystemShape& shape, std::span<const std::int32_t> place,
                                     std::span<const std::int32_t> which) const {
    const auto& p = partition_;
    struct Placed {
      std::int32_t supernode;
      AssembledEntry entry;
    };
    std::vector<Placed> placed;
    for (std::size_t i = 0; i < which.size(); ++i) {
      const auto [one, other] = shape.entries[which[i]];
      const auto column = std::min(place[one], place[other]), row = std::max(place[one], place[other]);
      const auto s = static_cast<std::int32_t>(std::ranges::upper_bound(p.first, column) - p.first.begin()) - 1;
      const auto rows = p.rows_of(s);
      const auto below = static_cast<std::int32_t>(std::ranges::lower_bound(rows, row) - rows.begin());
      const auto row_in_block = row < p.first[s + 1] ? row - p.first[s] : p.width(s) + below;
      placed.push_back({s, {.value = static_cast<std::int32_t>(i), .position = row_in_block * p.width(s) + column - p.first[s]}});
    }
    std::ranges::sort(placed, {}, [](const Placed& e) { return std::pair(e.supernode, e.entry.position); });
    Assembly assembly{.starts = std::vector<std::int32_t>(static_cast<std::size_t>(p.supernodes()) + 1, 0), .entries = {}};
    for (const auto& [s, entry] : placed) {
      ++assembly.starts[s + 1];
      assembly.entries.push_back(entry);
    }
    std::partial_sum(assembly.starts.begin(), assembly.starts.end(), assembly.starts.begin());
    return assembly;
  }

  void list_product(const SystemShape& shape, std::span<const std::int32_t> place) {
    struct Cell {
      std::int32_t row, column, entry;
    };
    std::vector<Cell> cells;
    for (std::size_t e = 0; e < shape.entries.size(); ++e) {
      const auto row = place[shape.entries[e].row], column = place[shape.entries[e].column];
      cells.push_back({row, column, static_cast<std::int32_t>(e)});
      if (row != column) cells.push_back({column, row, static_cast<std::int32_t>(e)});
    }
    std::ranges::sort(cells, {}, [](const Cell& c) { return std::pair(c.row, c.column); });
    product_starts_.assign(place.size() + 1, 0);
    for (const auto& cell : cells) {
      ++product_starts_[cell.row + 1];
      product_columns_.push_back(cell.column);
      product_entries_.push_back(cell.entry);
    }
    std::partial_sum(product_starts_.begin(), product_starts_.end(), product_starts_.begin());
    for (const auto entry : shape.own) {
      own_rows_.push_back(place[shape.entries[entry].row]);
      own_columns_.push_back(place[shape.entries[entry].column]);
    }
  }

  SupernodePartition partition_;
  std::size_t entry_count_;
  std::vector<std::size_t> blocks_;
  std::size_t factor_size_ = 0;
  std::int32_t widest_ = 0;
  std::vector<FactorSegment> segments_;
  Assembly shared_, own_;
  std::vector<std::int32_t> product_starts_, product_columns_, product_entries_;
  std::vector<std::int32_t> own_rows_, own_columns_;
};

const SupernodalKernels::OfLanes& kernels_of(int lanes, InstructionSet set) {
  const auto& kernels = supernodal_kernels(set);
  switch (lanes) {
    case 1:
      return kernels.one;
    case 8:
      return kernels.eight;
    case 16:
      return kernels.sixteen;
    default:
      throw std::invalid_argument("a linear system carries 1, 8 or 16 samples");
  }
}

class SupernodalSystem final : public LaneSystem {
 public:
  SupernodalSystem(const SupernodalLists& lists, int lanes, InstructionSet set, Precision precision)
      : lists_(lists),
        view_(lists.factor_view()),
        product_(lists.product_view()),
        lanes_(static_cast<std::size_t>(lanes)),
        kernels_(kernels_of(lanes, set)),
        kernels_of_one_(kernels_of(1, set)),
        is_single_(precision == Precision::single && lanes > 1 && lists.factor_size() > 3 * lists.partition().order.size()),
        shared_(lists.entry_count()),
        product_values_(lists.product_size()) {}

  void set_shared(std::span<const double> values) override {
    std::ranges::copy(values, shared_.data());
    const auto entries = lists_.product_entries();
    for (std::size_t i = 0; i < entries.size(); ++i) product_values_[i] = values[entries[i]];
  }
  bool factor_shared() override {
    is_shared_ = true;
    reserve(1);
    return note(kernels_of_one_.factor(view_, shared_.data(), nullptr, factor_.data(), pivots_.data()));
  }
  bool factor(const double* own) override {
    is_shared_ = false;
    if (is_single_) {
      if (single_factor_.size() == 0) {
        single_factor_ = SingleLaneArray(lists_.factor_size() * lanes_);
        single_pivots_ = SingleLaneArray(lists_.partition().order.size() * lanes_);
      }
      return note(kernels_.factor_single(view_, shared_.data(), own, single_factor_.data(), single_pivots_.data()));
    }
    reserve(lanes_);
    return note(kernels_.factor(view_, shared_.data(), own, factor_.data(), pivots_.data()));
  }
  void solve(double* x) override {
    if (is_shared_) return kernels_.solve_shared(view_, factor_.data(), x);
    // Pivots are of no use to a solution: their place serves for the rounded unknowns.
    if (is_single_) return kernels_.solve_single(view_, single_factor_.data(), x, single_pivots_.data());
    kernels_.solve(view_, factor_.data(), x);
  }
  void subtract_product(const double* own, const double* x, double* r, bool) const override {
    kernels_.subtract_product(product_, product_values_.data(), own, x, r);
  }
  [[nodiscard]] std::int32_t singular_unknown() const override { return singular_; }

 private:
  /// Arrays for factors of so many lanes; they only grow.
  void reserve(std::size_t lanes) {
    if (factor_.size() >= lists_.factor_size() * lanes) return;
    factor_ = LaneArray(lists_.factor_size() * lanes);
    pivots_ = LaneArray(lists_.partition().order.size() * lanes);
  }
  bool note(std::int32_t failed_place) {
    singular_ = failed_place < 0 ? -1 : lists_.partition().order[failed_place];
    return failed_place < 0;
  }

  const SupernodalLists& lists_;
  FactorView view_;
  ProductView product_;
  std::size_t lanes_;
  const SupernodalKernels::OfLanes& kernels_;
  const SupernodalKernels::OfLanes& kernels_of_one_;
  bool is_single_;
  LaneArray shared_, product_values_;
  LaneArray factor_, pivots_;
  SingleLaneArray single_factor_, single_pivots_;
  bool is_shared_ = true;
  std::int32_t singular_ = -1;
};

class SupernodalPlan final : public LinearPlan {
 public:
  explicit SupernodalPlan(const SystemShape& shape) : lists_(shape) {
    const auto& p = lists_.partition();
    description_ = {.name = "supernodal LDL^T",
                    .unknowns = shape.size,
                    .matrix_entries = lists_.product_size(),
                    .factor_entries = 0,
                    .factor_flops = 0,
                    .solve_flops = 0,
                    .details = {}};
    for (std::int32_t s = 0; s < p.supernodes(); ++s) {
      const double rows = p.height(s);
      for (std::int32_t j = 0; j < p.width(s); ++j) {
        const double below = p.width(s) - 1 - j + rows;
        description_.factor_entries += static_cast<std::size_t>(below) + 1;
        description_.factor_flops += below * (below + 2) + 1;
        description_.solve_flops += 4 * below + 1;
      }
    }
    description_.details = std::to_string(p.supernodes()) + " supernodes, widest " + std::to_string(lists_.widest()) + ", " +
                           std::to_string(lists_.chains()) + " chains";
  }
  [[nodiscard]] std::span<const std::int32_t> order() const override { return lists_.partition().order; }
  [[nodiscard]] const PlanDescription& description() const override { return description_; }
  [[nodiscard]] std::unique_ptr<LaneSystem> make_system(int lanes, InstructionSet set, Precision precision) const override {
    return std::make_unique<SupernodalSystem>(lists_, lanes, set, precision);
  }

 private:
  SupernodalLists lists_;
  PlanDescription description_;
};

}  // namespace

std::shared_ptr<const LinearPlan> make_supernodal_plan(const SystemShape& shape) {
  return std::make_shared<SupernodalPlan>(shape);
}

}  // namespace tellegen
