#include "hw_models/nonideal/nonidealities.hpp"

namespace tellegen {

bool NonIdealities::needs_calibration() const {
  for (const auto* converter : {&stimulus, &drive, &probe, &trace})
    if (converter->bits > 0 || converter->offset != 0 || converter->noise != 0) return true;
  return correlator.offset != 0 || correlator.offset_mismatch != 0;
}

}  // namespace tellegen
