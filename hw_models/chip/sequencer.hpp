#pragma once
// The chip's own phase sequencer.

#include <array>

#include "hw_models/chip/phase_sequencer.hpp"

namespace tellegen::chip {

/// Finite state machine of one learning cycle, with what `PhaseSequencer` promises.
class Sequencer final : public PhaseSequencer {
 public:
  SC_HAS_PROCESS(Sequencer);
  explicit Sequencer(const sc_core::sc_module_name& name);

  [[nodiscard]] Phase state() const override { return phase_; }
  [[nodiscard]] bool refused() const override { return refused_; }
  [[nodiscard]] bool fault() const override { return fault_; }
  [[nodiscard]] std::uint32_t fault_tick() const override { return fault_tick_; }
  [[nodiscard]] std::uint32_t cycles(std::size_t phase_index) const override { return cycles_[phase_index]; }

 private:
  void on_rising_edge();
  void on_falling_edge();
  [[nodiscard]] bool obey(Command command);
  void run_analog_phase();
  void enter(Phase next);
  void pulse(sc_core::sc_out<bool>& strobe);
  [[nodiscard]] Phase after(Phase current) const;
  [[nodiscard]] bool enabled(const regmap::Field& field) const { return field.test(settings.program); }

  Phase phase_ = Phase::idle;
  std::uint32_t tick_ = 0;
  bool turned_again_ = false;
  bool cycle_ = false;
  bool strobes_are_low_ = true;
  bool refused_ = false;
  bool fault_ = false;
  std::uint32_t fault_tick_ = 0;
  std::array<std::uint32_t, regmap::phase_count> cycles_{};
};

}  // namespace tellegen::chip
