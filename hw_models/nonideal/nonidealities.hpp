#pragma once
// What a chip lacks of an ideal one. Every member's default is ideal; `nonideal_options()` documents each with its unit and range.

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/circuit/parasitics.hpp"

namespace tellegen {

/// Converter between a number and a level.
struct ConverterSpec {
  double bits = 0;        ///< resolution; 0: a continuous level
  double range = 1.25;    ///< full scale over the largest sample of an ideal learning cycle; of no effect on an ideal level
  double full_scale = 0;  ///< [V] or [A] level of the largest code; 0: by `range`
  double inl = 0;         ///< [LSB] largest distance of the levels from a straight line, as a smooth S
  double dnl = 0;         ///< [LSB] rms, of each step from one level to the next
  double offset = 0;      ///< [full scale]
  double noise = 0;       ///< [full scale] rms, of every conversion
  double settling = 0;    ///< [s] time constant with which a new level is approached
};

/// When a sample is taken.
struct SamplingSpec {
  double early = 0;       ///< [s] before the clock edge
  double jitter = 0;      ///< [s] rms
  double converters = 0;  ///< that take all signals of a kind in turn, spread over the clock cycle; 0: one each
};

enum class PassOrder : std::uint8_t {
  sequential,  ///< the positive pass, then the negative one, on the same array
  lockstep,    ///< both at once, the negative one on a twin of the array
};

enum class Replay : std::uint8_t {
  held,          ///< a record is held for its clock cycle, the correlator integrates
  sampled,       ///< held, but the correlator takes one product a cycle, at the instant of the record
  interpolated,  ///< straight from one record to the next
};

/// One point of a measured programming curve; value and steps in parts of the device's range.
struct CurvePoint {
  double value = 0;
  double up = 0, down = 0;  ///< change by one pulse, both positive
};

/// Energy of each operation. [J]
struct EnergyCosts {
  double stimulus = 0, drive = 0, probe = 0;  ///< a conversion
  double trace_write = 0, trace_read = 0;     ///< a word
  double product = 0;                         ///< a cell's correlator in a clock cycle of a nudged pass
  double update = 0;                          ///< a parameter
  double cycle = 0;                           ///< the rest of the chip, a clock cycle
};

/// The chip as it will be built.
struct NonIdealities {
  std::uint64_t seed = 1;
  PassOrder passes = PassOrder::sequential;
  Replay replay = Replay::held;

  ConverterSpec stimulus, drive, probe, trace;
  SamplingSpec probe_sampling, trace_sampling;
  struct Trace {
    double depth = 0;  ///< words by signal; 0: one a clock cycle
    double droop = 0;  ///< [1/s] rate at which a stored level decays
  } trace_memory;
  struct Correlator {
    double gain = 0;             ///< error of all cells, relative
    double gain_mismatch = 0;    ///< rms between cells, relative
    double side_gain = 0;        ///< gain of the positive side over that of the negative one, less 1
    double offset = 0;           ///< of every product, over its rms among the cells in an ideal cycle
    double offset_mismatch = 0;  ///< rms between cells, likewise
  } correlator;
  double drift = 0;             ///< rms change of every device from pass to pass, relative
  double element_mismatch = 0;  ///< rms, relative
  double twin_mismatch = 0;     ///< rms between an element and its twin, relative
  struct Programming {
    double range = 10;               ///< largest over first value, and first over smallest, where [train] bounds say nothing
    double bits = 0;                 ///< levels of a device; 0: continuous
    double write_noise = 0;          ///< rms, in parts of the device's range, of every write
    std::vector<CurvePoint> curve;   ///< measured pulses; empty: writes reach what they aim at
  } programming;
  double temperature = 0;         ///< [K] of the resistors; 0: no noise
  Parasitics parasitics;          ///< part of the circuit itself
  struct NegativeConductance {
    double gain = 0;        ///< error, relative
    double saturation = 0;  ///< [V] at which it saturates; 0: never
  } negative_conductance;

  EnergyCosts energy;
  bool states_energy = false;  ///< else the energies are unknown

  [[nodiscard]] bool programs_ideally() const { return programming.bits == 0 && programming.write_noise == 0 && programming.curve.empty(); }
  /// Whether full scales have to be known.
  [[nodiscard]] bool needs_calibration() const;
};

}  // namespace tellegen
