#pragma once
// The decks that a benchmark program is given: --decks FOLDER.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen::bench {

/// One deck, named KIND.SIZE.ANALYSIS.cir.
struct Workload {
  std::filesystem::path deck;
  std::string kind, size, analysis;
};

inline std::vector<Workload> workloads_in(const std::filesystem::path& folder) {
  std::vector<Workload> workloads;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto name = file.path().filename().string();
    const auto first = name.find('.'), second = name.find('.', first + 1), third = name.find('.', second + 1);
    if (third == std::string::npos || name.substr(third) != ".cir") continue;
    workloads.push_back({.deck = file.path(), .kind = name.substr(0, first), .size = name.substr(first + 1, second - first - 1),
                         .analysis = name.substr(second + 1, third - second - 1)});
  }
  std::ranges::sort(workloads, {}, &Workload::deck);
  return workloads;
}

/// Takes `--decks FOLDER` out of the command line; what is left is Google Benchmark's.
inline std::filesystem::path take_folder(int& argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) != "--decks") continue;
    const std::filesystem::path folder = argv[i + 1];
    std::copy(argv + i + 2, argv + argc, argv + i);
    argc -= 2;
    return folder;
  }
  return {};
}

/// The whole of a program that measures every deck of a folder.
/// @param add_rows  registers what is measured of one deck
/// @returns its exit status
inline int measure_folder(int argc, char** argv, std::string_view program, const std::function<void(const Workload&)>& add_rows) {
  const auto folder = take_folder(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (!std::filesystem::is_directory(folder)) {
    fmt::print(stderr, "usage: {} --decks FOLDER [--benchmark_...]\n", program);
    return 2;
  }
  try {
    for (const auto& workload : workloads_in(folder)) add_rows(workload);
    benchmark::AddCustomContext("instruction_set", std::string(name_of(preferred_instruction_set())));
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& mistake) {
    fmt::print(stderr, "{}: {}\n", program, mistake.what());
    return 2;
  }
  return 0;
}

}  // namespace tellegen::bench
