// A law belongs to the element that its quantities were given for.
#include "tellegen/chip.hpp"

using namespace tellegen;
using namespace tellegen::units;

#ifdef WITHOUT_THE_MISTAKE
const chip::Capacitor x{"x", chip::tanh_law<elements::Capacitor>(1.0 * nano_farad, 0.4 * nano_coulomb, 0.5 * volt)};
#else
const chip::Inductor x{"x", chip::tanh_law<elements::Capacitor>(1.0 * nano_farad, 0.4 * nano_coulomb, 0.5 * volt)};
#endif
