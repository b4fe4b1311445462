// A quantity becomes a double at the gate `raw` and nowhere else.
#include "tellegen/units/quantities.hpp"

using namespace tellegen::units::literals;

#ifdef WITHOUT_THE_MISTAKE
const double step = tellegen::units::raw(10_ns);
#else
const double step = 10_ns;
#endif
