#pragma once
// Branches of one law and one pair of orders, as a structure of arrays; the lane type T is double or a vector of samples.

#include <cstdint>
#include <span>
#include <vector>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen {

/// One law over a whole block: no dispatch per branch. Parameters are stored slot by slot: p[slot * width + k]. `law` is the
/// law as an object, the first argument of every kernel.
template <class T>
struct LawKernels {
  const void* law;
  void (*evaluate)(const void* law, std::size_t width, const T* p, const T* z, T* f, T* slope);
  void (*deviate)(const void* law, std::size_t width, const T* p, const T* z, const T* d, T* f, T* slope);
  bool is_linear;
  double largest_step;                                                                   // of z / scale in one Newton step
  T (*step_scale)(const void* law, std::size_t width, const T* p, std::size_t k);        // [z]
};

namespace detail {

template <class Law, class T>
inline void gather_parameters(const Law& law, std::size_t width, const T* p, std::size_t k, T* own) {
  for (std::size_t s = 0; s < parameter_count(law); ++s) own[s] = p[s * width + k];
}

template <class Law, class T>
void evaluate_block(const void* which, std::size_t width, const T* p, const T* z, T* f, T* slope) {
  const auto& law = *static_cast<const Law*>(which);
  for (std::size_t k = 0; k < width; ++k) {
    T own[max_law_parameters];
    gather_parameters(law, width, p, k, own);
    law.template evaluate<T>(own, z[k], f[k], slope[k]);
  }
}

template <class Law, class T>
void deviate_block(const void* which, std::size_t width, const T* p, const T* z, const T* d, T* f, T* slope) {
  const auto& law = *static_cast<const Law*>(which);
  for (std::size_t k = 0; k < width; ++k) {
    T own[max_law_parameters];
    gather_parameters(law, width, p, k, own);
    law.template deviation<T>(own, z[k], d[k], f[k], slope[k]);
  }
}

template <class Law, class T>
T step_scale_in_block(const void* which, std::size_t width, const T* p, std::size_t k) {
  const auto& law = *static_cast<const Law*>(which);
  T own[max_law_parameters];
  gather_parameters(law, width, p, k, own);
  return law.template step_scale<T>(own);
}

}  // namespace detail

/// Kernels of a law; valid as long as the law is.
template <class T>
[[nodiscard]] LawKernels<T> kernels_of(const LawChoice& choice) {
  return visit_law(choice, []<class Law>(const Law& law) {
    return LawKernels<T>{&law, &detail::evaluate_block<Law, T>, &detail::deviate_block<Law, T>, law.is_linear, law.largest_step,
                         &detail::step_scale_in_block<Law, T>};
  });
}

/// Which branches share a block. Const: made once per circuit.
struct BlockLayout {
  LawChoice law;
  Orders orders;
  std::vector<std::int32_t> branch;  ///< index in the circuit of each member
  std::vector<Port> out, in;
  std::int32_t first = 0;            ///< place of the first member when all blocks stand one after another
};

/// Groups the branches by law and orders, in the order of first appearance.
[[nodiscard]] std::vector<BlockLayout> group_branches(const Circuit& circuit);

}  // namespace tellegen
