// Only quantities pass the gate: a bare number has no unit to be checked.
#include "tellegen/units/quantities.hpp"

#ifdef WITHOUT_THE_MISTAKE
const double step = tellegen::units::raw(1e-9 * tellegen::units::second);
#else
const double step = tellegen::units::raw(1e-9);
#endif
