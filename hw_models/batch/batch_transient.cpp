#include "hw_models/batch/batch_transient.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <mutex>
#include <thread>

#include "hw_models/lanes/flush_to_zero.hpp"

namespace tellegen {
namespace {

/// What 16 samples of a tile may fill and still be faster than 8: more of a third-level cache than that is not one core's. [bytes]
constexpr double cache_for_tile = 1.6e7;

int choose_lanes(const BatchPlan& plan, std::size_t samples) {
  if (samples == 1) return 1;
  if (samples <= 8) return 8;
  const double unknowns = plan.unknowns();
  double values = 3 * unknowns;
  for (const auto& group : plan.linear_groups()) values += static_cast<double>(group.op.state_values()) * group.ports.count();
  if (!plan.is_linear()) values += 3 * unknowns + (plan.keeps_factors() ? 0.5 : 1.0) * static_cast<double>(plan.linear().description().factor_entries);
  return 16 * 8 * values <= cache_for_tile ? 16 : 8;
}

}  // namespace

WaveformDrive::WaveformDrive(const Circuit& circuit, const TimeGrid& grid) : circuit_(circuit), grid_(grid), held_(grid.steps + 1, false) {
  double flat = -1;  // all waveforms are flat up to here
  for (std::size_t step = 2; step <= grid.steps; ++step) {
    const double before = grid.time(step - 1);
    if (flat <= before) {
      flat = std::numeric_limits<double>::infinity();
      for (const auto& source : circuit.sources()) flat = std::min(flat, source.waveform.flat_until(before));
    }
    // An edge on a grid point is taken with its rounding, as `Waveform::at` takes it.
    held_[step] = grid.time(step) < flat - 1e-9 * grid.step;
  }
}

void WaveformDrive::sources(std::size_t step, std::size_t, int count, double* out, int stride) const {
  const auto sources = circuit_.sources();
  const double time = grid_.time(step);
  for (std::size_t s = 0; s < sources.size(); ++s) std::fill_n(out + s * static_cast<std::size_t>(stride), count, sources[s].waveform.at(time));
}

std::variant<BatchTransient, std::string> BatchTransient::make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid, std::vector<NodeIndex> probes,
                                                               const BatchOptions& options, BatchAnalysis analysis) {
  auto plan = BatchPlan::make(circuit, grid, circuit->initial_slots(), analysis, options.plan, options.driven);
  if (auto* why = std::get_if<std::string>(&plan)) return std::move(*why);
  BatchTransient batch;
  batch.circuit_ = std::move(circuit);
  batch.plan_ = std::get<std::shared_ptr<const BatchPlan>>(std::move(plan));
  batch.slots_.assign(batch.circuit_->initial_slots().begin(), batch.circuit_->initial_slots().end());
  batch.probes_ = std::move(probes);
  batch.options_ = options;
  batch.instructions_ = options.instructions.value_or(preferred_instruction_set());
  batch.lanes_ = options.lanes > 0 ? options.lanes : choose_lanes(*batch.plan_, options.samples);
  const auto width = static_cast<std::size_t>(batch.lanes_);
  batch.tile_count_ = (options.samples + width - 1) / width;
  batch.make_tiles();
  return batch;
}

void BatchTransient::make_tiles() {
  tiles_.clear();
  workspaces_.clear();
  const auto threads = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(options_.threads, 1)), 1, tile_count_);
  // Slots that no gradient covers stay zero.
  total_.by_slot.assign(slots_.size(), 0.0);
  by_tile_.assign(tile_count_ == 1 ? 0 : tile_count_, total_);
  const auto values = plan_->values(slots_);
  for (std::size_t t = 0; t < threads; ++t) {
    tiles_.push_back(std::make_unique<Tile>(plan_, lanes_, instructions_));
    tiles_.back()->set_values(values);
    tiles_.back()->set_newton(options_.newton);
    workspaces_.emplace_back().sources = LaneArray(circuit_->sources().size() * static_cast<std::size_t>(lanes_));
  }
}

void BatchTransient::set_slots(std::span<const double> slots) {
  if (std::ranges::equal(slots, slots_)) return;
  slots_.assign(slots.begin(), slots.end());
  if (plan_->is_stale(slots_)) {
    auto plan = BatchPlan::make(circuit_, plan_->grid(), slots_, plan_->analysis(), options_.plan, options_.driven);
    if (const auto* why = std::get_if<std::string>(&plan)) throw std::invalid_argument("with these gains the circuit needs the general engine: " + *why);
    plan_ = std::get<std::shared_ptr<const BatchPlan>>(std::move(plan));
    return make_tiles();
  }
  const auto values = plan_->values(slots_);
  for (auto& tile : tiles_) tile->set_values(values);
}

bool BatchTransient::covers(std::int32_t slot) const {
  const auto branches = circuit_->branches();
  const auto after = std::ranges::upper_bound(branches, slot, {}, &Branch::first_slot);
  if (after == branches.begin()) return false;
  const auto& branch = *(after - 1);
  if (slot >= branch.first_slot + branch.slots) return false;
  return !std::ranges::binary_search(plan_->reduction().amplifiers, static_cast<std::int32_t>(&branch - branches.data()));
}

TileSpan BatchTransient::span_of(std::size_t tile) const {
  const auto first = tile * static_cast<std::size_t>(lanes_);
  return {first, static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(lanes_), options_.samples - first))};
}

void BatchTransient::fill_sources(const SampleDrive& drive, std::size_t step, TileSpan span, LaneArray& sources) const {
  drive.sources(step, span.first, span.count, sources.data(), lanes_);
  const auto width = static_cast<std::size_t>(lanes_);
  for (std::size_t s = 0; span.count < lanes_ && s < circuit_->sources().size(); ++s)
    std::fill(sources.data() + s * width + span.count, sources.data() + (s + 1) * width, sources[s * width + static_cast<std::size_t>(span.count) - 1]);
  for (const auto s : plan_->silent_sources())
    for (int lane = 0; lane < span.count; ++lane)
      if (sources[static_cast<std::size_t>(s) * width + static_cast<std::size_t>(lane)] != 0)
        throw std::invalid_argument(fmt::format("source {} was planned to hold zero", circuit_->sources()[s].name));
}

void BatchTransient::fail(const Tile& tile, SolveStatus status, std::size_t step, TileSpan span) const {
  const bool is_static = plan_->analysis() == BatchAnalysis::operating_point;
  const auto text = explain({.status = status, .time = is_static ? -1 : plan_->grid().time(step), .unknown = tile.restless_node()}, *circuit_);
  throw ConvergenceError(options_.samples == 1 ? text : fmt::format("samples {} to {}: {}", span.first + 1, span.first + static_cast<std::size_t>(span.count), text));
}

void BatchTransient::forward(Tile& tile, const SampleDrive& drive, TileSpan span, std::size_t first_step, std::size_t last_step, LaneArray& sources,
                             TileWaves* waves, double* trajectory) {
  const auto row = tile.stored_values();
  for (std::size_t step = first_step; step <= last_step; ++step) {
    const bool held = step > first_step && drive.is_held(step);
    if (!held) fill_sources(drive, step, span, sources);
    double* const here = trajectory ? trajectory + (step - first_step) * row : nullptr;
    double* const in_row = tile.fills_rows() ? here : nullptr;
    const auto status = tile.step(sources.data(), held, in_row, in_row && step < last_step ? in_row + row : nullptr);
    if (status != SolveStatus::converged) fail(tile, status, step, span);
    for (std::size_t j = 0; waves && j < probes_.size(); ++j) tile.read_node(probes_[j], waves->row(step - 1) + j * static_cast<std::size_t>(lanes_));
    if (here && !in_row) tile.store(here);
  }
}

void BatchTransient::for_tiles(const std::function<void(std::size_t, Tile&, Workspace&)>& work) {
  std::vector<TileCounts> counts(tile_count_);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto run_thread = [&](std::size_t thread) {
    const FlushToZero no_denormals;
    auto& tile = *tiles_[thread];
    try {
      for (std::size_t t = next++; t < tile_count_; t = next++) {
        work(t, tile, workspaces_[thread]);
        counts[t] = tile.counts();
      }
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
      next = tile_count_;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t t = 1; t < tiles_.size(); ++t) helpers.emplace_back([&, t] { run_thread(t); });
    run_thread(0);
  }
  counts_ = {};
  for (const auto& c : counts) counts_.steps += c.steps, counts_.iterations += c.iterations, counts_.factors += c.factors, counts_.known += c.known;
  if (failure) std::rethrow_exception(failure);
}

namespace {

/// States of the samples that a tile carries, the last repeated for idle lanes.
std::vector<ReferenceState> starts_of(std::span<const ReferenceState> starts, TileSpan span, int lanes) {
  if (starts.size() <= 1) return {starts.begin(), starts.end()};
  std::vector<ReferenceState> own;
  for (int lane = 0; lane < lanes; ++lane) own.push_back(starts[span.first + static_cast<std::size_t>(std::min(lane, span.count - 1))]);
  return own;
}

}  // namespace

void BatchTransient::run(const SampleDrive& drive, std::span<const ReferenceState> starts, const std::function<void(TileSpan, const TileWaves&)>& take) {
  const auto steps = plan_->grid().steps;
  for_tiles([&](std::size_t index, Tile& tile, Workspace& own) {
    const auto span = span_of(index);
    TileWaves waves(steps, probes_.size(), lanes_);
    tile.begin(starts_of(starts, span, lanes_));
    forward(tile, drive, span, 1, steps, own.sources, &waves, nullptr);
    take(span, waves);
  });
}

double BatchTransient::flops_per_step() const {
  const auto per_step = [&](std::size_t count) { return static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(counts_.steps, 1)); };
  return plan_->flops_per_step({.iterations = per_step(counts_.iterations), .factors = per_step(counts_.factors), .known = per_step(counts_.known)});
}

BatchTransient::Storage BatchTransient::storage() const {
  const auto steps = plan_->grid().steps;
  const double row = 8.0 * static_cast<double>(tiles_[0]->stored_values()), checkpoint = 8.0 * static_cast<double>(tiles_[0]->checkpoint_values());
  const double limit = static_cast<double>(options_.memory_limit) / static_cast<double>(tiles_.size());
  const auto bytes = [&](std::size_t segment) {
    const auto segments = (steps + segment - 1) / segment;
    return row * static_cast<double>(segment) + (segments > 1 ? checkpoint * static_cast<double>(segments) : 0);
  };
  std::size_t segment = steps;
  if (bytes(segment) > limit) {
    // The longest segment that fits; below the square root of the run, checkpoints take more than they save.
    const auto least = static_cast<std::size_t>(std::max(1.0, std::sqrt(static_cast<double>(steps) * checkpoint / row)));
    while (segment > least && bytes(segment) > limit) segment = std::max(least, segment - std::max<std::size_t>(1, segment / 8));
  }
  return {static_cast<std::size_t>(bytes(segment)), segment};
}

const BatchTransient::Gradient& BatchTransient::gradient(const SampleDrive& drive, const Loss& loss) {
  const auto steps = plan_->grid().steps;
  const auto segment = storage().segment;
  const auto segments = (steps + segment - 1) / segment;
  for_tiles([&](std::size_t index, Tile& tile, Workspace& own) {
    const auto span = span_of(index);
    const auto row = tile.stored_values();
    auto& [sources, trajectory, checkpoints, adjoint] = own;
    trajectory.need(segment * row);
    if (segments > 1) {
      checkpoints.need(segments * tile.checkpoint_values());
      adjoint.need(tile.checkpoint_values());
    }
    TileWaves waves(steps, probes_.size(), lanes_), slopes(steps, probes_.size(), lanes_);
    tile.begin({});
    for (std::size_t s = 0; s < segments; ++s) {
      if (segments > 1) tile.save(checkpoints.data() + s * tile.checkpoint_values());
      forward(tile, drive, span, s * segment + 1, std::min(steps, (s + 1) * segment), sources, &waves, s + 1 == segments ? trajectory.data() : nullptr);
    }
    auto& result = tile_count_ == 1 ? total_ : by_tile_[index];
    result.loss = loss(span, waves, slopes);
    for (std::size_t step = 0; step < steps; ++step)
      for (std::size_t j = 0; j < probes_.size(); ++j)
        for (int lane = span.count; lane < lanes_; ++lane) slopes.at(step, j, lane) = 0;

    // The last segment's trajectory is there; the others are run again from their checkpoints, while the adjoint waits.
    tile.begin_adjoint();
    for (std::size_t s = segments; s-- > 0;) {
      const auto first = s * segment + 1, last = std::min(steps, (s + 1) * segment);
      if (s + 1 < segments) {
        tile.save(adjoint.data());
        tile.restore(checkpoints.data() + s * tile.checkpoint_values());
        forward(tile, drive, span, first, last, sources, nullptr, trajectory.data());
        tile.restore(adjoint.data());
      }
      for (std::size_t step = last; step >= first; --step) {
        // The last step's sources still stand there after the forward run.
        const bool held = step < last ? drive.is_held(step + 1) : s + 1 == segments;
        if (!held) fill_sources(drive, step, span, sources);
        // Slopes stand far away; the step before hides the way.
        for (std::size_t k = 0; step > first && k < probes_.size() * static_cast<std::size_t>(lanes_); k += 8) __builtin_prefetch(slopes.row(step - 2) + k);
        const auto status = tile.step_adjoint(trajectory.data() + (step - first) * row, sources.data(), held, probes_, slopes.row(step - 1));
        if (status != SolveStatus::converged) fail(tile, status, step, span);
      }
      tile.finish_adjoint();
    }
    tile.give_gradient(result.by_slot);
  });
  if (tile_count_ == 1) return total_;
  total_.loss = 0;
  for (const auto& part : by_tile_) total_.loss += part.loss;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    double sum = 0;
    for (const auto& part : by_tile_) sum += part.by_slot[i];
    total_.by_slot[i] = sum;
  }
  return total_;
}

void BatchTransient::run_from(const TransientEngine& engine, const ReferenceState& start, const SampleDrive& drive,
                              const std::function<void(std::size_t, const Tile&)>& each) {
  const FlushToZero no_denormals;
  auto& tile = *tiles_[0];
  tile.begin(std::span(&start, 1));
  tile.take_memories(engine);
  for (std::size_t step = 1; step <= plan_->grid().steps; ++step) {
    forward(tile, drive, {0, 1}, step, step, workspaces_[0].sources, nullptr, nullptr);
    each(step, tile);
  }
  counts_ = tile.counts();
}

}  // namespace tellegen
