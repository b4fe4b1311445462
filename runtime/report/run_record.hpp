#pragma once
// Everything that a report tells about one run, as plain data. Numbers are SI; a field's unit stands beside it, or in
// its `unit` text.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tellegen::report {

/// The uniform time grid of the run.
struct Grid {
  double step = 0;         // [s]
  std::int64_t steps = 0;  // number of steps N; the run ends at N step
  std::string method;      // "bdf2", "be", "trap"
  std::string start;       // "rest" or "dc"
  std::string history = "direct";  // of fractional orders: "direct", "fft", "32 exponentials"
};

struct ElementParameter {
  std::string name;  // within its element: "g", "k1"
  double value = 0;  // as the run used it; the last value when it was trained
  std::string unit;
  bool trained = false;
  std::optional<double> initial_value;  // given when a training moved it
  std::optional<double> final_value;
};

struct ElementRow {
  std::string name;
  std::string kind;  // "fractional memristor"
  std::string law;   // "k0 z + k1 tanh(z/z0)"; empty for a source
  std::string nodes;
  double order_out = 0;  // a of i = D^a f(D^b phi)
  double order_in = 0;   // b
  std::string skew;      // "-1", "0", "any"
  std::vector<ElementParameter> parameters;
};

struct CircuitSummary {
  int nodes = 0;
  int branches = 0;
  std::vector<std::string> sources;
  std::vector<ElementRow> elements;
};

/// One learning rule on this circuit.
struct ClassificationRow {
  std::string rule;
  std::string verdict;  // "exact" | "exact as beta -> 0" | "biased" | "not applicable"
  std::string reason;   // names the element that is the reason; may be empty
  bool chosen = false;  // the rule of this run
};

struct Classification {
  std::vector<ClassificationRow> rows;
  std::string note;
};

/// Derivative of the loss with respect to one parameter, in (unit of the loss) / unit.
struct GradientEntry {
  std::string name;
  std::string unit;
  double value = 0;
  double exact = 0;     // adjoint
  double estimate = 0;  // the rule
  std::optional<double> finite_difference;
  double scale = 1;  // stands for the value where that is zero, so that entries can be compared

  /// Factor that gives an entry the unit of the loss.
  [[nodiscard]] double weight() const { return value != 0 ? value : scale; }
};

/// What one term adds to the loss.
struct LossTermRow {
  std::string kind;                 // "mse", "final_mse", "cross_entropy", "expr"
  std::vector<std::string> probes;  // "v(out)", "i(r1)"
  std::string expression;           // of an expr
  std::string window;               // "0 s to 2 us"; empty: the whole run
  double value = 0;
  std::string unit;  // empty where nobody knows it
};

struct GradientCheck {
  std::string rule;
  std::string plant;  // "chip" or "direct"
  double beta = 0;    // 1; 0 for a rule without nudge
  std::string sides;  // "one" or "centred"; empty for a rule without nudge
  double loss = 0;    // [loss_unit]
  std::string loss_unit;
  double cosine = 0;
  double relative_error = 0;
  std::vector<GradientEntry> parameters;
  std::vector<LossTermRow> loss_terms = {};
};

/// A number with the words that introduce it.
struct Measured {
  std::string label;
  double value = 0;
  std::string unit;
};

struct HeldOutLoss {
  int epoch = 0;  // 0 is before the first update
  double loss = 0;
};

struct Training {
  std::string optimizer;
  double rate = 0;
  int epochs = 0;
  std::string loss_unit;
  std::vector<double> train_loss;  // entry k is epoch k + 1
  std::vector<HeldOutLoss> held_out_loss;
  // Held-out results in one unit. The label of `before` and `after` is the metric ("Held-out error"), that of
  // `baseline` is what it was reached by ("a fixed notch filter").
  std::optional<Measured> before, after, baseline;
};

enum class SeriesRole { input, output, target, before, baseline };

struct Series {
  std::string label;
  std::vector<double> values;  // [unit of the panel], one per time
  SeriesRole role = SeriesRole::output;
};

/// One chart over time. Panels with the same `group` share cursor and zoom, and stand under one heading.
struct WaveformPanel {
  std::string group;  // "Training record", "Held-out record"
  std::string title;
  std::string unit;
  std::vector<double> time;  // [s]
  std::vector<Series> series;
};

struct PhaseRow {
  std::string name;  // idle, load, clamped, turn, nudged +, nudged -, accumulate, update, done
  std::uint64_t cycles = 0;
  double time = 0;                // [s]
  std::uint64_t memory_bits = 0;  // held while the phase runs
  std::string action;             // what it does, in a few words
};

struct MemoryRow {
  std::string name;  // trace memory, stimulus, probe, drive, accumulators
  std::uint64_t words = 0;
  std::uint64_t bits = 0;  // all words together
};

/// Operations of one kind in a learning cycle.
struct OperationRow {
  std::string name;  // "conversions of outputs", "words written into traces", ..
  std::uint64_t count = 0;
  std::optional<double> energy;  // [J] of all of them
};

/// Option in which the chip differs from an ideal one.
struct StatedOption {
  std::string name;   // "chip.probe.bits"
  std::string value;  // "8", "2 us"
  std::string meaning;
};

/// One pass of the phase program on the chip.
struct PhaseTimeline {
  double clock = 0;  // [Hz]
  double analog_steps_per_clock = 0;
  std::vector<PhaseRow> phases;  // in the order of the program
  std::vector<MemoryRow> memory;
  std::vector<OperationRow> operations;
  std::vector<StatedOption> stated;  // empty: an ideal chip

  [[nodiscard]] std::uint64_t total_cycles() const;
  [[nodiscard]] double total_time() const;         // [s]
  [[nodiscard]] std::uint64_t total_bits() const;  // of the memory table
};

/// Gradient fidelity at one chip timing.
struct TimingRow {
  double analog_steps_per_clock = 0;
  double clock = 0;  // [Hz]
  double cosine = 0;
  double relative_error = 0;
};

/// Largest relative differences between the chip's run and the solver's.
struct ChipAgainstDirect {
  double gradient_difference = 0;
  double parameter_difference = 0;
  double tolerance = 0;  // agreement is claimed when neither exceeds it

  [[nodiscard]] bool is_bit_for_bit() const { return gradient_difference == 0 && parameter_difference == 0; }
  [[nodiscard]] bool agrees() const { return gradient_difference <= tolerance && parameter_difference <= tolerance; }
};

enum class LimitSense { at_least, at_most };

struct LimitRow {
  std::string name;  // key of the bench's [limits]
  double stated = 0;
  double measured = 0;
  std::string unit;
  LimitSense sense = LimitSense::at_most;
  bool met = false;
};

struct CostFigures {
  double wall = 0;                           // [s]
  double simulated = 0;                      // [s]
  std::optional<std::uint64_t> peak_memory;  // [byte]
};

/// One run of a bench, ready to be reported.
struct RunRecord {
  std::string title;
  std::string bench_name;
  std::string bench_file;  // as given by the user
  std::string deck_file;
  std::string tool_version;
  std::string date;
  std::uint64_t seed = 0;
  Grid grid;
  CircuitSummary circuit;
  Classification classification;
  GradientCheck gradient;
  std::optional<Training> training;
  std::vector<WaveformPanel> waveforms;
  std::optional<PhaseTimeline> timeline;
  std::vector<TimingRow> timing_study;
  std::optional<ChipAgainstDirect> chip_against_direct;
  std::vector<LimitRow> limits;
  CostFigures cost;
};

}  // namespace tellegen::report
