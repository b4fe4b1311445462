#pragma once
// What a circuit becomes before many samples of it run at once: reduced, grouped, ordered. Const, shared by all threads.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hw_models/batch/reduction.hpp"
#include "hw_models/batch/law_kernels.hpp"
#include "hw_models/batch/step_kernels.hpp"
#include "hw_models/circuit/circuit.hpp"
#include "hw_models/linear/plan_choice.hpp"
#include "hw_models/solver/history/exponential_history.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen {

/// What the network is solved for.
enum class BatchAnalysis {
  transient,
  operating_point,  ///< capacitors open; a single step of the grid is the whole solution
};

/// Ports of branches as `PortView` shows them to kernels.
struct Ports {
  std::vector<std::int32_t> p, n;
  std::vector<double> gain_p, gain_n;
  std::vector<std::int32_t> out_p, out_n;
  std::vector<double> weight_p, weight_n;
  bool is_unit = true;
  std::int32_t rows = 0;  // unknowns

  [[nodiscard]] std::int32_t count() const { return static_cast<std::int32_t>(p.size()); }
  [[nodiscard]] PortView view() const { return view(0, count()); }
  /// Some of the ports.
  [[nodiscard]] PortView view(std::int32_t first, std::int32_t some) const {
    return {some, p.data() + first, n.data() + first, gain_p.data() + first, gain_n.data() + first, out_p.data() + first, out_n.data() + first, weight_p.data() + first,
            weight_n.data() + first, is_unit, rows};
  }
};

/// How D^s is applied step by step.
enum class OperatorKind { identity, recursion, exponentials };

struct StepOperator {
  double order = 0;
  OperatorKind kind = OperatorKind::identity;
  RecursionView recursion;
  std::shared_ptr<const ExponentialCoefficients> coefficients;  ///< of exponentials

  [[nodiscard]] double leading() const;
  [[nodiscard]] ExponentialView exponentials() const;
  /// Values per signal that its state takes, the part of the past in the next output among them.
  [[nodiscard]] std::size_t state_values() const;
};

/// Linear branches i = g D^s v; those between the same terminals share a port.
struct LinearGroup {
  StepOperator op;
  Ports ports;
  std::vector<std::int32_t> member_starts, members;  ///< branches of each port
  bool covers_places = false;  ///< one port from every place to ground, in order, of gain one: no index is needed
  std::int32_t working_ports = 0;        ///< that stand for branches; the others fill up the places
  std::vector<std::int32_t> slots = {};  ///< by port, of its only branch; empty where a port has several
  /// Conductances from known voltages: each port goes from an unknown to a known place, sorted by the first. Rows of the matrix that
  /// the inputs' crossbar is, one entry a port; empty in other groups.
  std::vector<std::int32_t> rows = {}, row_starts = {};
  [[nodiscard]] bool is_input() const { return !rows.empty(); }

  /// Rows whose ports go to the same known voltages, which stand side by side.
  struct DenseRows {
    std::int32_t first_row = 0, rows = 0;        ///< among `rows`
    std::int32_t first_column = 0, columns = 0;  ///< known voltages
    bool has_slots_in_order = false;             ///< the slots of every row's ports stand side by side
  };
  std::vector<DenseRows> dense = {};
};

/// Nonlinear branches of one law and one pair of orders.
struct LawGroup {
  LawId law{};
  StepOperator inner, outer;  ///< D^(b-1), D^a
  Ports ports;
  Ports known, unknown;       ///< the same ports with unknown terminals at ground, and with known ones there; none where no port stands at a known voltage
  std::vector<std::int32_t> branches;
  std::vector<std::int32_t> own;     ///< four stamps a branch among the own entries; -1 ends them
  std::vector<double> own_factor;
  bool is_memoryless = false;
  double largest_step = 0;           ///< of z / scale in one Newton step
};

/// Numbers that follow from the values of the slots.
struct BatchValues {
  std::vector<double> matrix;                        // by entry of the shape
  std::vector<double> known_columns;                 // of the rows that known voltages drive
  std::vector<std::vector<double>> conductance;      // by linear group, then port: sum of the branches' slopes
  std::vector<double> grounded;                      // of the group that covers all places: conductance times the weight of its row
  std::vector<std::vector<double>> law_parameters;   // by law group: [slot * count + k]
  std::vector<std::vector<double>> law_prepared;     // the same in the law's own form, where it has one
  std::vector<double> trusted_change;                // by law group: of any voltage [V] in one Newton step that needs no closer look
};

class BatchPlan {
 public:
  /// @param slots   values at which the gains of ideal amplifiers are taken
  /// @param driven  sources that others drive: they stay in the system even where the deck has them hold zero
  /// @returns the plan, or in a few words why the circuit needs the general engine
  [[nodiscard]] static std::variant<std::shared_ptr<const BatchPlan>, std::string> make(std::shared_ptr<const Circuit> circuit, const TimeGrid& grid,
                                                                                        std::span<const double> slots, BatchAnalysis analysis,
                                                                                        PlanChoice choice = PlanChoice::automatic,
                                                                                        std::span<const std::int32_t> driven = {});

  [[nodiscard]] const Circuit& circuit() const { return *circuit_; }
  [[nodiscard]] const TimeGrid& grid() const { return grid_; }
  [[nodiscard]] BatchAnalysis analysis() const { return analysis_; }
  [[nodiscard]] const Reduction& reduction() const { return reduction_; }
  [[nodiscard]] const LinearPlan& linear() const { return *linear_; }
  /// The plans that were rated for the linear systems; the first is the chosen one.
  struct Rating {
    std::string name;
    double cost = 0;  // [flops of a dense matrix product that take as long]
  };
  [[nodiscard]] std::span<const Rating> ratings() const { return ratings_; }
  [[nodiscard]] const SystemShape& shape() const { return shape_; }
  [[nodiscard]] bool is_linear() const { return laws_.empty(); }
  /// Whether Newton's method keeps its factors: those of a crossbar cost little more than a solution, those of a sparse system many
  /// times that. Kept factors only have to point the way, so single precision will do.
  [[nodiscard]] bool keeps_factors() const {
    return !is_linear() && linear_->description().factor_flops > 4 * linear_->description().solve_flops;
  }
  /// Whether the gains in the plan are those of other slots.
  [[nodiscard]] bool is_stale(std::span<const double> slots) const;

  [[nodiscard]] std::int32_t unknowns() const { return reduction_.unknowns; }
  [[nodiscard]] std::int32_t ground_place() const { return reduction_.unknowns; }
  [[nodiscard]] std::int32_t known_place(std::int32_t known) const { return reduction_.unknowns + 1 + known; }
  [[nodiscard]] std::int32_t places() const { return reduction_.unknowns + 1 + static_cast<std::int32_t>(reduction_.known.size()); }
  [[nodiscard]] std::int32_t place_of_unknown(std::int32_t unknown) const { return place_[unknown]; }

  /// Place behind which a node's voltage stands, times the node's gain.
  [[nodiscard]] std::int32_t place_of_node(NodeIndex node) const {
    const auto& voltage = reduction_.voltage[node];
    return voltage.unknown >= 0 ? place_[voltage.unknown] : voltage.known >= 0 ? known_place(voltage.known) : ground_place();
  }

  [[nodiscard]] std::span<const LinearGroup> linear_groups() const { return groups_; }
  [[nodiscard]] std::span<const LawGroup> laws() const { return laws_; }
  /// Unknowns' places that known voltages drive, and the matrix by which they do.
  [[nodiscard]] std::span<const std::int32_t> driven_places() const { return known_row_; }
  [[nodiscard]] RowsView known_rows(const BatchValues& values) const;
  /// Whether that matrix is nearly full.
  [[nodiscard]] bool is_known_dense() const;
  /// The crossbar of inputs as such a matrix of one entry a port; values are not read.
  [[nodiscard]] RowsView input_rows(const LinearGroup& group) const;
  /// Whether any of these ports has a terminal at a known voltage.
  [[nodiscard]] bool stands_at_known(const Ports& ports) const;
  /// Whether a linear branch stands at a known voltage, those of the inputs' crossbar left out.
  [[nodiscard]] bool linear_reads_known() const { return linear_reads_known_; }
  /// Current sources by the places that they drive: r[place] -= weight * value.
  struct SourceTap {
    std::int32_t source = 0;
    std::int32_t place = 0;
    double weight = 0;
  };
  [[nodiscard]] std::span<const SourceTap> source_taps() const { return taps_; }
  /// Sum of the branches' currents that leave an unknown's place, counted by their weights.
  [[nodiscard]] double current_out_of(std::int32_t place, std::span<const double> currents) const;
  /// Sources that hold zero and left no trace in the reduction.
  [[nodiscard]] std::span<const std::int32_t> silent_sources() const { return silent_; }

  [[nodiscard]] BatchValues values(std::span<const double> slots) const;
  /// How often the parts of a step are done, on average.
  struct StepWork {
    double iterations = 1;  ///< of Newton's method
    double factors = 0;
    double known = 0;       ///< steps at which a known voltage moves
  };
  /// Additions and multiplications of one step of one sample.
  [[nodiscard]] double flops_per_step(const StepWork& work) const;

 private:
  friend class BatchPlanner;
  struct Target {
    std::int32_t entry;
    double factor;
  };

  std::shared_ptr<const Circuit> circuit_;
  TimeGrid grid_;
  BatchAnalysis analysis_ = BatchAnalysis::transient;
  Reduction reduction_;
  SystemShape shape_;
  std::shared_ptr<const LinearPlan> linear_;
  std::vector<Rating> ratings_;
  std::vector<std::int32_t> place_;  // by unknown
  std::vector<double> gains_;        // slots of the amplifiers, as planned
  std::vector<LinearGroup> groups_;
  std::vector<std::vector<std::int32_t>> target_starts_;   // by group: 2 * port, into targets_: matrix entries, then known columns
  std::vector<Target> targets_;
  std::vector<LawGroup> laws_;
  std::vector<std::int32_t> known_row_, known_starts_, known_columns_;
  std::vector<std::int32_t> counting_;  // 0, 1, 2, ...
  bool linear_reads_known_ = false;
  std::vector<SourceTap> taps_;
  std::vector<std::int32_t> current_starts_, current_branches_;  // of the branches at each place
  std::vector<double> current_weights_;
  std::vector<std::int32_t> silent_;
};

}  // namespace tellegen
