#include "hw_models/batch/tile.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tellegen {
namespace {

/// Voltages below this fraction of the run's largest are round-off.
constexpr double newton_floor = 1e-15;
/// A modified Newton step must shrink the next one at least this much, or the matrix is factored anew.
constexpr double slow_rate = 0.2;

}  // namespace

void Tile::Memory::clear() {
  for_arrays([](LaneArray& array) { array.fill(0); });
}

template <class Visit>
void Tile::Memory::for_arrays(const Visit& visit) {
  for (auto* array : {&past, &second, &x1, &x2, &v1, &v2}) visit(*array);
}

Tile::Memory Tile::make_memory(const StepOperator& op, std::int32_t count) const {
  const auto signals = static_cast<std::size_t>(count) * lanes_;
  Memory memory;
  if (op.kind == OperatorKind::identity) return memory;
  memory.past = LaneArray(signals);
  if (op.kind == OperatorKind::recursion) {
    if (op.recursion.has_second) memory.second = LaneArray(signals);
    return memory;
  }
  const auto terms = op.coefficients->near.size();
  memory.x1 = LaneArray(signals);
  memory.x2 = LaneArray(signals);
  memory.v1 = LaneArray(signals * terms);
  if (op.coefficients->two_steps) memory.v2 = LaneArray(signals * terms);
  return memory;
}

Tile::Tile(std::shared_ptr<const BatchPlan> plan, int lanes, InstructionSet set)
    : plan_(std::move(plan)), lanes_(static_cast<std::size_t>(lanes)), kernels_(step_kernels(set).step[lane_index(lanes)]),
      law_kernels_(step_kernels(set).law[lane_index(lanes)]), is_modified_(plan_->keeps_factors()),
      system_(plan_->linear().make_system(lanes, set, is_modified_ ? Precision::single : Precision::full)) {
  const auto places = static_cast<std::size_t>(plan_->places()) * lanes_, unknowns = static_cast<std::size_t>(plan_->unknowns()) * lanes_;
  const auto known = plan_->reduction().known.size() * lanes_;
  x_ = LaneArray(places);
  rhs_ = LaneArray(places);
  known_ = LaneArray(known);
  known_reference_ = LaneArray(known);
  known_part_ = LaneArray(plan_->driven_places().size() * lanes_);
  constant_ = LaneArray(places);
  if (std::ranges::all_of(plan_->reduction().known, [](const auto& voltage) { return voltage.terms.size() == 1; }))
    for (const auto& voltage : plan_->reduction().known) {
      follow_source_.push_back(voltage.terms[0].source);
      follow_coefficient_.push_back(voltage.terms[0].coefficient);
    }
  if (!plan_->is_linear()) {
    for (auto* array : {&x_last_, &x_before_}) *array = LaneArray(unknowns);
    residual_ = LaneArray(places);
    step_ = LaneArray(places);
    own_ = LaneArray(plan_->shape().own.size() * lanes_);
  }
  std::size_t widest = 1;
  for (const auto& group : plan_->linear_groups()) {
    memories_.push_back(make_memory(group.op, group.ports.count()));
    widest = std::max(widest, static_cast<std::size_t>(group.ports.count()));
  }
  for (const auto& law : plan_->laws()) {
    const auto count = static_cast<std::size_t>(law.ports.count());
    inner_.push_back(make_memory(law.inner, law.ports.count()));
    outer_.push_back(make_memory(law.outer, law.ports.count()));
    bias_.emplace_back(count * lanes_);
    f_bias_.emplace_back(count * lanes_);
    law_known_.emplace_back(plan_->stands_at_known(law.ports) ? count * lanes_ : 0);
    controlling_.emplace_back(law.inner.kind == OperatorKind::identity ? 0 : count * lanes_);
    memory_values_ += controlling_.back().size();
    widest = std::max(widest, count);
  }
  scratch_ = LaneArray(widest * lanes_);
  answer_ = LaneArray(widest * lanes_);
}

void Tile::set_values(const BatchValues& values) {
  values_ = values;
  system_->set_shared(values_.matrix);
  matrix_is_factored_ = false;
  factor_is_shared_ = false;
  known_is_fresh_ = false;
}

LawView Tile::view_of(std::size_t law) const {
  const auto& group = plan_->laws()[law];
  LawView view{.ports = group.ports.view(), .parameters = values_.law_parameters[law].data(), .prepared = values_.law_prepared[law].data(), .bias = bias_[law].data(), .f_bias = f_bias_[law].data(),
               .w_in = group.inner.leading(), .w_out = group.outer.leading(), .own = group.own.data(), .own_factor = group.own_factor.data()};
  if (law_known_[law].size() > 0) view.known = law_known_[law].data();
  if (group.inner.kind != OperatorKind::identity) view.past_in = inner_[law].past.data();
  if (group.outer.kind != OperatorKind::identity) view.past_out = outer_[law].past.data();
  return view;
}

const ReferenceState* Tile::start_of(std::size_t lane) const { return starts_.empty() ? nullptr : &starts_[starts_.size() == 1 ? 0 : lane]; }

void Tile::begin(std::span<const ReferenceState> starts) {
  starts_.assign(starts.begin(), starts.end());
  done_ = 0;
  counts_ = {};
  known_is_fresh_ = false;
  matrix_is_factored_ = false;  // nothing of an earlier run may show
  for (auto* array : {&x_, &rhs_, &constant_, &known_reference_, &x_last_}) array->fill(0);
  std::fill(std::begin(largest_), std::end(largest_), 0.0);
  for (auto* memories : {&memories_, &inner_, &outer_})
    for (auto& memory : *memories) memory.clear();
  const auto branches = plan_->circuit().branches();
  has_constant_ = false;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const auto* state = start_of(lane);
    for (std::size_t l = 0; l < bias_.size(); ++l)
      for (std::size_t k = 0; k < plan_->laws()[l].branches.size(); ++k)
        bias_[l][k * lanes_ + lane] = state && !state->controlling.empty() ? state->controlling[plan_->laws()[l].branches[k]] : 0;
    if (!state || state->node_voltage.empty()) continue;
    for (NodeIndex node = 1; node < plan_->circuit().node_count(); ++node) {
      const auto known = plan_->reduction().voltage[node].known;
      if (known >= 0) known_reference_[static_cast<std::size_t>(known) * lanes_ + lane] = state->node_voltage[node];
    }
    for (std::size_t k = 0; k < branches.size() && !state->current.empty(); ++k) {
      if (state->current[k] == 0) continue;
      if (branches[k].out.p >= plan_->circuit().node_count() || branches[k].out.n >= plan_->circuit().node_count()) continue;
      if (std::ranges::binary_search(plan_->reduction().amplifiers, static_cast<std::int32_t>(k))) continue;
      for (const auto& [node, sign] : {std::pair(branches[k].out.p, 1.0), std::pair(branches[k].out.n, -1.0)}) {
        const auto& current = plan_->reduction().current[node];
        if (node == ground || current.row < 0) continue;
        constant_[at(plan_->place_of_unknown(current.row)) + lane] -= sign * current.weight * state->current[k];
        has_constant_ = true;
      }
    }
  }
  for (std::size_t l = 0; l < bias_.size(); ++l) {
    const auto count = plan_->laws()[l].branches.size();
    visit_law(plan_->laws()[l].law, [&]<class Law>() {
      for (std::size_t k = 0; k < count; ++k) {
        double own[max_law_parameters], slope = 0;
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) own[s] = values_.law_parameters[l][s * count + k];
        // All lanes share a start unless there is one for each.
        const std::size_t distinct = starts_.size() > 1 ? lanes_ : 1;
        for (std::size_t lane = 0; lane < lanes_; ++lane)
          if (lane < distinct)
            Law::template evaluate<double>(own, bias_[l][k * lanes_ + lane], f_bias_[l][k * lanes_ + lane], slope);
          else
            f_bias_[l][k * lanes_ + lane] = f_bias_[l][k * lanes_];
      }
    });
  }
  if (has_constant_) rhs_.copy_from(constant_);
}

void Tile::take_memories(const TransientEngine& engine) {
  const auto memories = engine.memories();
  const auto branches = plan_->circuit().branches();
  const auto put = [&](Memory& memory, std::int32_t signal, double past, double second) {
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      if (memory.past.size() > 0) memory.past[at(signal) + lane] = past;
      if (memory.second.size() > 0) memory.second[at(signal) + lane] = second;
    }
  };
  rhs_.fill(0);
  if (has_constant_) rhs_.copy_from(constant_);
  for (std::size_t g = 0; g < memories_.size(); ++g) {
    const auto& group = plan_->linear_groups()[g];
    if (group.op.kind != OperatorKind::recursion) continue;
    for (std::int32_t port = 0; port < group.ports.count(); ++port) {
      if (group.member_starts[port] == group.member_starts[port + 1]) continue;
      // All branches of a port remember the same voltage; the first one tells it.
      const auto index = group.members[group.member_starts[port]];
      const auto& branch = branches[index];
      const double sign = plan_->place_of_node(branch.in.p) == group.ports.p[port] ? 1 : -1;
      if (branch.orders.in == 1) {
        const double slope = engine.slots()[branch.first_slot];
        if (slope != 0) put(memories_[g], port, sign * memories[index].outer / slope, sign * memories[index].outer_second / slope);
      } else if (branch.orders.out == 0) {
        put(memories_[g], port, sign * memories[index].inner, sign * memories[index].inner_second);
      }
    }
    kernels_.scatter(group.ports.view(), values_.conductance[g].data(), memories_[g].past.data(), rhs_.data());
  }
  for (std::size_t l = 0; l < inner_.size(); ++l)
    for (std::size_t k = 0; k < plan_->laws()[l].branches.size(); ++k) {
      const auto& memory = memories[plan_->laws()[l].branches[k]];
      put(inner_[l], static_cast<std::int32_t>(k), memory.inner, memory.inner_second);
      put(outer_[l], static_cast<std::int32_t>(k), memory.outer, memory.outer_second);
    }
}

void Tile::set_known(const double* sources, double* x) const {
  const auto& known = plan_->reduction().known;
  double* out = x + at(plan_->known_place(0));
  if (!follow_source_.empty()) return kernels_.follow(static_cast<std::int32_t>(known.size()), follow_source_.data(), follow_coefficient_.data(), sources, known_reference_.data(), out);
  for (std::size_t j = 0; j < known.size(); ++j)
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      double value = -known_reference_[j * lanes_ + lane];
      for (const auto& [source, coefficient] : known[j].terms) value += coefficient * sources[static_cast<std::size_t>(source) * lanes_ + lane];
      out[j * lanes_ + lane] = value;
    }
}

SolveStatus Tile::step(const double* sources, bool held) {
  const auto unknowns = static_cast<std::size_t>(plan_->unknowns()) * lanes_;
  double* rhs = rhs_.data();
  if (known_.size() > 0 && !(held && known_is_fresh_)) take_known(sources);
  const auto driven = plan_->driven_places();
  kernels_.add_at(static_cast<std::int32_t>(driven.size()), driven.data(), known_part_.data(), rhs);
  for (const auto& [source, place, weight] : plan_->source_taps())
    for (std::size_t lane = 0; lane < lanes_; ++lane) rhs[at(place) + lane] -= weight * sources[static_cast<std::size_t>(source) * lanes_ + lane];

  if (plan_->is_linear()) {
    if (!factor_is_shared_) {
      if (!system_->factor_shared()) return SolveStatus::singular;
      factor_is_shared_ = true;
      ++counts_.factors;
    }
    system_->solve(rhs);
    std::memcpy(rhs + unknowns, x_.data() + unknowns, (x_.size() - unknowns) * sizeof(double));
    std::swap(x_, rhs_);
  } else {
    const auto status = solve_nonlinear();
    if (status != SolveStatus::converged) return status;
  }
  advance_forward();
  ++done_;
  ++counts_.steps;
  return SolveStatus::converged;
}

/// Takes the known voltages of this step; what they drive stays the same while they stand still.
void Tile::take_known(const double* sources) {
  set_known(sources, x_.data());
  const double* known = x_.data() + at(plan_->known_place(0));
  if (known_is_fresh_ && std::memcmp(known_.data(), known, known_.size() * sizeof(double)) == 0) return;
  std::memcpy(known_.data(), known, known_.size() * sizeof(double));
  known_part_.fill(0);
  kernels_.subtract_rows(plan_->known_rows(values_), x_.data(), known_part_.data());
  gather_known();
  known_is_fresh_ = true;
}

/// What the known voltages add to the ports of nonlinear branches.
void Tile::gather_known() {
  if (plan_->is_linear()) return;
  residual_.fill(0);
  std::memcpy(residual_.data() + at(plan_->known_place(0)), known_.data(), known_.size() * sizeof(double));
  for (std::size_t l = 0; l < law_known_.size(); ++l)
    if (law_known_[l].size() > 0) kernels_.gather(plan_->laws()[l].ports.view(), residual_.data(), law_known_[l].data());
}

SolveStatus Tile::solve_nonlinear() {
  const auto n = plan_->unknowns();
  const auto unknowns = static_cast<std::size_t>(n) * lanes_;
  double* const x = x_.data();
  double* const r = residual_.data();
  double* const d = step_.data();
  factor_is_shared_ = false;
  // A first guess on the parabola through the last three solutions, or on the line through two.
  if (done_ >= 3) {
    kernels_.extrapolate(n, x, x_last_.data(), x_before_.data());
  } else {
    std::memcpy(x_before_.data(), x_last_.data(), unknowns * sizeof(double));
    if (done_ == 2)
      kernels_.extrapolate(n, x, x_last_.data(), nullptr);
    else
      std::memcpy(x_last_.data(), x, unknowns * sizeof(double));
  }
  alignas(lane_alignment) double last[most_lanes] = {}, fraction[most_lanes], largest_d[most_lanes], largest_x[most_lanes];
  bool limited_before = false;
  for (int iteration = 0; iteration < newton_.limit; ++iteration) {
    ++counts_.iterations;
    std::memcpy(r, rhs_.data(), unknowns * sizeof(double));
    own_.fill(0);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l) kernels_of(l).evaluate(view_of(l), x, !is_modified_, r, own_.data());
    if (is_modified_) system_->subtract_product(nullptr, x, r);
    if (!is_modified_ || !matrix_is_factored_) {
      if (!system_->factor(own_.data())) return SolveStatus::singular;
      matrix_is_factored_ = true;
      ++counts_.factors;
    }
    system_->solve(r);
    kernels_.difference(n, r, is_modified_ ? nullptr : x, d, largest_d);

    // Exponential laws are trusted for a few units of their scale only.
    bool is_limited = false;
    const double change = *std::max_element(largest_d, largest_d + lanes_);
    for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
      if (change <= values_.trusted_change[l]) continue;
      if (!is_limited) std::fill_n(fraction, lanes_, 1.0);
      is_limited = true;
      kernels_of(l).limit(view_of(l), x, d, fraction);
    }
    is_limited = is_limited && *std::min_element(fraction, fraction + lanes_) < 1;
    kernels_.take_step(n, d, is_limited ? fraction : nullptr, x, largest_x);

    bool is_done = !is_limited, is_slow = false, is_finite = true;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      is_finite = is_finite && std::isfinite(largest_d[lane]) && std::isfinite(largest_x[lane]);
      const double scale = newton_.tolerance * largest_x[lane] + newton_floor * largest_[lane];
      // The next step, as the last two foretell it: quadratic with the matrix of the iterate, linear with an older one.
      const double rate = last[lane] > 0 && !limited_before ? largest_d[lane] / last[lane] : 1;
      const double next = is_modified_ ? (rate < 0.5 ? largest_d[lane] * rate / (1 - rate) : largest_d[lane])
                                       : (rate < 0.1 ? largest_d[lane] * rate * rate : largest_d[lane]);
      is_done = is_done && next <= scale;
      is_slow = is_slow || (largest_d[lane] > scale && last[lane] > 0 && rate > slow_rate);
    }
    if (!is_finite) return SolveStatus::not_finite;
    if (is_done) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) largest_[lane] = std::max(largest_[lane], largest_x[lane]);
      return SolveStatus::converged;
    }
    if (is_slow || is_limited) matrix_is_factored_ = false;
    limited_before = is_limited;
    std::copy_n(largest_d, lanes_, last);
  }
  const auto worst = std::max_element(d, d + unknowns, [](double a, double b) { return std::abs(a) < std::abs(b); }) - d;
  restless_ = static_cast<std::int32_t>(worst) / static_cast<std::int32_t>(lanes_);
  matrix_is_factored_ = false;
  return SolveStatus::not_converged;
}

NodeIndex Tile::restless_node() const { return plan_->reduction().node_of_unknown[plan_->linear().order()[restless_]]; }

void Tile::advance(const StepOperator& op, std::int32_t count, const double* x, Memory& memory) const {
  if (op.kind == OperatorKind::recursion)
    kernels_.advance_recursion(op.recursion, count, x, memory.past.data(), memory.second.data());
  else if (op.kind == OperatorKind::exponentials)
    kernels_.advance_exponentials(op.exponentials(), count, x, memory.past.data(), memory.exponentials());
}

/// Every memory takes the accepted step; what they say about the next one is its right-hand side.
void Tile::advance_forward() {
  const double* x = x_.data();
  double* rhs = rhs_.data();
  const auto groups = plan_->linear_groups();
  // A group that covers all places overwrites the right-hand side instead of adding to it.
  const bool overwrites = !groups.empty() && groups[0].covers_places && !has_constant_;
  if (has_constant_)
    rhs_.copy_from(constant_);
  else if (!overwrites)
    rhs_.fill(0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& group = groups[g];
    auto& memory = memories_[g];
    const double* value = values_.conductance[g].data();
    if (group.op.kind == OperatorKind::identity) continue;
    if (group.op.kind == OperatorKind::recursion && g == 0 && overwrites && group.ports.is_unit) {
      kernels_.advance_grounded(group.op.recursion, plan_->unknowns(), value, x, memory.past.data(), memory.second.data(), rhs);
    } else if (group.op.kind == OperatorKind::recursion) {
      if (g == 0 && overwrites) rhs_.fill(0);
      kernels_.advance_ports(group.op.recursion, group.ports.view(), value, x, memory.past.data(), memory.second.data(), rhs);
    } else {
      kernels_.gather(group.ports.view(), x, scratch_.data());
      advance(group.op, group.ports.count(), scratch_.data(), memory);
      kernels_.scatter(group.ports.view(), value, memory.past.data(), rhs);
    }
  }
  for (std::size_t l = 0; l < plan_->laws().size(); ++l) {
    const auto& law = plan_->laws()[l];
    if (law.is_memoryless) continue;
    const auto& kernels = kernels_of(l);
    if (controlling_[l].size() > 0) kernels.controlling(view_of(l), x, controlling_[l].data());
    kernels.operands(view_of(l), x, scratch_.data(), answer_.data());
    advance(law.inner, law.ports.count(), scratch_.data(), inner_[l]);
    advance(law.outer, law.ports.count(), answer_.data(), outer_[l]);
  }
}

void Tile::read_node(NodeIndex node, double* out) const {
  const auto& voltage = plan_->reduction().voltage[node];
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const auto* start = start_of(lane);
    double v = start && !start->node_voltage.empty() ? start->node_voltage[node] : 0;
    if (voltage.unknown >= 0) v += voltage.gain * x_[at(plan_->place_of_unknown(voltage.unknown)) + lane];
    if (voltage.known >= 0) v += x_[at(plan_->known_place(voltage.known)) + lane];
    out[lane] = v;
  }
}

void Tile::store(double* out) const {
  const auto row = at(plan_->unknowns() + 1);  // ground, which is zero, goes with them
  std::memcpy(out, x_.data(), row * sizeof(double));
  out += row;
  for (const auto& z : controlling_) {
    if (z.size() > 0) std::memcpy(out, z.data(), z.size() * sizeof(double));
    out += z.size();
  }
}

template <class Visit>
void Tile::for_state(const Visit& visit) {
  for (auto* array : {&x_, &rhs_, &x_last_, &x_before_}) visit(*array);
  for (auto* memories : {&memories_, &inner_, &outer_})
    for (auto& memory : *memories) memory.for_arrays(visit);
}

std::size_t Tile::checkpoint_values() {
  std::size_t values = 1 + lanes_;
  for_state([&](const LaneArray& array) { values += array.size(); });
  return values;
}

void Tile::save(double* out) {
  *out++ = static_cast<double>(done_);
  out = std::copy_n(largest_, lanes_, out);
  for_state([&](const LaneArray& array) { out = std::copy_n(array.data(), array.size(), out); });
}

void Tile::restore(const double* from) {
  done_ = static_cast<std::size_t>(*from++);
  std::copy_n(from, lanes_, largest_);
  from += lanes_;
  for_state([&](LaneArray& array) {
    std::copy_n(from, array.size(), array.data());
    from += array.size();
  });
  known_is_fresh_ = false;
  matrix_is_factored_ = false;
}

}  // namespace tellegen
