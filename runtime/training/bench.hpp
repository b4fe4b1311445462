#pragma once
// What a BENCH.toml says, checked and in SI doubles. No circuit yet: names of sources, probes and parameters are
// resolved by who reads the deck.

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hw_models/action/path_ends.hpp"
#include "hw_models/nonideal/nonidealities.hpp"
#include "hw_models/solver/time_grid.hpp"
#include "runtime/protocols/classification.hpp"
#include "runtime/training/bench_override.hpp"
#include "runtime/training/loss.hpp"
#include "runtime/training/optimizer.hpp"
#include "tellegen/units/input_error.hpp"

namespace tellegen {

/// Stimulus of one source.
struct BenchInput {
  std::string source;           ///< lower case
  std::vector<double> samples;  ///< [V] or [A], step n at [n-1]; empty: the deck's own waveform, sampled at t_n
  std::optional<double> initial;  ///< [V] or [A] at t = 0, for a start from DC; absent: the deck's own waveform at t = 0
  SourceLocation where;
};

/// Quantity as written: only the circuit knows the unit of the probe that it belongs to.
struct BenchQuantity {
  std::string text;
  SourceLocation where;
  std::string subject;  ///< "[[loss]] target"
};

/// One term of the loss, its probes still texts.
struct BenchLoss {
  std::vector<std::string> probes;  ///< lower case, no blanks: "v(out)", "v(a,b)", "i(r1)", "z(c1)", "q(c1)"
  LossTerm term;                    ///< `term.probes` indexes `probes_of(data)`
  std::optional<BenchQuantity> target = std::nullopt;  ///< the same at every step, instead of `term.target`
  std::optional<BenchQuantity> scale = std::nullopt;   ///< of a cross entropy, instead of `term.scale`
  SourceLocation where{};
  SourceLocation probe_where{};
};

/// Stimuli and targets of one run.
struct BenchData {
  std::vector<BenchInput> inputs;
  std::vector<BenchLoss> losses;
};

/// Shell pattern for parameters, as written.
struct ParameterPattern {
  std::string text;  ///< lower case
  SourceLocation where;
};

/// Bounds of the parameters that a pattern matches; texts, because only the parameter knows its unit.
struct ParameterBounds {
  ParameterPattern pattern;
  std::string low;
  std::string high;
};

struct TrainSettings {
  std::vector<ParameterPattern> parameters;  ///< all primary ones (`*`) when the bench names none
  OptimizerSettings optimizer;
  SourceLocation optimizer_where{};
  std::int64_t epochs = 0;
  std::vector<ParameterBounds> bounds;
};

/// Learning rule and how its echo runs.
struct RuleSettings {
  enum class ControlledSources { swapped, fixed };

  Rule name = Rule::adjoint;
  SourceLocation name_where{};
  double beta = 1e-3;  ///< peak echo current / peak source current of the forward run
  SourceLocation beta_where{};
  Sides sides = Sides::centred;
  std::size_t points = 8;              ///< of a holomorphic nudge, on the circle of radius beta
  PathEnds ends = PathEnds::fixed;     ///< of the stationary path of action_nudge
  std::optional<double> period;        ///< [s] of a periodic drive
  std::optional<double> tail;          ///< [s] for which an echo rings out; absent: as long as the run when it starts from DC
  ControlledSources controlled_sources = ControlledSources::swapped;
};

/// State in which every run begins.
enum class RunStart {
  rest,  ///< everything zero for t <= 0
  dc,    ///< the operating point of the inputs at t = 0
};

struct ChipSettings {
  enum class Cells { tile, modules };

  std::optional<double> clock;      ///< [Hz]; absent: one clock per step
  std::size_t steps_per_clock = 1;  ///< M
  Cells cells = Cells::tile;        ///< all in one hardware module, or a module each; the results are the same
  NonIdealities nonideal;
  bool is_ideal = true;             ///< the bench says nothing of non-idealities or of another schedule
};

/// What `run` and `gradcheck` must meet.
struct BenchLimits {
  std::optional<double> gradient_cosine;
  std::optional<double> final_loss;
  std::optional<double> relative_error;
  std::optional<double> held_out_loss;
};

/// Probe that the report draws.
struct ReportWave {
  std::string text;  ///< lower case, no blanks: "v(out)", "v(a,b)"
  SourceLocation where;
};

struct ReportSettings {
  std::string title;
  std::vector<ReportWave> waves;
  std::vector<std::int64_t>
      chip_ratios;  ///< analog steps per clock to compare: 1, 4, 16, 64 as far as the run is longer
};

struct Bench {
  std::filesystem::path file;
  std::string name;
  std::filesystem::path deck;
  std::uint64_t seed = 1;
  TimeGrid grid;
  RunStart start = RunStart::rest;
  double stop = 0;  ///< [s] as written; N = round(stop / step)
  std::optional<std::size_t> memory;  ///< [bytes] of stored trajectory that an exact gradient may take
  SourceLocation memory_where;
  BenchData data;
  TrainSettings train;
  RuleSettings rule;
  ChipSettings chip;
  BenchLimits limits;
  ReportSettings report;
  std::optional<BenchData> held_out;  ///< complete: sources that it does not name keep `data`'s stimulus
  std::optional<std::filesystem::path> baseline_deck;  ///< design by hand, compared on the same data
};

/// Reads and checks a bench and the data files that it names.
/// @param overrides  values that take the place of the file's own, in this order
/// @throws InputError anything that is not as it should be, with the bench's line or the override's origin
[[nodiscard]] Bench read_bench(const std::filesystem::path& file, std::span<const BenchOverride> overrides = {});

/// The same in two steps: what the file says with its overrides, and what that means.
/// @param file  names the bench in messages; data files are relative to its folder
[[nodiscard]] TomlTable bench_tree(const std::filesystem::path& file, std::span<const BenchOverride> overrides);
[[nodiscard]] Bench read_bench(TomlTable root, const std::filesystem::path& file);

/// Rule of that name, as `--rule` takes it.
/// @throws InputError unknown, or known and not supported yet
[[nodiscard]] Rule rule_of(std::string_view name, const SourceLocation& where, std::string_view subject);

/// What the bench chooses of its rule, for the classifier.
[[nodiscard]] RuleOptions rule_options_of(const Bench& bench);
/// Analog steps for which an echo rings out.
[[nodiscard]] std::size_t tail_steps_of(const Bench& bench);

/// Probes of the losses, each once, in order of first appearance.
[[nodiscard]] std::vector<std::string> probes_of(const BenchData& data);
/// Terms of the losses, quantities in SI; their probes index `probes`.
/// @param units  of the probes, as `dimension_of_unit` reads them
/// @throws InputError a quantity of another dimension than its probe, or probes of several units in one cross entropy
[[nodiscard]] std::vector<LossTerm> loss_terms(const BenchData& data, std::span<const std::string> probes,
                                               std::span<const std::string> units, const TimeGrid& grid);

/// Bounds in SI, their dimension checked against the parameter's unit.
/// @throws InputError wrong dimension, or low is not below high
[[nodiscard]] Interval interval_of(const ParameterBounds& bounds, std::string_view unit);

}  // namespace tellegen
