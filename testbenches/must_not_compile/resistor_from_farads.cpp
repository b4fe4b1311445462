// A resistor's value is a resistance.
#include "hw_models/elements/resistor.hpp"

using namespace tellegen::units::literals;

#ifdef WITHOUT_THE_MISTAKE
const tellegen::elements::Resistor::Value value = 10_kohm;
#else
const tellegen::elements::Resistor::Value value = 10_pF;
#endif
