#include "hw_models/batch/tile.hpp"

#include <algorithm>
#include <cstring>

namespace tellegen {

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
      law_kernels_(law_kernels(set).law[lane_index(lanes)]), is_modified_(plan_->keeps_factors()),
      system_(plan_->linear().make_system(lanes, set, is_modified_ ? Precision::single : Precision::full)), set_(set), panel_kernels_(panel_kernels(set).with(lanes)) {
  const auto places = static_cast<std::size_t>(plan_->places()) * lanes_, unknowns = static_cast<std::size_t>(plan_->unknowns()) * lanes_;
  const auto known = plan_->reduction().known.size() * lanes_;
  x_ = LaneArray(places);
  rhs_ = LaneArray(places);
  known_ = LaneArray(known);
  known_reference_ = LaneArray(known);
  known_part_ = LaneArray(unknowns);
  constant_ = LaneArray(places);
  if (plan_->is_known_dense()) {
    std::vector<std::int32_t> rows(plan_->driven_places().begin(), plan_->driven_places().end());
    known_zeros_.assign(static_cast<std::size_t>(plan_->unknowns()), 0.0);
    known_panel_.emplace(std::move(rows), static_cast<std::int32_t>(plan_->reduction().known.size()), panel_kernels_);
  }
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
    law_known_.emplace_back(law.known.count() > 0 ? count * lanes_ : 0);
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
  if (known_panel_) {
    const auto rows = plan_->known_rows(values_);
    const auto columns = plan_->reduction().known.size();
    std::vector<double> full(static_cast<std::size_t>(rows.rows) * columns, 0.0);
    for (std::int32_t r = 0; r < rows.rows; ++r)
      for (auto e = rows.starts[r]; e < rows.starts[r + 1]; ++e) full[static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(rows.columns[e] - plan_->known_place(0))] = -rows.values[e];
    known_panel_->fill([&](std::int32_t r, std::int32_t k) { return full[static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(k)]; });
  }
  matrix_is_factored_ = false;
  factor_is_shared_ = false;
  known_is_fresh_ = false;
  is_biased_at_rest_ = false;
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
  // Known voltages are set by the first step; arrays of a start from rest are zero already unless an earlier run had another.
  std::memset(x_.data(), 0, at(plan_->known_place(0)) * sizeof(double));
  std::memset(rhs_.data(), 0, at(plan_->unknowns()) * sizeof(double));
  stand_at_home();
  x_last_.fill(0);
  if (has_constant_) constant_.fill(0);
  if (has_reference_) known_reference_.fill(0);
  std::fill(std::begin(largest_), std::end(largest_), 0.0);
  for (auto* memories : {&memories_, &inner_, &outer_})
    for (auto& memory : *memories) memory.clear();
  // All lanes share a start unless there is one for each.
  const std::size_t distinct = starts_.size() > 1 ? lanes_ : 1;
  has_constant_ = has_reference_ = false;
  for (std::size_t lane = 0; lane < distinct; ++lane) {
    const auto* state = start_of(lane);
    if (!state || state->node_voltage.empty()) continue;
    for (NodeIndex node = 1; node < plan_->circuit().node_count(); ++node) {
      const auto known = plan_->reduction().voltage[node].known;
      if (known < 0 || state->node_voltage[node] == 0) continue;
      known_reference_[static_cast<std::size_t>(known) * lanes_ + lane] = state->node_voltage[node];
      has_reference_ = true;
    }
    if (state->current.empty()) continue;
    for (std::int32_t place = 0; place < plan_->unknowns(); ++place) {
      const double current = plan_->current_out_of(place, state->current);
      if (current == 0) continue;
      constant_[at(place) + lane] = -current;
      has_constant_ = true;
    }
  }
  if (distinct < lanes_ && has_reference_) repeat_first(known_reference_);
  if (distinct < lanes_ && has_constant_) repeat_first(constant_);
  if (!(starts_.empty() && is_biased_at_rest_)) set_biases(distinct);
  is_biased_at_rest_ = starts_.empty();
  if (has_constant_) std::memcpy(rhs_.data(), constant_.data(), at(plan_->unknowns()) * sizeof(double));
}

/// All lanes as the first one.
void Tile::repeat_first(LaneArray& array) const {
  for (std::size_t k = 0; k < array.size(); k += lanes_) std::fill_n(array.data() + k + 1, lanes_ - 1, array[k]);
}

/// Controlling variables and laws where a run starts.
void Tile::set_biases(std::size_t distinct) {
  for (std::size_t l = 0; l < bias_.size(); ++l) {
    const auto& branches = plan_->laws()[l].branches;
    const auto count = branches.size();
    for (std::size_t lane = 0; lane < distinct; ++lane) {
      const auto* state = start_of(lane);
      for (std::size_t k = 0; k < count; ++k) bias_[l][k * lanes_ + lane] = state && !state->controlling.empty() ? state->controlling[branches[k]] : 0;
    }
    visit_law(plan_->laws()[l].law, [&]<class Law>() {
      for (std::size_t k = 0; k < count; ++k) {
        double own[max_law_parameters], slope = 0;
        for (std::size_t s = 0; s < Law::parameters.size(); ++s) own[s] = values_.law_parameters[l][s * count + k];
        for (std::size_t lane = 0; lane < distinct; ++lane) Law::template evaluate<double>(own, bias_[l][k * lanes_ + lane], f_bias_[l][k * lanes_ + lane], slope);
      }
    });
    if (distinct < lanes_)
      for (auto* array : {&bias_[l], &f_bias_[l]}) repeat_first(*array);
  }
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

void Tile::read_node(NodeIndex node, double* out) const {
  const auto& voltage = plan_->reduction().voltage[node];
  const bool has_starts = !starts_.empty() && !starts_[0].node_voltage.empty();
  for (std::size_t lane = 0; lane < lanes_; ++lane) out[lane] = has_starts ? start_of(lane)->node_voltage[node] : 0;
  const auto add = [&](double gain, const double* from) {
    for (std::size_t lane = 0; lane < lanes_; ++lane) out[lane] += gain * from[lane];
  };
  if (voltage.unknown >= 0) add(voltage.gain, now_ + at(plan_->place_of_unknown(voltage.unknown)));
  if (voltage.known >= 0) add(1, x_.data() + at(plan_->known_place(voltage.known)));
}

void Tile::store(double* out) const {
  const auto row = at(plan_->unknowns() + 1);  // ground, which is zero, goes with them
  std::memcpy(out, now_, row * sizeof(double));
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
  if (now_ != x_.data()) std::memcpy(x_.data(), now_, at(plan_->unknowns()) * sizeof(double));
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
  stand_at_home();
  known_is_fresh_ = false;
  matrix_is_factored_ = false;
}

}  // namespace tellegen
