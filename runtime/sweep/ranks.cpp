#include "runtime/sweep/ranks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "tellegen/units/input_error.hpp"

namespace tellegen::sweep {
namespace {

struct Launcher {
  const char *rank, *size, *job;
};
constexpr Launcher launchers[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE"},
                                  {"PMI_RANK", "PMI_SIZE", nullptr},
                                  {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_JOB_ID"}};

std::optional<unsigned> number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size())
    throw InputError({}, name, fmt::format("a number is expected in this variable of the environment, got \"{}\"", digits));
  return number;
}

}  // namespace

Ranks Ranks::of_environment() {
  for (const auto& launcher : launchers) {
    const auto rank = number_in(launcher.rank), size = number_in(launcher.size);
    if (!rank || !size) continue;
    if (*rank >= *size) throw InputError({}, launcher.rank, fmt::format("rank {} of {} is none", *rank, *size));
    const char* job = launcher.job != nullptr ? std::getenv(launcher.job) : nullptr;
    return {*rank, *size, job != nullptr ? job : ""};
  }
  return {};
}

}  // namespace tellegen::sweep
