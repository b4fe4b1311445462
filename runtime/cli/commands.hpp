#pragma once
// What each command of the program does once its options are parsed.

#include <optional>
#include <string>

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
  std::string json;
};

struct RunOptions {
  std::string bench;
  std::string directory;
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
[[nodiscard]] int regs(const RegsOptions& options);
/// Prints every option of `[chip]` as Markdown.
[[nodiscard]] int options();

}  // namespace tellegen::cli
