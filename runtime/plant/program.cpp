#include "runtime/plant/program.hpp"

namespace tellegen {

Ticket<ClampedRecord> PhaseProgram::clamped(Table stimulus) {
  Ticket<ClampedRecord> record;
  steps_.emplace_back(phases::Clamped{std::move(stimulus), record});
  return record;
}

Ticket<Nudge> PhaseProgram::turn(const Ticket<ClampedRecord>& record, std::function<Nudge(const ClampedRecord&)> decide) {
  Ticket<Nudge> nudge;
  steps_.emplace_back(phases::Turn{[record, decide = std::move(decide)] { return decide(record.get()); }, nudge});
  return nudge;
}

Ticket<Nudge> PhaseProgram::turn_again(std::function<Nudge()> decide) {
  Ticket<Nudge> nudge;
  steps_.emplace_back(phases::Turn{std::move(decide), nudge});
  return nudge;
}

Ticket<std::vector<double>> PhaseProgram::nudged(const Ticket<Nudge>& nudge, Side side) {
  Ticket<std::vector<double>> currents;
  steps_.emplace_back(phases::Nudged{nudge, side, currents});
  return currents;
}
void PhaseProgram::accumulate(const Ticket<Nudge>& nudge) { steps_.emplace_back(phases::Accumulate{nudge}); }
void PhaseProgram::update() { steps_.emplace_back(phases::Update{}); }

}  // namespace tellegen
