#pragma once
// Products of a dense matrix that all samples share with a vector of each sample.

#include <cstdint>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Dense matrix that all samples share, packed in panels of rows: entry (row, k) of a panel stands at [k * width + row].
struct PanelView {
  const double* values = nullptr;
  const std::int32_t* places = nullptr;  ///< where the product of each row goes
  std::int32_t rows = 0, inner = 0;
  std::int32_t panel_rows = 0;           ///< rows of every panel but the last
};

struct PanelLaneKernels {
  /// Rows of a panel at most, and the number that the width of every panel is a multiple of.
  std::int32_t most_panel_rows, row_multiple;

  /// out[place] += scale[place] sum_k M_k x_k; `start` not null: it stands for the former `out`, the same for all samples;
  /// `scale` null: ones.
  void (*multiply)(const PanelView& m, const double* x, const double* start, const double* scale, double* out);
};

struct PanelKernels {
  PanelLaneKernels one, eight, sixteen;

  [[nodiscard]] const PanelLaneKernels& with(int lanes) const { return lanes == 1 ? one : lanes == 8 ? eight : sixteen; }
};

TELLEGEN_KERNELS(PanelKernels, panel_kernels)

}  // namespace tellegen
