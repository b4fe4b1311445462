#pragma once
// The user's own digital part, which knows nothing of Tellegen.

#include <cstdint>
#include <systemc>

/// Clocked comparator with a counter: counts the rising edges at which its input is still below the threshold.
class ThresholdTimer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<double> voltage{"voltage"};           // [V]
  sc_core::sc_out<std::uint32_t> count{"count"};
  sc_core::sc_out<bool> above{"above"};

  SC_HAS_PROCESS(ThresholdTimer);
  ThresholdTimer(const sc_core::sc_module_name& name, double threshold) : sc_core::sc_module(name), threshold_(threshold) {
    SC_METHOD(on_clock);
    dont_initialize();
    sensitive << clock.pos();
  }

 private:
  void on_clock() {
    if (above.read()) return;
    if (voltage.read() < threshold_)
      count.write(count.read() + 1);
    else
      above.write(true);
  }

  double threshold_;  // [V]
};
