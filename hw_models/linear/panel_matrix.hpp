#pragma once
// Dense matrix that all samples share, packed for the kernels of one number of lanes.

#include <algorithm>
#include <vector>

#include "hw_models/lanes/lane_array.hpp"
#include "hw_models/linear/panel_kernels.hpp"

namespace tellegen {

class PanelMatrix {
 public:
  PanelMatrix() = default;
  /// @param places  where the product of each row goes
  PanelMatrix(std::vector<std::int32_t> places, std::int32_t inner, const PanelLaneKernels& kernels)
      : places_(std::move(places)), inner_(inner), multiple_(kernels.row_multiple) {
    const auto panels = (rows() + kernels.most_panel_rows - 1) / kernels.most_panel_rows;
    panel_rows_ = panels == 0 ? multiple_ : padded((rows() + panels - 1) / panels);
  }

  /// @param value  value(row, k)
  template <class Value>
  void fill(const Value& value) {
    if (values_.size() == 0) values_ = LaneArray(static_cast<std::size_t>(padded(rows())) * static_cast<std::size_t>(inner_));
    double* to = values_.data();
    for (std::int32_t first = 0; first < rows(); first += panel_rows_) {
      const auto in_panel = std::min(panel_rows_, rows() - first);
      for (std::int32_t k = 0; k < inner_; ++k, to += padded(in_panel))
        for (std::int32_t row = 0; row < in_panel; ++row) to[row] = value(first + row, k);
    }
  }
  [[nodiscard]] PanelView view() const { return {values_.data(), places_.data(), rows(), inner_, panel_rows_}; }
  /// The panels from the one with `row` on. @param places  where the product of each row of the whole matrix goes
  [[nodiscard]] PanelView from_row(std::int32_t row, const std::int32_t* places) const {
    const auto first = row / panel_rows_ * panel_rows_;
    return {values_.data() + static_cast<std::int64_t>(first) * inner_, places + first, rows() - first, inner_, panel_rows_};
  }

 private:
  [[nodiscard]] std::int32_t rows() const { return static_cast<std::int32_t>(places_.size()); }
  [[nodiscard]] std::int32_t padded(std::int32_t rows) const { return (rows + multiple_ - 1) / multiple_ * multiple_; }

  std::vector<std::int32_t> places_;
  std::int32_t inner_ = 0, multiple_ = 1, panel_rows_ = 1;
  LaneArray values_;
};

}  // namespace tellegen
