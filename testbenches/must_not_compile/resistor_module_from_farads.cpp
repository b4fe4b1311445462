// A resistor module takes a resistance.
#include "tellegen/chip.hpp"

using namespace tellegen::units;

#ifdef WITHOUT_THE_MISTAKE
const tellegen::chip::Resistor r1{"r1", 10.0 * kilo_ohm};
#else
const tellegen::chip::Resistor r1{"r1", 10.0 * pico_farad};
#endif
