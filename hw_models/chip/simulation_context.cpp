#include "hw_models/chip/simulation_context.hpp"

#include <algorithm>
#include <cmath>
#include <sysc/tracing/sc_tracing_ids.h>
#include <stdexcept>

namespace tellegen::chip {
namespace {

bool in_use = false;

/// The kernel warns when a zero-length start finds nothing to do and when its time resolution is set; both are intended here.
void silence_intended_warnings() {
  for (const char* id : {sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_ID_DEFAULT_TIME_UNIT_CHANGED_,
                         sc_core::SC_ID_TRACING_TIMESCALE_UNIT_})
    sc_core::sc_report_handler::set_actions(id, sc_core::SC_DO_NOTHING);
}

}  // namespace

SimulationContext::SimulationContext(double resolution) {
  if (in_use) throw std::logic_error("only one simulated chip may exist at a time");
  if (!(resolution > 0)) throw std::logic_error("the resolution of simulated time must be positive");
  in_use = true;
  silence_intended_warnings();
  sc_core::sc_get_curr_simcontext();  // the kernel's static context must exist before it is put aside
  previous_current_ = sc_core::sc_curr_simcontext;
  previous_default_ = sc_core::sc_default_global_context;
  own_ = new sc_core::sc_simcontext;
  sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = own_;
  const double exponent = std::clamp(std::floor(std::log10(resolution)), -15.0, 0.0);
  sc_core::sc_set_time_resolution(std::round(std::pow(10, exponent + 15)), sc_core::SC_FS);
}

SimulationContext::~SimulationContext() {
  sc_core::sc_curr_simcontext = previous_current_;
  sc_core::sc_default_global_context = previous_default_;
  delete own_;
  in_use = false;
}

}  // namespace tellegen::chip
