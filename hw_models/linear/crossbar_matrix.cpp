#include "hw_models/linear/crossbar_matrix.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tellegen {
namespace {

/// Products of pairs that stay in the second-level cache beside the rest.
constexpr std::int64_t most_pair_bytes = 3 << 19;
/// Margin of a net's diagonals over its couplings, relative to them, below which only pivots tell whether it is singular.
constexpr double least_margin = 1e-11;

std::vector<std::int32_t> consecutive(std::int32_t first, std::int32_t count) {
  std::vector<std::int32_t> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), first);
  return places;
}

}  // namespace

CrossbarTopology::CrossbarTopology(const SystemShape& shape, CrossbarStructure crossbar)
    : structure(std::move(crossbar)), own_places(static_cast<std::size_t>(shape.size), -1) {
  const auto& found = structure;
  std::vector<std::int32_t> place(static_cast<std::size_t>(shape.size)), group_of(static_cast<std::size_t>(found.eliminated));
  for (std::int32_t k = 0; k < shape.size; ++k) place[found.order[k]] = k;
  std::int64_t next = 0;
  for (std::size_t g = 0; g < found.groups.size(); ++g) {
    const auto& group = found.groups[g];
    std::fill_n(group_of.begin() + group.first_eliminated, group.eliminated, static_cast<std::int32_t>(g));
    first_couplings.push_back(next);
    next += static_cast<std::int64_t>(group.eliminated) * group.remaining;
  }
  using enum Destination::Kind;
  for (const auto [a, b] : shape.entries) {
    const auto lower = std::min(place[a], place[b]), upper = std::max(place[a], place[b]);
    const auto row = upper - found.eliminated, column = lower - found.eliminated;
    if (lower == upper) {
      destinations.push_back({diagonal, lower});
    } else if (lower < found.eliminated) {
      const auto& group = found.groups[group_of[lower]];
      const auto before = static_cast<std::int64_t>(lower - group.first_eliminated) * group.remaining;
      destinations.push_back({coupling, first_couplings[group_of[lower]] + before + row - group.first_remaining});
    } else {
      destinations.push_back({remaining_coupling, found.row_offsets[row] + column});
      remaining_couplings.push_back({row, column, found.row_offsets[row] + column});
    }
  }
  for (std::size_t j = 0; j < shape.own.size(); ++j)
    own_places[place[shape.entries[shape.own[j]].row]] = static_cast<std::int32_t>(j);
}

CrossbarBlock::CrossbarBlock(const CrossbarGroup& group, const CrossbarStructure& structure, const double* couplings,
                             const PanelLaneKernels& kernels)
    : group_(group),
      couplings_(couplings),
      gather_(consecutive(group.first_remaining, group.remaining), group.eliminated, kernels),
      spread_(consecutive(group.first_eliminated, group.eliminated), group.remaining, kernels) {
  has_pairs_ = group.has_own && group.pairs() * group.eliminated * static_cast<std::int64_t>(sizeof(double)) <= most_pair_bytes;
  if (!has_pairs_) return;
  std::vector<std::int32_t> places;
  for (std::int32_t k = group.first_remaining; k < group.first_remaining + group.remaining; ++k)
    for (std::int32_t l = group.first_remaining; l <= k; ++l) {
      places.push_back(static_cast<std::int32_t>(structure.row_offsets[k] + l));
      pair_members_.emplace_back(k - group.first_remaining, l - group.first_remaining);
    }
  pairs_ = PanelMatrix(std::move(places), group.eliminated, kernels);
}

void CrossbarBlock::pack() {
  gather_.fill([this](std::int32_t r, std::int32_t e) { return at(e, r); });
  spread_.fill([this](std::int32_t e, std::int32_t r) { return at(e, r); });
  pairs_are_packed_ = columns_are_packed_ = false;
}

const PanelMatrix* CrossbarBlock::pairs() {
  if (!has_pairs_) return nullptr;
  if (!pairs_are_packed_) {
    pairs_.fill([this](std::int32_t pair, std::int32_t e) {
      const auto [k, l] = pair_members_[pair];
      return -at(e, k) * at(e, l);
    });
    pairs_are_packed_ = true;
  }
  return &pairs_;
}

std::span<const double> CrossbarBlock::negative_column(std::int32_t l) {
  const auto rows = static_cast<std::size_t>(group_.eliminated);
  if (!columns_are_packed_) {
    negative_columns_.resize(rows * static_cast<std::size_t>(group_.remaining));
    for (std::int32_t r = 0; r < group_.remaining; ++r)
      for (std::int32_t e = 0; e < group_.eliminated; ++e) negative_columns_[r * rows + e] = -at(e, r);
    columns_are_packed_ = true;
  }
  return std::span(negative_columns_).subspan(l * rows, rows);
}

void CrossbarBlock::subtract_from(const CrossbarStructure& structure, const double* diagonal, double* s) const {
  for (std::int32_t e = 0; e < group_.eliminated; ++e) {
    const double* const n = row(e);
    for (std::int32_t k = 0; k < group_.remaining; ++k) {
      double* const row = s + structure.row_offsets[group_.first_remaining + k] + group_.first_remaining;
      const double share = n[k] / diagonal[group_.first_eliminated + e];
      for (std::int32_t l = 0; l <= k; ++l) row[l] -= share * n[l];
    }
  }
}

CrossbarMatrix::CrossbarMatrix(const CrossbarTopology& topology, int lanes, InstructionSet set)
    : topology_(topology),
      lanes_(static_cast<std::size_t>(lanes)),
      panels_(panel_kernels(set).with(lanes)),
      kernels_(crossbar_kernels(set).with(lanes)),
      eliminated_(static_cast<std::size_t>(structure().eliminated)),
      remaining_(static_cast<std::size_t>(structure().remaining)),
      couplings_(static_cast<std::size_t>(structure().synapses())),
      diagonal_(eliminated_ + remaining_),
      coupled_(static_cast<std::size_t>(structure().remainder_entries)),
      base_(coupled_.size()),
      row_sums_(diagonal_.size()),
      least_margins_(static_cast<std::size_t>(structure().net_count)),
      weighted_(eliminated_ * lanes_),
      margins_(least_margins_.size() * lanes_) {
  for (std::size_t g = 0; g < structure().groups.size(); ++g)
    blocks_.emplace_back(structure().groups[g], structure(), couplings_.data() + topology.first_couplings[g], panels_);
}

void CrossbarMatrix::set(std::span<const double> values) {
  std::ranges::fill(couplings_, 0.0);
  std::ranges::fill(coupled_, 0.0);
  using enum Destination::Kind;
  for (std::size_t e = 0; e < values.size(); ++e) {
    const auto [kind, index] = topology_.destinations[e];
    if (kind == diagonal) diagonal_[index] = values[e];
    if (kind == coupling) couplings_[index] = -values[e];
    if (kind == remaining_coupling) coupled_[index] = values[e];
  }
  for (auto& block : blocks_) block.pack();
  sum_rows();
  base_is_formed_ = false;
}

void CrossbarMatrix::sum_rows() {
  std::ranges::fill(row_sums_, 0.0);
  has_negative_ = false;
  for (const auto& block : blocks_) {
    const auto& group = block.group();
    double* const sums = row_sums_.data() + eliminated_ + group.first_remaining;
    for (std::int32_t e = 0; e < group.eliminated; ++e) {
      const double* const n = block.row(e);
      double sum = 0, least = 0;
      for (std::int32_t r = 0; r < group.remaining; ++r) {
        sum += n[r];
        sums[r] += n[r];
        least = std::min(least, n[r]);
      }
      row_sums_[group.first_eliminated + e] = sum;
      has_negative_ = has_negative_ || least < 0;
    }
  }
  for (const auto& [row, column, place] : topology_.remaining_couplings) {
    row_sums_[eliminated_ + row] -= coupled_[place];
    row_sums_[eliminated_ + column] -= coupled_[place];
    has_negative_ = has_negative_ || coupled_[place] > 0;
  }
  std::ranges::fill(least_margins_, 0.0);
  for (std::size_t k = 0; k < row_sums_.size(); ++k) least_margins_[structure().nets[k]] += least_margin * row_sums_[k];
}

const std::vector<double>& CrossbarMatrix::base() {
  if (base_is_formed_) return base_;
  base_ = coupled_;
  for (const auto& block : blocks_)
    if (!block.group().has_own) block.subtract_from(structure(), diagonal_.data(), base_.data());
  base_is_formed_ = true;
  return base_;
}

double CrossbarMatrix::round_off() const {
  return std::numeric_limits<double>::epsilon() * static_cast<double>(eliminated_ + remaining_);
}

void CrossbarMatrix::gather(const double* x_eliminated, double* x_remaining) const {
  for (const auto& block : blocks_)
    panels_.multiply(block.gather().view(), x_eliminated + block.group().first_eliminated * lanes_, nullptr, nullptr,
                     x_remaining);
}

void CrossbarMatrix::spread(const double* x_remaining, const double* start, const double* scale, double* x_eliminated) const {
  for (const auto& block : blocks_)
    panels_.multiply(block.spread().view(), x_remaining + block.group().first_remaining * lanes_, start, scale, x_eliminated);
}

void CrossbarMatrix::subtract_couplings(const double* x_remaining, double* r_remaining) const {
  for (const auto& [row, column, place] : topology_.remaining_couplings)
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      r_remaining[row * lanes_ + lane] -= coupled_[place] * x_remaining[column * lanes_ + lane];
      r_remaining[column * lanes_ + lane] -= coupled_[place] * x_remaining[row * lanes_ + lane];
    }
}

void CrossbarMatrix::form_schur(const double* inverse, double* s) {
  // Where one group reaches all of S, its product begins with the shared part and writes every entry.
  const auto& base = this->base();
  const bool begins_with_base =
      blocks_.size() == 1 && blocks_[0].pairs() && blocks_[0].group().pairs() == structure().remainder_entries;
  if (!begins_with_base)
    for (std::size_t k = 0; k < base.size(); ++k) std::fill_n(s + k * lanes_, lanes_, base[k]);
  std::vector<std::int32_t> places(remaining_);
  for (auto& block : blocks_) {
    const auto& group = block.group();
    if (!group.has_own) continue;
    const double* const own_inverse = inverse + group.first_eliminated * lanes_;
    if (const auto* pairs = block.pairs()) {
      panels_.multiply(pairs->view(), own_inverse, begins_with_base ? base.data() : nullptr, nullptr, s);
      continue;
    }
    for (std::int32_t l = 0; l < group.remaining; ++l) {
      kernels_.weigh(group.eliminated, block.negative_column(l).data(), own_inverse, weighted_.data());
      // Rows above the diagonal that share a panel with it go to the place behind the last.
      for (std::int32_t k = 0; k < group.remaining; ++k)
        places[k] =
            static_cast<std::int32_t>(k < l ? structure().remainder_entries
                                            : structure().row_offsets[group.first_remaining + k] + group.first_remaining + l);
      panels_.multiply(block.gather().from_row(l, places.data()), weighted_.data(), nullptr, nullptr, s);
    }
  }
}

void CrossbarMatrix::form_shared_schur(double* s) {
  std::ranges::copy(base(), s);
  for (const auto& block : blocks_)
    if (block.group().has_own) block.subtract_from(structure(), diagonal_.data(), s);
}

bool CrossbarMatrix::is_dominant(const double* own) {
  if (has_negative_) return false;
  margins_.fill(0);
  const DiagonalView all{structure().eliminated + structure().remaining, diagonal_.data(), topology_.own_places.data()};
  if (!kernels_.add_margins(all, own, row_sums_.data(), structure().nets.data(), margins_.data())) return false;
  for (std::size_t k = 0; k < margins_.size(); ++k)
    if (!(margins_[k] > least_margins_[k / lanes_])) return false;
  return true;
}

}  // namespace tellegen
