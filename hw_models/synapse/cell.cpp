#include "hw_models/synapse/cell.hpp"

#include <algorithm>

namespace tellegen {
namespace {

template <class Law>
void read_contrast(const void* which, const double* p, double bias, double dz, double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  double contrast[max_law_parameters];
  law.template potential_contrast<double>(p, bias, dz, contrast);
  for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s] += contrast[s];
}

template <class Law>
void read_product(const void* which, const double* p, double bias, double echo, double* sums) {
  const auto& law = *static_cast<const Law*>(which);
  double slope[max_law_parameters];
  law.template law_by_parameter<double>(p, bias, slope);
  for (std::size_t s = 0; s < parameter_count(law); ++s) sums[s] += echo * slope[s];
}

}  // namespace

CellPhysics::CellPhysics(const Branch& branch, std::int32_t index, std::span<const double> slots, const TimeGrid& grid,
                         std::size_t depth)
    : branch_index_(index), first_slot_(branch.first_slot), law_(branch.law), orders_(branch.orders), grid_(grid), trace_(depth, 0.0) {
  for (std::int32_t s = 0; s < branch.slots; ++s) learning_.push_back({.value = slots[branch.first_slot + s]});
  configure({});
}

double CellPhysics::law_parameter(std::size_t s) const {
  const auto& slot = learning_[s];
  return slot.view == ViewKind::reciprocal ? 1.0 / slot.value : slot.value;
}

std::array<double, max_law_parameters> CellPhysics::law_parameters() const {
  std::array<double, max_law_parameters> p{};
  for (std::size_t s = 0; s < learning_.size(); ++s) p[s] = law_parameter(s);
  return p;
}

void CellPhysics::configure(const EchoReading& reading) {
  readout_ = !reading.product_only && orders_.skew() == reading.skew ? Readout::contrast : Readout::product;
  visit_law(law_, [this]<class Law>(const Law& law) {
    which_law_ = &law;
    read_ = readout_ == Readout::contrast ? &read_contrast<Law> : &read_product<Law>;
  });
  if (readout_ == Readout::contrast) return;
  const double order = orders_.out - reading.skew - 1;
  if (echo_order_ && order == configured_order_) return;
  configured_order_ = order;
  echo_order_.emplace(order, 1, grid_);
}

void CellPhysics::begin_presentation() {
  // Without a part to keep, what is there may be no number: a program with wild gains must not spoil the next one.
  for (auto& slot : learning_) slot.accumulator = slot.decay == 0 ? 0 : slot.decay * slot.accumulator;
  plus_.fill(0);
  minus_.fill(0);
}

void CellPhysics::begin_echo(Side side) {
  side_ = side == Side::plus ? &plus_ : &minus_;
  side_->fill(0);
  if (echo_order_) echo_order_->reset();
  present_law_ = law_parameters();
}

void CellPhysics::correlate(double bias, double dz, double v_echo) {
  if (readout_ == Readout::contrast) {
    read_(which_law_, present_law_.data(), bias, dz, side_->data());
    return;
  }
  double past = 0;
  echo_order_->history(&past);
  echo_order_->accept(&v_echo, &past);
  read_(which_law_, present_law_.data(), bias, echo_order_->leading() * v_echo + past, side_->data());
}

void CellPhysics::accumulate(double gain_plus, double gain_minus) {
  for (std::size_t s = 0; s < learning_.size(); ++s) {
    auto& slot = learning_[s];
    // A reciprocal parameter p = 1/k sees dL/dp = -k^2 dL/dk.
    const double chain = slot.view == ViewKind::reciprocal ? -1.0 / (slot.value * slot.value) : 1.0;
    slot.accumulator += chain * (gain_plus * plus_[s] + gain_minus * minus_[s]);
  }
}

void CellPhysics::update() {
  for (auto& slot : learning_)
    if (slot.rate != 0) slot.value = std::clamp(slot.value - slot.rate * slot.accumulator, slot.minimum, slot.maximum);
}

std::vector<std::int32_t> branches_with_cells(const Circuit& circuit, std::span<const std::int32_t> trained_parameters) {
  const auto branches = circuit.branches();
  std::vector<bool> has_cell(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) has_cell[k] = !branches[k].is_linear();
  for (const auto parameter : trained_parameters) has_cell[circuit.parameters()[parameter].branch] = true;
  std::vector<std::int32_t> cells;
  for (std::size_t k = 0; k < branches.size(); ++k)
    if (has_cell[k]) cells.push_back(static_cast<std::int32_t>(k));
  return cells;
}

}  // namespace tellegen
