#include "hw_models/lanes/dispatch.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace tellegen {
namespace {

constexpr std::array all_sets{InstructionSet::scalar, InstructionSet::sse4, InstructionSet::avx2, InstructionSet::avx512};

/// What a set's kernels are compiled for; the same list stands in Kernels.cmake.
bool runs_here([[maybe_unused]] InstructionSet set) {
#if defined(TELLEGEN_X86_KERNELS)
  switch (set) {
    case InstructionSet::scalar: return true;
    case InstructionSet::sse4: return __builtin_cpu_supports("sse4.2");
    case InstructionSet::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    case InstructionSet::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  }
  return false;
#else
  return set == InstructionSet::scalar;
#endif
}

}  // namespace

std::string_view name_of(InstructionSet set) {
  constexpr std::array<std::string_view, all_sets.size()> names{"scalar", "sse4", "avx2", "avx512"};
  return names[static_cast<std::size_t>(set)];
}

std::optional<InstructionSet> instruction_set_of(std::string_view name) {
  for (const auto set : all_sets)
    if (name_of(set) == name) return set;
  return std::nullopt;
}

std::span<const InstructionSet> available_instruction_sets() {
  static const std::vector<InstructionSet> available = [] {
    std::vector<InstructionSet> sets;
    for (const auto set : all_sets)
      if (runs_here(set)) sets.push_back(set);
    return sets;
  }();
  return available;
}

InstructionSet preferred_instruction_set() {
  const auto available = available_instruction_sets();
  const char* wanted = std::getenv("TELLEGEN_INSTRUCTIONS");
  if (wanted == nullptr || *wanted == '\0') return available.back();
  const auto set = instruction_set_of(wanted);
  for (const auto one : available)
    if (set == one) return one;
  std::string names;
  for (const auto one : available) names += (names.empty() ? "" : ", ") + std::string(name_of(one));
  throw std::invalid_argument("TELLEGEN_INSTRUCTIONS is \"" + std::string(wanted) + "\"; this machine runs " + names);
}

int doubles_per_register(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return 1;
    case InstructionSet::sse4: return 2;
    case InstructionSet::avx2: return 4;
    case InstructionSet::avx512: return 8;
  }
  return 1;
}

}  // namespace tellegen
