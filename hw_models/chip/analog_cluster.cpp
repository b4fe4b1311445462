#include "hw_models/chip/analog_cluster.hpp"

#include <algorithm>

namespace tellegen::chip {
namespace {

/// Visits the objects of one type among these and below them, in the order in which they were made.
template <class T>
void collect(const std::vector<sc_core::sc_object*>& objects, std::vector<const T*>& found) {
  for (auto* object : objects) {
    if (const auto* match = dynamic_cast<const T*>(object)) found.push_back(match);
    collect(object->get_child_objects(), found);
  }
}

}  // namespace

AnalogCluster::AnalogCluster(const sc_core::sc_module_name& name, const TimeGrid& grid, Pace pace)
    : sc_core::sc_module(name), grid_(grid), step_time_(grid.step, sc_core::SC_SEC) {
  if (pace == Pace::controlled) return;
  SC_METHOD(run_freely);
}

void AnalogCluster::end_of_elaboration() {
  auto* const parent = get_parent_object();
  const auto& objects = parent ? parent->get_child_objects() : sc_core::sc_get_top_level_objects();
  std::vector<const AnalogModule*> modules;
  std::vector<const Node*> nodes;
  collect(objects, modules);
  collect(objects, nodes);
  const std::size_t prefix = parent ? std::string_view(parent->name()).size() + 1 : 0;
  CircuitBuilder builder;
  for (const auto* node : nodes) builder.node(node->label());  // numbered in the order in which they were made
  for (const auto* module : modules) {
    std::string name = module->name() + prefix;
    std::ranges::replace(name, '.', ':');
    module->contribute(builder, name);
  }
  circuit_ = std::make_shared<const Circuit>(std::move(builder).freeze());
  engine_.emplace(circuit_, grid_);
  source_values_.assign(circuit_->sources().size(), 0.0);
  begin(forward_network);
}

double AnalogCluster::voltage(const Node& node) const {
  const auto index = circuit_->find_node(node.label());
  if (index < 0) throw InputError({}, node.label(), "no analog module of this cluster is connected to this node");
  return voltage(index);
}

void AnalogCluster::begin(NetworkMode mode) {
  failure_.reset();
  engine_->begin(mode);
}

bool AnalogCluster::advance(const StepDrive& drive) {
  if (engine_->step(drive) == SolveStatus::converged) return true;
  failure_ = engine_->failure();
  return false;
}

void AnalogCluster::run_freely() {
  // The first call is the kernel's initialisation at time zero: the circuit rests.
  const bool is_start = sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME;
  if (!is_start) {
    if (engine_->steps_done() == grid_.steps) return;
    const double t = grid_.time(engine_->steps_done() + 1);
    for (std::size_t s = 0; s < source_values_.size(); ++s) source_values_[s] = circuit_->sources()[s].waveform.at(t);
    if (!advance({.sources = source_values_, .injected = {}, .bias = {}})) return;
  }
  next_trigger(step_time_);
}

}  // namespace tellegen::chip
