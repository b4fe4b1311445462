#include "hw_models/lanes/lanes.hpp"
#include "bench/peak/peak_kernels.hpp"

namespace tellegen::TELLEGEN_TARGET {
namespace {

// Enough chains to hide four cycles of latency on two units; they fit the registers of every instruction set.
constexpr int chains = 10;
constexpr int width = Lanes<16>::register_width;

double multiply_add(std::size_t rounds, double factor, double summand) {
  using Register = Lanes<width>;
  const Register a(factor), b(summand);
  Register x[chains];
  for (int k = 0; k < chains; ++k) x[k] = Register(1.0 + k);
  for (std::size_t round = 0; round < rounds; ++round)
    for (int k = 0; k < chains; ++k) x[k] = fma(x[k], a, b);
  for (int k = 1; k < chains; ++k) x[0] += x[k];
  return sum(x[0]);
}

}  // namespace

const PeakKernels& peak_kernels() {
  static constexpr PeakKernels kernels{multiply_add, static_cast<std::size_t>(chains) * width};
  return kernels;
}

}  // namespace tellegen::TELLEGEN_TARGET
