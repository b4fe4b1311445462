#include "hw_models/synapse/cell.hpp"

#include <algorithm>

namespace tellegen {

void CellPhysics::record(std::size_t tick, double z, std::span<const double> states) {
  array_.trace(tick)[0] = z;
  std::ranges::copy(states, array_.state_trace(tick).begin());
  array_.finish_record(tick);
}

}  // namespace tellegen
