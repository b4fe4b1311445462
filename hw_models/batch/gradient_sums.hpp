#pragma once
// Gradients of linear branches: sums over steps and samples of what a branch's port shows in the adjoint and in the forward run.
//
//     dL/dg_k = - sum_n sum_samples [D^s rows(mu)]_k(n) places(v)_k(n)                                             theory section 3
//
// Products of a few steps are taken together while both runs are in the nearest cache. Crossbars of inputs are products of matrices, over
// the steps under the same known voltages first.

#include <span>
#include <utility>
#include <vector>

#include "hw_models/batch/batch_plan.hpp"
#include "hw_models/batch/gradient_kernels.hpp"
#include "hw_models/lanes/lane_array.hpp"

namespace tellegen {

class GradientSums {
 public:
  GradientSums(const BatchPlan& plan, std::size_t lanes, std::size_t stored_values, InstructionSet set);

  void begin();
  /// One step of the adjoint and the forward step that it meets.
  /// @param adjoint  unknowns and ground
  /// @param stored   the forward step's row, which stays where it is until `flush`; the step before stands one row before it
  /// @param forward  its extended places where ports read known voltages, else the same as `stored`
  /// @param known    its known voltages
  /// @param held     they are those of the adjoint step before this one
  void take(const double* adjoint, const double* stored, const double* forward, const double* known, bool held);
  /// Whether a step's products are taken one by one: then whoever advances a group's memory takes its products on the way.
  [[nodiscard]] bool goes_step_by_step() const { return block_limit_ == 1; }
  /// Products and memory of one step of a recursive group, for `goes_step_by_step`; r as `GradientKernels::adjoint_ports` says.
  void take_and_advance(std::size_t group, const double* adjoint, const double* forward, const double* value, double* past, double* second, double* r);
  /// Before the stored rows change, and after the last step.
  void flush();
  /// One step's products of a group whose operator is a sum of exponentials, which whoever advances it forms: by port and sample.
  void add_products(std::size_t group, const double* adjoint, const double* forward) {
    kernels_.add_products(plan_.linear_groups()[group].ports.count(), adjoint, forward, sums_[group].data());
  }
  /// Writes dL/dslot of every branch in a linear group.
  void give(std::span<double> gradient);

 private:
  static constexpr std::int32_t most_block_steps = 8;  // whose products are taken together
  struct State {  // of D^s, by port
    LaneArray past, second;
  };
  /// Ports between two ranges of places, every place of one with every place of the other: a crossbar between unknowns. It stands
  /// line by line, so that the slots of a line's ports stand side by side where the deck has them so.
  struct Block {
    /// One of the ranges: what its side of a port weighs, and mu and v of a single step.
    struct Side {
      std::int32_t count = 0, place = 0, port_stride = 0;
      std::vector<double> gain, weight, adjoint, forward;
    };
    Side lines, along;
    std::int32_t first_port = 0;
    bool has_slots_in_order = false;
    /// Sums of mu_line v_along and v_line mu_along; whatever stands there while `is_empty`.
    std::vector<double> line_along, along_line;
    std::vector<std::int64_t> offsets;  // of the lines in them
    bool is_empty = true;
    bool is_single = false;  ///< one step of one sample is all there is: its sums are not formed yet
    [[nodiscard]] std::int32_t port(std::int32_t line, std::int32_t k) const { return first_port + line * lines.port_stride + k * along.port_stride; }
  };
  void find_blocks(const LinearGroup& group);
  void add_block(const LinearGroup& group, std::int32_t first_port, std::int32_t rows, std::int32_t columns);
  void take_products(std::int32_t steps, const double* adjoint, const double* forward);
  void take_block(Block& block, const StepPairs& pairs);
  /// Steps of the block's sides.
  void add_steps(Block& block, const StepPairs& lines, const StepPairs& along);
  void give_block(Block& block, std::span<double> gradient);
  /// Writes dL/dslot of the branches behind one port.
  void give_port(const LinearGroup& group, std::int32_t port, double value, std::span<double> gradient) const;
  /// Whether conductances are taken with the memories of all places, chunk by chunk.
  [[nodiscard]] bool joins_conductances() const;
  void take_input(const double* adjoint, const double* forward, const double* known, bool held);
  void flush_inputs();
  void flush_dense();
  void flush_loose();
  void give_inputs(std::span<double> gradient);
  void give_dense(std::span<double> gradient);
  /// Products of the columns with dense rows, which go to out + offset of each row. Numbers by row are those of all rows; base null: zeros.
  void take_dense(const LinearGroup::DenseRows& dense, const double* base, const double* scale, double* out, const std::int64_t* offsets, bool adds);
  /// Weights of what a port of the inputs gives: of the products of its row's adjoint with the forward unknown there, and with the known voltage.
  struct PortShare {
    double self, scale;
  };
  [[nodiscard]] PortShare share_of(std::int32_t port) const;
  [[nodiscard]] double self_of(std::int32_t row) const;

  const BatchPlan& plan_;
  std::size_t lanes_, row_, stored_values_;
  const GradientKernels &kernels_, &step_kernels_;  // the second for one sample's steps side by side
  std::vector<LaneArray> sums_;                     // by linear group and port
  std::vector<State> states_;                       // by linear group
  /// Adjoint unknowns of a few steps.
  LaneArray block_;
  const double* block_forward_ = nullptr;  // stored row of the first of them; those of earlier steps stand before it
  std::int32_t block_steps_ = 0, block_limit_ = 1;
  const double* ahead_ = nullptr;          // stored row that is met next
  LaneArray parted_adjoint_, parted_forward_;  // one sample: [place][step]

  /// Conductances without memory, if there are any: dense blocks of them, and the ranges of ports [first, end) that are in none.
  const LinearGroup* conductances_ = nullptr;
  std::size_t conductances_index_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::pair<std::int32_t, std::int32_t>> loose_ports_;
  LaneArray parted_columns_;
  LaneArray place_sums_;  // of mu v at every place, where steps are taken in blocks
  std::vector<double> own_;  // what they give to the ports of a block, place by place along it

  /// The crossbar of inputs, if there is one: columns of adjoint rows, and of known voltages [sample][known] and [known][sample].
  const LinearGroup* input_ = nullptr;
  std::size_t input_index_ = 0, known_values_ = 0, padded_known_ = 0;
  LaneArray column_adjoint_, column_known_, column_places_, self_;
  std::int32_t columns_ = 0;
  std::vector<std::int32_t> known_columns_, loose_rows_;  // by port; rows that are in no dense block
  std::vector<double> dense_;                             // sums of flushed columns, block after block
  bool dense_is_empty_ = true;
  std::vector<std::int64_t> dense_offsets_, slot_offsets_;  // by row: of its sums in dense_, and of its ports' slots
  std::vector<double> row_self_, row_scale_, row_base_;   // by row: of dense ones, as PortShare says; the first times the products
  std::vector<double> ones_, line_;                       // scales of rows; what a line of a block gives
};

}  // namespace tellegen
