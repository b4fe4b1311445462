// A number without a unit is no capacitance.
#include "hw_models/elements/capacitor.hpp"

#ifdef WITHOUT_THE_MISTAKE
const tellegen::elements::Capacitor::Value value = 1e-12 * tellegen::units::farad;
#else
const tellegen::elements::Capacitor::Value value = 1e-12;
#endif
