#pragma once
// Which vector instructions the kernels use: every kernel is compiled once per set, and one set is chosen when the program runs.

#include <optional>
#include <span>
#include <string_view>

namespace tellegen {

/// Sets of vector instructions for which there are kernels, in ascending order.
enum class InstructionSet { scalar, sse4, avx2, avx512 };

/// Name as users write it: "scalar", "sse4", "avx2", "avx512".
[[nodiscard]] std::string_view name_of(InstructionSet set);
[[nodiscard]] std::optional<InstructionSet> instruction_set_of(std::string_view name);

/// Sets that this machine can run, ascending; `scalar` is always the first.
[[nodiscard]] std::span<const InstructionSet> available_instruction_sets();

/// The best set of this machine; the environment variable TELLEGEN_INSTRUCTIONS may name a lesser one.
/// @throws std::invalid_argument the variable names no set, or one that this machine cannot run
[[nodiscard]] InstructionSet preferred_instruction_set();

/// Doubles in one vector register of a set.
[[nodiscard]] int doubles_per_register(InstructionSet set);

}  // namespace tellegen

/// Declares the tables of kernels `name()` of one kind, one in the namespace of each instruction set, and the function
/// `name(set)` that chooses among them. The tables are defined by `NAME.kernels.cpp`, which is compiled once per set.
#if defined(TELLEGEN_X86_KERNELS)
#define TELLEGEN_KERNELS(Table, name)                                                        \
  namespace scalar { const Table& name(); }                                                  \
  namespace sse4 { const Table& name(); }                                                    \
  namespace avx2 { const Table& name(); }                                                    \
  namespace avx512 { const Table& name(); }                                                  \
  [[nodiscard]] inline const Table& name(InstructionSet set) {                               \
    switch (set) {                                                                           \
      case InstructionSet::scalar: return scalar::name();                                    \
      case InstructionSet::sse4: return sse4::name();                                        \
      case InstructionSet::avx2: return avx2::name();                                        \
      case InstructionSet::avx512: return avx512::name();                                    \
    }                                                                                        \
    return scalar::name();                                                                   \
  }
#else
#define TELLEGEN_KERNELS(Table, name)                                                        \
  namespace scalar { const Table& name(); }                                                  \
  [[nodiscard]] inline const Table& name(InstructionSet) { return scalar::name(); }
#endif
