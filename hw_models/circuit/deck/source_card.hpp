#pragma once
#include <optional>

#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/circuit/deck/instance.hpp"

namespace tellegen::deck {

/// Step and stop time of the deck's first `.tran`, from which SPICE takes the defaults of waveforms; absent without
/// one.
struct WaveformDefaults {
  double step = 0, stop = 0;  // [s]
};

/// An independent source as its card states it.
struct SourceCard {
  Source source;
  std::optional<SmallSignalStimulus> small_signal;
};

/// Reads `V1 p n [[DC] value] [AC [magnitude [phase]]] [SIN|PULSE|PWL|EXP (...)]`; brackets and commas are optional.
/// @throws InputError
[[nodiscard]] SourceCard read_source(const Card& card, Instance& instance, CircuitBuilder& builder,
                                     const std::optional<WaveformDefaults>& defaults);

}  // namespace tellegen::deck
