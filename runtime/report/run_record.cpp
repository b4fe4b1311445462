#include "runtime/report/run_record.hpp"

namespace tellegen::report {

std::uint64_t PhaseTimeline::total_cycles() const {
  std::uint64_t sum = 0;
  for (const auto& phase : phases) sum += phase.cycles;
  return sum;
}

double PhaseTimeline::total_time() const {
  double sum = 0;
  for (const auto& phase : phases) sum += phase.time;
  return sum;
}

std::uint64_t PhaseTimeline::total_bits() const {
  std::uint64_t sum = 0;
  for (const auto& row : memory) sum += row.bits;
  return sum;
}

}  // namespace tellegen::report
