#pragma once
#include <vector>

namespace tellegen {

/// Largest samples of an ideal learning cycle, after which a designer sizes converters and correlators; what is not known is empty.
struct FullScales {
  std::vector<double> stimulus, drive, probe;  // [V] or [A] by converter
  std::vector<std::vector<double>> trace;      // by cell: controlling variable, then internal states
  std::vector<std::vector<double>> readout;    // by cell: size of each slot's correlator
};

}  // namespace tellegen
