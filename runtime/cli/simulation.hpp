#pragma once
// The analyses of a deck, as a SPICE user expects them.

#include <optional>
#include <string>
#include <vector>

#include "hw_models/circuit/deck/deck.hpp"
#include "hw_models/solver/operating_point.hpp"
#include "hw_models/solver/time_grid.hpp"

namespace tellegen::cli {

struct Variable {
  std::string name;  ///< "time", "v(out)", "i(v1)"
  std::string unit;
  std::vector<double> values;
};

/// What an analysis computed: time first in a transient, then every node voltage and voltage source current.
struct AnalysisResult {
  std::string analysis;                    ///< "op" or "tran"
  double print_start = 0, print_step = 0;  // [s] tstart and tstep of a transient
  std::vector<Variable> variables;

  /// Variable of that name; voltages between two nodes are formed.
  [[nodiscard]] Variable find(const OutputVariable& output) const;
};

/// @throws ConvergenceError
[[nodiscard]] AnalysisResult run_operating_point(const Deck& deck);

/// How a transient is to be solved, and what of it is wanted.
struct TransientRequest {
  std::string plan = "auto";                             ///< "auto", "general", "supernodal", "crossbar", "klu"
  std::optional<std::vector<OutputVariable>> wanted = {};  ///< nothing: every node voltage and source current
  std::string* explanation = nullptr;                    ///< gets a few lines on the plan
};

/// Transient at a fixed step by the deck's method, bdf2 by default: the longest step that is neither above tstep nor
/// above tmax (where that is not given: a fiftieth of tstop - tstart, as in SPICE3) and divides tstop. Starts from the
/// operating point, or with `uic` from `.ic` node voltages and everything else at rest. The first row is at tstart.
/// @throws InputError  too many steps, a plan that the circuit does not admit  @throws ConvergenceError
[[nodiscard]] AnalysisResult run_transient(const Deck& deck, const TransientAnalysis& analysis, const TransientRequest& request = {});

/// Grid on which a deck's transient runs, and the state in which it begins.
struct TransientSetup {
  TimeGrid grid;
  OperatingPoint start;
};

/// @throws InputError  too many steps  @throws ConvergenceError  no operating point
[[nodiscard]] TransientSetup set_up_transient(const Deck& deck, const TransientAnalysis& analysis);

/// Only the variables that `.save` names, time kept; all of them where nothing is saved.
[[nodiscard]] AnalysisResult saved_part(const AnalysisResult& result, const Deck& deck);

}  // namespace tellegen::cli
