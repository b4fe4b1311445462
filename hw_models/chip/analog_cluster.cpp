#include "hw_models/chip/analog_cluster.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace tellegen::chip {
namespace {

using Objects = std::vector<sc_core::sc_object*>;

/// Children of an object; of the top level when there is none.
const Objects& children_of(const sc_core::sc_object* parent) { return parent ? parent->get_child_objects() : sc_core::sc_get_top_level_objects(); }

bool is_cluster(const sc_core::sc_object* object) { return dynamic_cast<const AnalogCluster*>(object) != nullptr; }

/// Visits the objects of one type among these and below them, in the order in which they were made. Parts that have their
/// own cluster are left to it.
template <class T>
void collect(const Objects& objects, std::vector<T*>& found) {
  for (auto* object : objects) {
    if (auto* match = dynamic_cast<T*>(object)) found.push_back(match);
    const auto& below = object->get_child_objects();
    if (std::ranges::none_of(below, is_cluster)) collect(below, found);
  }
}

}  // namespace

AnalogCluster::AnalogCluster(const sc_core::sc_module_name& name, const TimeGrid& grid, Pace pace, std::vector<Port> clamps,
                             std::size_t spare_steps)
    : sc_core::sc_module(name), grid_(grid), clamps_(std::move(clamps)), spare_steps_(spare_steps) {
  if (pace == Pace::controlled) return;
  SC_METHOD(run_freely);
}

void AnalogCluster::end_of_elaboration() {
  const auto* const parent = get_parent_object();
  const auto& objects = children_of(parent);
  if (const auto first = std::ranges::find_if(objects, is_cluster); *first != this)
    throw InputError({}, name(), fmt::format("a second cluster beside {}; the modules around it can belong to one only", (*first)->name()));
  std::vector<AnalogModule*> modules;
  std::vector<Node*> nodes;
  collect(objects, modules);
  collect(objects, nodes);
  Netlist netlist(parent);
  for (const auto* node : nodes) netlist.add(*node);  // numbered in the order in which they were made
  for (auto* module : modules) netlist.add(*module);
  node_numbers_ = netlist.numbers();
  circuit_ = std::make_shared<const Circuit>(std::move(netlist).freeze());
  auto planned = grid_;
  planned.steps += spare_steps_;
  engine_.emplace(circuit_, planned, clamps_);
  source_values_.assign(circuit_->sources().size(), 0.0);
  begin(forward_network);
}

const Circuit& AnalogCluster::circuit() const {
  if (!circuit_) throw std::logic_error(std::string(name()) + ": there is no circuit before elaboration");
  return *circuit_;
}

double AnalogCluster::voltage(const Node& node) const {
  const auto found = node_numbers_.find(&node);
  if (found == node_numbers_.end()) throw InputError({}, node.name(), fmt::format("is no node of the analog cluster {}", name()));
  return voltage(found->second);
}

void AnalogCluster::begin(NetworkMode mode, const ReferenceState& start) {
  failure_.reset();
  engine_->begin(mode, start);
}

bool AnalogCluster::advance(TransientEngine& engine, const StepDrive& drive) {
  if (engine.step(drive) == SolveStatus::converged) return true;
  failure_ = engine.failure();
  return false;
}

void AnalogCluster::run_freely() {
  if (started_)
    step_freely();
  else
    started_ = true;  // the kernel's own first call, at time zero: the circuit rests
  if (failure_ || engine_->steps_done() == grid_.steps) return;
  // From the grid's own time, so that the rounding of single steps to SystemC's resolution does not add up.
  next_trigger(sc_core::sc_time(grid_.time(engine_->steps_done() + 1), sc_core::SC_SEC) - sc_core::sc_time_stamp());
}

void AnalogCluster::step_freely() {
  const double t = grid_.time(engine_->steps_done() + 1);
  for (std::size_t s = 0; s < source_values_.size(); ++s) source_values_[s] = circuit_->sources()[s].waveform.at(t);
  if (advance(*engine_, {.sources = source_values_, .injected = {}, .bias = {}})) stepped_.notify();
}

}  // namespace tellegen::chip
