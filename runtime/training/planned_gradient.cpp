#include "runtime/training/planned_gradient.hpp"

#include <algorithm>

namespace tellegen {
namespace {

/// A bench's stimulus as the drive of its one sample.
class TableDrive final : public SampleDrive {
 public:
  explicit TableDrive(const Table& stimulus) : stimulus_(stimulus) {}
  void sources(std::size_t step, std::size_t, int count, double* out, int stride) const override {
    const auto row = stimulus_.row(step - 1);
    for (std::size_t s = 0; s < row.size(); ++s) std::fill_n(out + s * static_cast<std::size_t>(stride), count, row[s]);
  }
  [[nodiscard]] bool is_held(std::size_t step) const override { return step > 1 && std::ranges::equal(stimulus_.row(step - 1), stimulus_.row(step - 2)); }

 private:
  const Table& stimulus_;
};

}  // namespace

std::variant<PlannedGradient, std::string> PlannedGradient::make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::vector<Port> probes,
                                                                 std::vector<std::int32_t> driven, std::span<const std::int32_t> trained, std::size_t memory) {
  std::vector<NodeIndex> nodes;
  for (const auto& probe : probes)
    for (const auto terminal : {probe.p, probe.n}) {
      if (terminal >= circuit->node_count()) return "a probe is the current of a source";
      if (terminal != ground) nodes.push_back(terminal);
    }
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  // Estimates of rules are compared with this gradient to the last digits.
  constexpr double newton_tolerance = 1e-14;
  auto made = BatchTransient::make(std::move(circuit), grid, nodes, {.memory_limit = memory, .newton = {.tolerance = newton_tolerance}, .driven = std::move(driven)});
  if (auto* why = std::get_if<std::string>(&made)) return std::move(*why);
  auto& batch = std::get<BatchTransient>(made);
  if (!std::ranges::all_of(trained, [&](std::int32_t slot) { return batch.covers(slot); })) return "the gain of an ideal amplifier, a coupling or the level of a source is trained";
  return PlannedGradient(std::move(batch), std::move(probes), std::move(nodes));
}

PlannedGradient::Result PlannedGradient::run(std::span<const double> slots, const Table& stimulus, const Loss& loss) {
  batch_.set_slots(slots);
  const TableDrive drive(stimulus);
  const auto column_of = [&](NodeIndex node) { return static_cast<std::size_t>(std::ranges::lower_bound(nodes_, node) - nodes_.begin()); };
  const auto steps = stimulus.rows();
  const auto& gradient = batch_.gradient(drive, [&](TileSpan, const TileWaves& waves, TileWaves& slopes) {
    const auto voltage = [&](std::size_t n, NodeIndex node) { return node == ground ? 0.0 : waves.at(n, column_of(node), 0); };
    std::vector<std::vector<double>> y(probes_.size(), std::vector<double>(steps)), slope;
    for (std::size_t p = 0; p < probes_.size(); ++p)
      for (std::size_t n = 0; n < steps; ++n) y[p][n] = voltage(n, probes_[p].p) - voltage(n, probes_[p].n);
    loss.slope(y, slope);
    for (std::size_t p = 0; p < probes_.size(); ++p)
      for (const auto& [node, sign] : {std::pair(probes_[p].p, 1.0), std::pair(probes_[p].n, -1.0)})
        for (std::size_t n = 0; node != ground && n < steps; ++n) slopes.at(n, column_of(node), 0) += sign * slope[p][n];
    return loss.value(y);
  });
  return {gradient.loss, gradient.by_slot};
}

}  // namespace tellegen
