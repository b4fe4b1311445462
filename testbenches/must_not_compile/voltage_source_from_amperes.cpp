// A voltage source's constant is a voltage.
#include "tellegen/chip.hpp"

using namespace tellegen::units;

#ifdef WITHOUT_THE_MISTAKE
const tellegen::chip::VoltageSource v1{"v1", 1.0 * volt};
#else
const tellegen::chip::VoltageSource v1{"v1", 1.0 * ampere};
#endif
