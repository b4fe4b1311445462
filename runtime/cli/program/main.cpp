// The program `tellegen`: options, help texts, exit codes. The only file that sees CLI11.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>
#include <systemc>

#include "hw_models/solver/convergence.hpp"
#include "runtime/cli/commands.hpp"
#include "tellegen/units/input_error.hpp"

namespace {

using namespace tellegen;

/// SystemC prints a banner before sc_main runs; it would spoil every output that programs read.
[[gnu::constructor]] void silence_banner() { setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0); }

constexpr auto description =
    "Tellegen emulates analog chips that learn: circuits whose synapse cells update themselves, and the controller "
    "that\n"
    "drives their clamped and nudged phases. It tells whether the local rule finds the true gradient at that chip's "
    "timing.";

constexpr auto footer =
    "First steps:\n"
    "  tellegen sim deck.cir -o waves.csv        run the analyses of a SPICE deck\n"
    "  tellegen classify deck.cir                which learning rule is exact on it, and which element is the reason\n"
    "  tellegen gradcheck bench.toml             gradient of the bench's rule against the exact one\n"
    "  tellegen run bench.toml -o out            the whole test bench on the emulated chip, with a report\n"
    "  tellegen sweep bench.toml --vary rule.beta=1e-4:1e-1:7    the gradient at many settings, and the cheapest one that will do\n"
    "\n"
    "Exit codes: 0 done, all limits met; 1 a stated limit was missed; 2 bad input; 3 no convergence; 4 internal "
    "error.\n";

const CLI::Validator positive_number(
    [](const std::string& text) {
      double value = 0;
      const bool is_number = CLI::detail::lexical_cast(text, value) && std::isfinite(value);
      return is_number && value > 0 ? "" : fmt::format("a positive number is expected, got \"{}\"", text);
    },
    "POSITIVE");

const CLI::Validator some_name(
    [](const std::string& text) { return std::string(text.empty() ? "the name of a file is expected" : ""); }, "");

/// The command that was typed, refused in one line unless it is one of the program's.
void check_command(const CLI::App& app, int argc, char** argv) {
  const std::string typed = argc > 1 ? argv[1] : "";
  std::vector<std::string> commands;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    commands.push_back(command->get_name());
  const auto expected = fmt::format("expected {}; see \"tellegen --help\"", fmt::join(commands, " | "));
  if (typed.empty()) throw InputError({}, "tellegen", fmt::format("a command is missing, {}", expected));
  for (const auto* later : {"train", "export"})
    if (typed == later)
      throw InputError({}, "tellegen", fmt::format("the command \"{}\" is not supported yet, {}", typed, expected));
  const bool is_option = typed.starts_with('-');
  const bool is_known =
      is_option ? app.get_option_no_throw(typed) != nullptr : std::ranges::find(commands, typed) != commands.end();
  if (!is_known)
    throw InputError({}, "tellegen",
                     fmt::format("unknown {} \"{}\", {}", is_option ? "option" : "command", typed, expected));
}

/// What CLI11 found wrong with a command's options, in one line.
[[noreturn]] void refuse(const CLI::ParseError& error, const std::string& command) {
  std::string text = error.what();
  std::ranges::replace(text, '\n', ' ');
  if (text.starts_with("The following")) text[0] = 't';
  throw InputError({}, fmt::format("tellegen {}", command),
                   fmt::format("{}; see \"tellegen {} --help\"", text, command));
}

constexpr auto set_help = "put a value in the place of the bench's own, as often as needed: --set rule.beta=1e-2 --set \"chip.clock=500 Hz\"";

CLI::App* add_sweep(CLI::App& app, cli::SweepOptions& sweep) {
  auto* command = app.add_subcommand("sweep", "Measure the gradient at many settings of a bench, and find the cheapest one that will do");
  command->add_option("bench", sweep.bench, "BENCH.toml")->required();
  command
      ->add_option("--vary", sweep.vary,
                   "a key of the bench and its values, as often as needed: KEY=v1,v2,.. (numbers, quantities, words), KEY=a:b:n (n values from a to b), or, "
                   "with --monte-carlo, KEY=a:b (drawn for each chip). :log or :lin at the end of a range says how it is spaced")
      ->type_name("KEY=VALUES")
      ->allow_extra_args(false);
  command->add_option("--set", sweep.set, set_help)->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--monte-carlo", sweep.monte_carlo, "chips per setting, each with its own seed; the same ones at every setting")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  command->add_option("--plant", sweep.plant, "chip (default): the emulated chip at the bench's timing; direct: the solver as ideal hardware, without a cost")
      ->check(CLI::IsMember({"direct", "chip"}));
  command->add_flag("--train", sweep.train, "also learn for the bench's epochs: final loss and held-out loss of every point");
  command->add_option("--cosine", sweep.cosine, "limit that the gradient's cosine must hold; default: the bench's [limits] gradient_cosine, else 0.99")->type_name("COSINE");
  command->add_option("--quantile", sweep.quantile, "share of a setting's chips that may be worse than the limit; default 0.05")->type_name("SHARE");
  command->add_option("--cost", sweep.cost, "what makes a setting cheap: memory (default; bits, then time), time, cycles, conversions, or energy where the bench states [chip.energy]")
      ->check(CLI::IsMember({"memory", "time", "cycles", "conversions", "energy"}));
  command->add_option("-j,--jobs", sweep.jobs, "worker processes; default: one for each core")->type_name("N")->check(CLI::Range(1U, 4096U));
  command->add_option("-o,--output", sweep.directory, "folder for sweep.csv, sweep.json and report.html; default: out/NAME-sweep, NAME of the bench file's folder")
      ->check(some_name);
  command->add_option("--json", sweep.json, "write sweep.json there, too; - is standard output")->check(some_name);
  command->footer(
      "  tellegen sweep bench.toml --vary rule.beta=1e-4:1e-1:7 --vary \"chip.clock=1 kHz,500 Hz,250 Hz\"\n"
      "  tellegen sweep bench.toml --vary rule.name=echo,biased_echo --vary chip.cells=tile,modules --cosine 0.999\n"
      "  tellegen sweep bench.toml --vary \"time.step=5 us,10 us\" --vary rule.beta=1e-3:1e-1 --monte-carlo 40\n"
      "\n"
      "Keys are written as in TOML, with a place for one of several tables: chip.clock, loss.0.weight, train.bounds.\"r*.g\". Every combination of the\n"
      "values is a setting; all are checked as if they stood in the file before any runs. A range is logarithmic when its ends are positive, not whole\n"
      "numbers, and a factor of 100 or more apart; whole ends draw whole numbers. A text with a colon or a comma needs quotes of its own.\n"
      "Finished points are kept in the folder: the same command again, after a kill or with more values, runs only what is missing. Results do not\n"
      "depend on --jobs. Under mpirun (Open MPI, MPICH, Slurm) ranks share the folder, and rank 0 writes the results. It ends with the cheapest setting\n"
      "that holds the limit: for a Monte Carlo at the quantile of its chips.\n"
      "Exit code 1: a limit is stated, by --cosine or the bench, and no setting holds it; 3: a point did not converge; 4: a point failed otherwise.\n");
  return command;
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{description, "tellegen"};
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", "tellegen " TELLEGEN_VERSION);

  cli::SimOptions sim;
  auto* sim_command = app.add_subcommand("sim", "Run the analyses of a SPICE deck (.op, .tran at fixed step)");
  sim_command->add_option("deck", sim.deck, "deck, DECK.cir")->required();
  sim_command
      ->add_option(
          "-o,--output", sim.output,
          "write the saved variables to FILE.csv, or to FILE.raw for waveform viewers; - is CSV on standard output")
      ->check(some_name);
  sim_command->add_option("--json", sim.json, "write them as JSON; - is standard output")->check(some_name);
  sim_command
      ->add_option("--plan", sim.plan,
                   "how transients are solved: auto (default) chooses by the topology; general takes every circuit; supernodal, "
                   "crossbar or klu asks for one plan")
      ->check(CLI::IsMember({"auto", "general", "supernodal", "crossbar", "klu"}));
  sim_command->add_flag("--explain", sim.explain, "tell which plan was chosen, sizes, fill and work per step; on standard error where standard output is taken");
  sim_command->footer(
      "Prints the deck's .print tables unless a file is asked for. Files hold the .save'd variables, or all node "
      "voltages and\n"
      "voltage source currents: CSV and JSON of the deck's last .tran (of its .op where it has none), raw of every "
      "analysis.\n"
      "The step is fixed: tstep where tmax = tstep; otherwise the longest that is neither above tstep nor above tmax (without tmax: a\n"
      "fiftieth of the span) and divides tstop.\n"
      "Long runs with YFMEM or YCPE: .options history=fft, or history=exp terms=20|32 for a constant cost per step.");

  cli::ClassifyOptions classify;
  auto* classify_command =
      app.add_subcommand("classify", "Tell which learning rule gives the true gradient on a circuit, and why");
  classify_command->add_option("file", classify.file, "DECK.cir or BENCH.toml")->required();
  classify_command->add_option("--json", classify.json, "write the classification as JSON; - is standard output")
      ->check(some_name);
  classify_command->footer(
      "Every element is i = D^a f(D^b phi); its skew is a - b, and a linear element belongs to every skew. A biased "
      "echo\n"
      "is exact as beta -> 0 when all nonlinear elements share one skew and controlled sources swap their ports.\n");

  cli::LagrangianOptions lagrangian;
  auto* lagrangian_command =
      app.add_subcommand("lagrangian", "Show a circuit's action term by term, Kirchhoff's residual and the energies of a run");
  lagrangian_command->add_option("file", lagrangian.file, "DECK.cir with a .tran, or BENCH.toml")->required();
  lagrangian_command->add_option("--json", lagrangian.json, "write it as JSON; - is standard output")->check(some_name);
  lagrangian_command->footer(
      "One potential per element, of its own controlling variable: T*(phi') of capacitors, F(D^1/2 phi) of fractional memristors and of\n"
      "linear resistors, -U(phi) of inductors, I phi of current sources; voltage sources are constraints. An element that has none is\n"
      "named. Kirchhoff's residual is taken from branch currents that are computed anew; the energy audit's imbalance is the error of\n"
      "the integration.\n");

  cli::GradcheckOptions gradcheck;
  auto* gradcheck_command =
      app.add_subcommand("gradcheck", "Compare the gradient of a learning rule with the exact one");
  gradcheck_command->add_option("bench", gradcheck.bench, "BENCH.toml")->required();
  gradcheck_command->add_option("--rule", gradcheck.rule, "adjoint, echo, biased_echo or another that tellegen classify lists; default: the bench's [rule]");
  gradcheck_command
      ->add_option("--plant", gradcheck.plant,
                   "direct: the solver as ideal hardware; chip: the emulated chip at the bench's timing")
      ->check(CLI::IsMember({"direct", "chip"}));
  gradcheck_command
      ->add_option("--beta", gradcheck.beta, "peak nudging current over peak source current; default: the bench's")
      ->check(positive_number);
  gradcheck_command->add_flag("--finite-difference", gradcheck.finite_difference,
                              "add central differences as an independent check");
  gradcheck_command->add_option("--set", gradcheck.set, set_help)->type_name("KEY=VALUE")->allow_extra_args(false);
  gradcheck_command->add_option("--json", gradcheck.json, "write the comparison as JSON; - is standard output")
      ->check(some_name);
  gradcheck_command->footer(
      "Of the bench's [limits] it checks those on the gradient; run checks all. adjoint, action_nudge and equilibrium with\n"
      "sides = \"holomorphic\" run in the emulator alone, whatever the plant. action_nudge is compared with the gradient of its own\n"
      "path too (JSON: \"path\"), and with the causal run.\n");

  cli::RunOptions run;
  run.version = TELLEGEN_VERSION;
  auto* run_command = app.add_subcommand("run", "Run a test bench on the emulated chip and write its report");
  run_command->add_option("bench", run.bench, "BENCH.toml")->required();
  run_command
      ->add_option("-o,--output", run.directory,
                   "folder for report.html, result.json, waves.vcd and junit.xml; default: out/NAME, NAME of the bench "
                   "file's folder")
      ->check(some_name);

  run_command->add_option("--set", run.set, set_help)->type_name("KEY=VALUE")->allow_extra_args(false);
  run_command->footer(
      "Checks the gradient of the bench's rule on the chip against the exact one, also at slower chip clocks; lets the chip learn for the\n"
      "bench's epochs, every update made by its cells; records one learning cycle; judges the [limits]. Exit code 1 when one is\n"
      "missed; the report is written all the same.");

  cli::SweepOptions sweep;
  sweep.version = TELLEGEN_VERSION;
  auto* sweep_command = add_sweep(app, sweep);

  cli::RegsOptions regs;
  auto* regs_command = app.add_subcommand("regs", "Print the chip's register map");
  regs_command->add_option("--format", regs.format, "md: Markdown, h: C header, systemrdl: SystemRDL 2.0")
      ->check(CLI::IsMember({"md", "h", "systemrdl"}));

  regs_command->footer("One constexpr map is what hardware, drivers and this command read.");

  auto* options_command = app.add_subcommand("options", "Print every option of [chip]: non-idealities, schedule, energies");
  options_command->footer("Markdown: unit, range and meaning of each; what a bench does not state is ideal.");

  check_command(app, argc, argv);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {  // --help, --version
    return app.exit(answer);
  } catch (const CLI::ParseError& error) {
    refuse(error, argv[1]);
  }
  if (*sim_command) return cli::sim(sim);
  if (*classify_command) return cli::classify(classify);
  if (*lagrangian_command) return cli::lagrangian(lagrangian);
  if (*gradcheck_command) return cli::gradcheck(gradcheck);
  if (*run_command) return cli::run(run);
  if (*sweep_command) return cli::sweep(sweep);
  if (*options_command) return cli::options();
  return cli::regs(regs);
}

int fail(int code, const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return code;
}

}  // namespace

int sc_main(int argc, char** argv) {
  try {
    const int code = parse_and_run(argc, argv);
    if (std::fflush(stdout) != 0)
      return fail(cli::bad_input, fmt::format("standard output cannot be written: {}", std::strerror(errno)));
    return code;
  } catch (const InputError& error) {
    return fail(cli::bad_input, error.what());
  } catch (const ConvergenceError& error) {
    return fail(cli::no_convergence, error.what());
  } catch (const std::system_error& error) {  // a full disk, a closed pipe
    return fail(cli::bad_input, error.what());
  } catch (const std::bad_alloc&) {
    return fail(cli::internal_error, "out of memory");
  } catch (const std::exception& error) {
    return fail(cli::internal_error, fmt::format("internal error: {}", error.what()));
  }
}
