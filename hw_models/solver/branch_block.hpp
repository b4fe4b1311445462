#pragma once
// Branches of one law and one pair of orders, as a structure of arrays; the lane type T is double or a vector of samples.

#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// One law over a whole block: no dispatch per branch. Parameters are stored slot by slot: p[slot * width + k].
template <class T>
struct LawKernels {
  void (*evaluate)(std::size_t width, const T* p, const T* z, T* f, T* slope);
  void (*deviate)(std::size_t width, const T* p, const T* z, const T* d, T* f, T* slope);
  bool is_linear;
  double largest_step;                                                 // of z / scale in one Newton step
  T (*step_scale)(std::size_t width, const T* p, std::size_t k);       // [z]
};

namespace detail {

template <class Law, class T>
inline void gather_parameters(std::size_t width, const T* p, std::size_t k, T* own) {
  for (std::size_t s = 0; s < Law::parameters.size(); ++s) own[s] = p[s * width + k];
}

template <class Law, class T>
void evaluate_block(std::size_t width, const T* p, const T* z, T* f, T* slope) {
  for (std::size_t k = 0; k < width; ++k) {
    T own[max_law_parameters];
    gather_parameters<Law>(width, p, k, own);
    Law::template evaluate<T>(own, z[k], f[k], slope[k]);
  }
}

template <class Law, class T>
void deviate_block(std::size_t width, const T* p, const T* z, const T* d, T* f, T* slope) {
  for (std::size_t k = 0; k < width; ++k) {
    T own[max_law_parameters];
    gather_parameters<Law>(width, p, k, own);
    Law::template deviation<T>(own, z[k], d[k], f[k], slope[k]);
  }
}

template <class Law, class T>
T step_scale_in_block(std::size_t width, const T* p, std::size_t k) {
  T own[max_law_parameters];
  gather_parameters<Law>(width, p, k, own);
  return Law::template step_scale<T>(own);
}

}  // namespace detail

template <class T>
[[nodiscard]] LawKernels<T> kernels_of(LawId law) {
  return visit_law(law, []<class Law>() {
    return LawKernels<T>{&detail::evaluate_block<Law, T>, &detail::deviate_block<Law, T>, Law::is_linear, Law::largest_step, &detail::step_scale_in_block<Law, T>};
  });
}

/// Which branches share a block. Const: made once per circuit.
struct BlockLayout {
  LawId law{};
  Orders orders;
  std::vector<std::int32_t> branch;  ///< index in the circuit of each member
  std::vector<Port> out, in;
  std::int32_t first = 0;            ///< place of the first member when all blocks stand one after another
};

/// Groups the branches by law and orders, in the order of first appearance.
[[nodiscard]] std::vector<BlockLayout> group_branches(const Circuit& circuit);

}  // namespace tellegen
