#pragma once
// What each command of the program does once its options are parsed.

#include <optional>
#include <string>
#include <vector>

namespace tellegen::cli {

/// Exit codes of the program.
enum ExitCode : int {
  done = 0,
  limit_missed = 1,
  bad_input = 2,
  no_convergence = 3,
  internal_error = 4,
};

struct SimOptions {
  std::string deck;
  std::string output;  ///< CSV or raw by its extension; empty: tables on standard output
  std::string json;    ///< "-": standard output
  std::string plan = "auto";  ///< how a transient is solved: "auto", "general", "supernodal", "crossbar", "klu"
  bool explain = false;       ///< tell which plan was chosen, and what it costs
};

struct ClassifyOptions {
  std::string file;  ///< deck or bench
  std::string json;
};

struct LagrangianOptions {
  std::string file;  ///< deck with a .tran, or bench
  std::string json;
};

struct GradcheckOptions {
  std::string bench;
  std::string rule;              ///< empty: the bench's own
  std::string plant = "direct";  ///< direct | chip
  std::optional<double> beta;
  bool finite_difference = false;
  std::vector<std::string> set;  ///< KEY=VALUE
  std::string json;
};

struct RunOptions {
  std::string bench;
  std::string directory;
  std::vector<std::string> set;  ///< KEY=VALUE
  std::string version;
};

struct SweepOptions {
  std::string bench;
  std::vector<std::string> vary;  ///< KEY=a:b:n, KEY=v1,v2,.. or KEY=a:b
  std::vector<std::string> set;   ///< KEY=VALUE
  std::size_t monte_carlo = 0;    ///< chips per setting; 0: one run with the bench's own seed
  std::string plant = "chip";     ///< direct | chip
  bool train = false;             ///< the bench's epochs, too
  std::optional<double> cosine;   ///< limit; absent: the bench's
  std::optional<double> quantile; ///< share of the chips that may be worse; absent: 0.05
  std::string cost;               ///< memory | time | cycles | conversions | energy; empty: memory
  unsigned jobs = 0;              ///< worker processes; 0: one per core
  std::string directory;
  std::string json;
  std::string version;
};

struct RegsOptions {
  std::string format = "md";
};

[[nodiscard]] int sim(const SimOptions& options);
[[nodiscard]] int classify(const ClassifyOptions& options);
[[nodiscard]] int lagrangian(const LagrangianOptions& options);
[[nodiscard]] int gradcheck(const GradcheckOptions& options);
[[nodiscard]] int run(const RunOptions& options);
[[nodiscard]] int sweep(const SweepOptions& options);
[[nodiscard]] int regs(const RegsOptions& options);
/// Prints every option of `[chip]` as Markdown.
[[nodiscard]] int options();

}  // namespace tellegen::cli
