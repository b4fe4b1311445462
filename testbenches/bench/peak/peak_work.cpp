#include "bench/peak/peak_work.hpp"

#include "bench/peak/peak_kernels.hpp"

namespace tellegen {

double work_at_peak(InstructionSet set, std::size_t rounds) {
  const auto& kernels = peak_kernels(set);
  // What the compiler does not see through it cannot compute beforehand, nor leave out.
  volatile double factor = 0.999, summand = 0.001, result = 0;
  result = kernels.multiply_add(rounds, factor, summand);
  static_cast<void>(result);
  return 2 * static_cast<double>(rounds * kernels.multiply_adds_per_round);
}

}  // namespace tellegen
