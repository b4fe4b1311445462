#pragma once
#include <string>
#include <vector>

#include "runtime/training/bench_override.hpp"

namespace tellegen::cli {

/// What `--set KEY=VALUE`, given any number of times, puts in the place of a bench's own values.
/// @throws InputError
[[nodiscard]] inline std::vector<BenchOverride> overrides_of(const std::vector<std::string>& set) {
  std::vector<BenchOverride> overrides;
  for (const auto& text : set) overrides.push_back(bench_override(text, "--set"));
  return overrides;
}

}  // namespace tellegen::cli
