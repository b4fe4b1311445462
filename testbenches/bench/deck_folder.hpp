#pragma once
// The decks that a benchmark program is given: --decks FOLDER.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace tellegen::bench
