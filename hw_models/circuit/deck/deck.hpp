#pragma once
// SPICE decks: text -> circuit, analyses, outputs. The syntax is in this folder's README.

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/circuit/instruments.hpp"
#include "hw_models/circuit/parasitics.hpp"

namespace tellegen {

/// `.op`
struct OperatingPointAnalysis {
  SourceLocation where;
};

/// `.tran tstep tstop [tstart [tmax]] [uic]`
struct TransientAnalysis {
  double step = 0, stop = 0, start = 0;  // [s]
  double max_step = 0;                   // [s], 0: not given
  bool use_initial_conditions = false;
  SourceLocation where;
};

using Analysis = std::variant<OperatingPointAnalysis, TransientAnalysis>;

/// `v(a)`, `v(a,b)` or `i(vx)` of `.print` and `.save`; checked to exist.
struct OutputVariable {
  enum Kind { voltage, current };
  Kind kind = voltage;
  std::string text;    ///< lower case, without spaces: "v(a,b)"
  std::string p, n;    ///< nodes of a voltage; an empty n is ground
  std::string device;  ///< voltage source of a current
  SourceLocation where;
};

/// `AC magnitude [phase]` of a source, for the small-signal analysis.
struct SmallSignalStimulus {
  double magnitude = 1;  // [V] or [A]
  double phase = 0;      // [degree]
};

struct Deck {
  /// `.print ANALYSIS variables`
  struct Print {
    std::string analysis;  ///< "tran" or "op"
    std::vector<OutputVariable> variables;
  };

  std::string title;
  std::string file;  ///< as the user gave it
  std::vector<std::string> included;  ///< files that it took in
  Circuit circuit;
  std::vector<Analysis> analyses;
  std::vector<OutputVariable> saved;  ///< empty: everything
  std::vector<Print> prints;
  std::optional<std::string> method;      ///< `.options method=`: "be", "bdf2" or "trap"
  std::optional<std::string> history;     ///< `.options history=`: "direct", "fft" or "exp"
  std::optional<int> terms;               ///< `.options terms=`: exponentials of history=exp, 20 or 32
  std::vector<std::pair<std::string, double>> initial_conditions, nodesets;  ///< node, [V]
  std::map<std::string, SmallSignalStimulus> small_signal;                   ///< by source
};

/// Deck of a file; messages show the path as it is given here.
/// @param probes  what will be measured: the circuit gets the instruments for it
/// @param parasitics  what its layout adds
/// @throws InputError
[[nodiscard]] Deck read_deck(const std::filesystem::path& path, std::span<const ProbeRequest> probes = {}, const Parasitics& parasitics = {});

/// Deck of a text; `.include` is relative to the folder of `file_name`.
/// @throws InputError
[[nodiscard]] Deck read_deck_text(std::string_view text, std::string_view file_name,
                                  std::span<const ProbeRequest> probes = {}, const Parasitics& parasitics = {});

}  // namespace tellegen
