#include "hw_models/solver/membrane_block.hpp"

#include <algorithm>

namespace tellegen {
namespace {

std::size_t membrane_count(const Circuit& circuit) {
  return static_cast<std::size_t>(std::ranges::count(circuit.branches(), BranchKind::membrane, &Branch::kind));
}

double at(const std::array<double, membrane_parameters.size()>& p, MembraneSlot slot) { return p[static_cast<std::size_t>(slot)]; }

}  // namespace

MembraneBlock::MembraneBlock(const Circuit& circuit, const TimeGrid& grid)
    : voltage_(1, membrane_count(circuit), grid), gates_(1, gate_count * membrane_count(circuit), grid) {
  const auto branches = circuit.branches();
  for (std::size_t b = 0; b < branches.size(); ++b)
    if (branches[b].kind == BranchKind::membrane)
      members_.push_back({.branch = static_cast<std::int32_t>(b), .first_slot = branches[b].first_slot, .first_state = branches[b].first_state,
                          .port = branches[b].out, .p = {}, .v_ref = 0, .x_ref = {}, .conductance = 0, .in = {}, .out = {}, .decay = {}});
  for (auto* of_voltages : {&voltage_past_, &accepted_voltage_}) of_voltages->assign(width(), 0.0);
  for (auto* of_gates : {&gate_past_, &accepted_gates_}) of_gates->assign(gate_count * width(), 0.0);
}

void MembraneBlock::load_parameters(std::span<const double> slots) {
  for (auto& member : members_)
    for (std::size_t s = 0; s < member.p.size(); ++s) member.p[s] = slots[static_cast<std::size_t>(member.first_slot) + s];
}

void MembraneBlock::begin(bool linearised, bool swapped, std::span<const double> v_ref_by_branch) {
  linearised_ = linearised;
  swapped_ = swapped;
  voltage_.reset();
  gates_.reset();
  for (auto& member : members_) {
    member.v_ref = linearised || v_ref_by_branch.empty() ? 0 : v_ref_by_branch[member.branch];
    member.x_ref = linearised ? Gates{} : steady_gates(member.v_ref);
  }
}

void MembraneBlock::set_in_motion(const MembraneBlock& soon, double soon_at, const MembraneBlock& later, double step) {
  for (std::size_t k = 0; k < width(); ++k) voltage_.set_in_motion(k, soon.accepted_voltage_[k], soon_at, later.accepted_voltage_[k], step);
  for (std::size_t k = 0; k < accepted_gates_.size(); ++k) gates_.set_in_motion(k, soon.accepted_gates_[k], soon_at, later.accepted_gates_[k], step);
}

void MembraneBlock::begin_step(std::span<const double> bias_by_branch, std::span<const double> states) {
  voltage_.history(voltage_past_.data());
  gates_.history(gate_past_.data());
  if (!linearised_) return;
  for (auto& member : members_) {
    const double v = bias_by_branch.empty() ? 0 : bias_by_branch[member.branch];
    Gates x = steady_gates(v);
    if (!states.empty()) std::copy_n(states.begin() + member.first_state, gate_count, x.begin());
    const auto ionic = ionic_current(member.p.data(), v, x);
    const auto rates = gate_rates(v);
    member.conductance = ionic.conductance;
    for (std::size_t g = 0; g < gate_count; ++g) {
      member.decay[g] = rates[g].alpha + rates[g].beta;
      member.in[g] = rates[g].alpha_slope * (1 - x[g]) - rates[g].beta_slope * x[g];
      member.out[g] = ionic.by_gate[g];
    }
    if (swapped_) std::swap(member.in, member.out);
  }
}

Gates MembraneBlock::gates_at(const Member& member, std::size_t k, double v, Gates* slope) const {
  const double w0 = gates_.leading();
  const auto rates = gate_rates(v);
  Gates x;
  for (std::size_t g = 0; g < gate_count; ++g) {
    const double total = w0 + rates[g].alpha + rates[g].beta;
    x[g] = (rates[g].alpha + w0 * member.x_ref[g] - gate_past_[gate_count * k + g]) / total;
    if (slope) (*slope)[g] = (rates[g].alpha_slope * (1 - x[g]) - rates[g].beta_slope * x[g]) / total;
  }
  return x;
}

void MembraneBlock::evaluate(std::size_t k, double v, double& current, double& conductance) {
  const auto& member = members_[k];
  const double c = at(member.p, MembraneSlot::c), area = at(member.p, MembraneSlot::area), w0 = voltage_.leading();
  current = c * (w0 * (v - member.v_ref) + voltage_past_[k]);
  conductance = c * w0;
  if (linearised_) {
    conductance += member.conductance;
    current += member.conductance * v;
    for (std::size_t g = 0; g < gate_count; ++g) {
      const double total = gates_.leading() + member.decay[g];
      current += member.out[g] * (member.in[g] * v - gate_past_[gate_count * k + g]) / total;
      conductance += member.out[g] * member.in[g] / total;
    }
  } else {
    Gates slope;
    const auto ionic = ionic_current(member.p.data(), v, gates_at(member, k, v, &slope));
    current += ionic.current;
    conductance += ionic.conductance;
    for (std::size_t g = 0; g < gate_count; ++g) conductance += ionic.by_gate[g] * slope[g];
  }
  current *= area;
  conductance *= area;
}

void MembraneBlock::accept(std::size_t k, double v, double* states) {
  const auto& member = members_[k];
  accepted_voltage_[k] = v - member.v_ref;
  double* deviation = accepted_gates_.data() + gate_count * k;
  double* state = states + member.first_state;
  if (linearised_) {
    for (std::size_t g = 0; g < gate_count; ++g) {
      deviation[g] = (member.in[g] * v - gate_past_[gate_count * k + g]) / (gates_.leading() + member.decay[g]);
      state[g] = deviation[g];
    }
    return;
  }
  const auto x = gates_at(member, k, v, nullptr);
  for (std::size_t g = 0; g < gate_count; ++g) {
    deviation[g] = x[g] - member.x_ref[g];
    state[g] = x[g];
  }
}

void MembraneBlock::finish_step() {
  voltage_.accept(accepted_voltage_.data(), voltage_past_.data());
  gates_.accept(accepted_gates_.data(), gate_past_.data());
}

}  // namespace tellegen
