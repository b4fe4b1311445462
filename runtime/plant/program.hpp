#pragma once
// A learning rule as a program of phases: built first, run later by a plant, results through tickets.

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hw_models/solver/trajectory.hpp"
#include "hw_models/synapse/readout.hpp"

namespace tellegen {

/// Place-holder for the result of a step that has not run yet.
template <class T>
class Ticket {
 public:
  /// @throws std::logic_error when the program has not been run
  [[nodiscard]] const T& get() const {
    if (!*value_) throw std::logic_error("a ticket was read before its program was run");
    return **value_;
  }
  void fulfil(T value) const { *value_ = std::move(value); }
  void void_result() const { value_->reset(); }

 private:
  std::shared_ptr<std::optional<T>> value_ = std::make_shared<std::optional<T>>();
};

/// What the controller sees of a clamped phase through its converters.
struct ClampedRecord {
  Table probes;                    // [V] one row per clock tick, one column per probe
  double peak_source_current = 0;  // [A] largest current that any source delivered
};

/// What the controller answers: the currents that push the outputs, and the gains of the correlators.
struct Nudge {
  Table drive;             // [A] into each probe's node, [V] in series where a current is probed; one row per clock tick, first row first; minus side: negated
  Table drive_minus = {};  // minus side where it is not the plus side negated (held voltages)
  double gain_plus = 0;    ///< of dL/dp = gain_plus C_plus + gain_minus C_minus
  double gain_minus = 0;
  double beta = 0;         ///< peak drive over peak source current, 0 when the error vanishes
};

/// How the array is wired and read in the nudged phases.
struct NudgeWiring {
  NudgeKind kind = NudgeKind::echo;
  bool swap_ports = true;      ///< controlled sources exchange output and control port
  bool replay_bias = true;     ///< nonlinear elements are biased by their replayed records
  bool flip_loss = false;      ///< linear resistors become negative conductances
  bool clamp_outputs = false;  ///< the drive is a voltage that the outputs are held at, not a current
  std::size_t tail = 0;        ///< clock ticks for which an echo rings out about the start of the clamped phase
  NudgeReading reading;
};

namespace phases {
struct Clamped {
  Table stimulus;  // [V] or [A] one row per analog step, one column per source
  Ticket<ClampedRecord> record;
};
struct Turn {
  std::function<Nudge()> decide;  ///< the controller's own computation between the phases
  Ticket<Nudge> nudge;
};
struct Nudged {
  Ticket<Nudge> nudge;
  Side side;
  Ticket<std::vector<double>> clamp_currents;  ///< [A] at the phase's end, by probe, where the outputs are held
};
struct Accumulate {
  Ticket<Nudge> nudge;
};
struct Update {};
}  // namespace phases

/// Phases in the order in which they run.
class PhaseProgram {
 public:
  using Step = std::variant<phases::Clamped, phases::Turn, phases::Nudged, phases::Accumulate, phases::Update>;

  explicit PhaseProgram(NudgeWiring wiring) : wiring_(wiring) {}

  /// Inputs clamped to the stimulus, outputs free; every cell records its branch.
  Ticket<ClampedRecord> clamped(Table stimulus);
  /// The controller turns the record into a nudge.
  Ticket<Nudge> turn(const Ticket<ClampedRecord>& record, std::function<Nudge(const ClampedRecord&)> decide);
  /// The outputs are pushed while the records are replayed in reverse; the correlators gather.
  Ticket<std::vector<double>> nudged(const Ticket<Nudge>& nudge, Side side);
  /// The controller sets the gains by what it measured in the nudged phases.
  Ticket<Nudge> turn_again(std::function<Nudge()> decide);
  void accumulate(const Ticket<Nudge>& nudge);
  /// Every cell updates its own parameters.
  void update();

  [[nodiscard]] const NudgeWiring& wiring() const { return wiring_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  NudgeWiring wiring_;
  std::vector<Step> steps_;
};

}  // namespace tellegen
