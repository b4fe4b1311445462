// The controlling variable of a fractional memristor is a half-flux, D^(1/2) phi, and not the flux.
#include "hw_models/elements/fractional_memristor.hpp"

#ifdef WITHOUT_THE_MISTAKE
const tellegen::elements::FractionalMemristor::Controlling z = 1.0 * tellegen::units::weber_per_root_second;
#else
const tellegen::elements::FractionalMemristor::Controlling z = 1.0 * tellegen::units::weber;
#endif
