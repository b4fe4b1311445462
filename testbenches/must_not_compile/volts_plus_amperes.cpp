// Voltages and currents do not add up.
#include "tellegen/units/quantities.hpp"

using namespace tellegen::units::literals;

#ifdef WITHOUT_THE_MISTAKE
const auto sum = 1_V + 1_A * 1_ohm;
#else
const auto sum = 1_V + 1_A;
#endif
