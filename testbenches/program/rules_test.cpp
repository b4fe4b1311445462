// Every rule that a chip can run, through the command line: the same on both plants, right where it is called right, and refused
// with a reason where it cannot give a number.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

struct Task {
  std::string deck, method = "trap", input = "sin(1.3*t) + 0.4*cos(3*t) - 0.4", loss = "mse", target = "0.3*sin(2*t)", extra_loss, extra_rule;
  double step = 0.1;
  int steps = 60;
  std::string start = "rest";
};

constexpr const char* lossless =
    "lossless\nI1 0 1 0\n.model sat C (law=tanh k0=0.7 k1=0.4 z0=1)\n.model cub L (law=poly k0=0.6 k1=0.1 k2=0.2)\n"
    "C1 1 0 sat\nC2 2 0 sat k0=0.9\nL1 1 2 cub\nL2 2 0 cub k0=0.4\n.end\n";
constexpr const char* damped =
    "damped\nI1 0 1 0\n.model cub L (law=poly k0=0.6 k1=0 k2=0.2)\nC1 1 0 0.8\nR1 1 0 {1/(0.3*0.8)}\nC2 2 0 0.5\nR2 2 0 {1/(0.3*0.5)}\nL1 1 2 cub\n.end\n";
constexpr const char* ladder = "ladder\nI1 0 1 0\nR1 1 2 1\nR2 2 0 2\nR3 1 0 3\nC1 1 0 0.3\nC2 2 0 0.4\nL1 1 2 2\n.end\n";
constexpr const char* diodes =
    "net\nI1 0 1 0\n.model sh R (law=sinh k0=0.2 k1=0.1 z0=0.5)\nR1 1 2 1\nR2 2 0 sh\nR3 1 0 sh\nC1 1 0 0.1\nC2 2 0 0.05\n.end\n";

Task periodic() {
  constexpr double step = 0.09817477042468103;  // 2 pi / 64
  return {.deck = ladder, .method = "bdf2", .input = "sin(t) + 0.4*cos(3*t) - 0.3", .target = "0.2*sin(t)",
          .extra_loss = fmt::format("window = [{}, {}]\n", step * (64 * 19 + 1), step * 64 * 20), .extra_rule = fmt::format("period = {}\n", step * 64),
          .step = step, .steps = 64 * 20};
}
Task settled() { return {.deck = diodes, .method = "be", .input = "0.8", .loss = "final_mse", .target = "0.3", .extra_loss = "", .extra_rule = "", .step = 0.2, .steps = 300}; }
Task of(const char* deck, std::string method = "trap") { return {.deck = deck, .method = std::move(method), .extra_loss = "", .extra_rule = ""}; }

void write(const Folder& folder, const Task& task, const std::string& rule, double beta = 1e-3) {
  folder.write("d.cir", task.deck);
  folder.write("b.toml", fmt::format("[bench]\nname = \"b\"\ndeck = \"d.cir\"\n[time]\nstep = {}\nstop = {}\nmethod = \"{}\"\nstart = \"{}\"\n"
                                     "[[input]]\nsource = \"I1\"\nexpr = \"{}\"\n"
                                     "[[loss]]\nkind = \"{}\"\nprobe = \"v(2)\"\ntarget = {{ expr = \"{}\" }}\n{}"
                                     "[rule]\nname = \"{}\"\nbeta = {}\n{}",
                                     task.step, task.step * task.steps, task.method, task.start, task.input, task.loss, task.target, task.extra_loss, rule, beta,
                                     task.extra_rule));
}

nlohmann::json gradcheck(const Task& task, const std::string& rule, double beta = 1e-3, const std::string& plant = "direct") {
  const Folder folder;
  write(folder, task, rule, beta);
  return json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--plant", plant, "--json", "-"}));
}

std::string refused(const Task& task, const std::string& rule) {
  const Folder folder;
  write(folder, task, rule);
  return refusal(folder, {"gradcheck", "b.toml"});
}

double error(const nlohmann::json& json) { return json.at("relative_error"); }

}  // namespace

TEST_CASE("chip and direct plant give the same gradient to the last bit by every rule that a chip can run") {
  const std::pair<std::string, Task> trials[] = {{"echo", of(ladder)},           {"biased_echo", of(diodes)},    {"hamiltonian_echo", of(lossless)},
                                                 {"gain_flip_echo", of(damped)}, {"periodic_echo", periodic()},  {"equilibrium", settled()},
                                                 {"coupled", settled()},         {"forward_nudge", of(diodes)}};
  for (const auto& [rule, task] : trials) {
    CAPTURE(rule);
    const auto direct = gradcheck(task, rule), chip = gradcheck(task, rule, 1e-3, "chip");
    CHECK(chip.at("parameters") == direct.at("parameters"));
    CHECK(direct.at("parameters").size() > 3);
  }
}

TEST_CASE("however an ideal chip is laid out and scheduled, its gradient is that of the direct plant to the last bit") {
  const std::pair<std::string, Task> trials[] = {{"biased_echo", of(diodes)},    {"hamiltonian_echo", of(lossless)}, {"gain_flip_echo", of(damped)},
                                                 {"equilibrium", settled()},     {"coupled", settled()},             {"forward_nudge", of(diodes)}};
  for (const auto& [rule, task] : trials) {
    const auto direct = gradcheck(task, rule);
    for (const std::string cells : {"tile", "modules"})
      for (const std::string schedule : {"passes = \"lockstep\"", "replay = \"sampled\"", "replay = \"interpolated\""}) {
        if (rule == "hamiltonian_echo" && schedule.starts_with("replay")) continue;  // it replays nothing, and says so
        CAPTURE(rule);
        CAPTURE(schedule);
        auto scheduled = task;
        scheduled.extra_rule += fmt::format("[chip]\ncells = \"{}\"\n{}\n", cells, schedule);
        CHECK(gradcheck(scheduled, rule, 1e-3, "chip").at("parameters") == direct.at("parameters"));
      }
  }
}

TEST_CASE("negative conductances that miss their gain or saturate spoil a gain-flip echo, the more the further they are from ideal") {
  const auto with = [](const std::string& option) {
    auto task = of(damped);
    task.extra_rule = "[chip.negative_conductance]\n" + option + "\n";
    return error(gradcheck(task, "gain_flip_echo", 1e-3, "chip"));
  };
  const double ideal = error(gradcheck(of(damped), "gain_flip_echo", 1e-3, "chip"));
  CHECK(with("saturation = \"1 kV\"") == doctest::Approx(ideal).epsilon(1e-3));
  CHECK(with("saturation = \"1 V\"") > 2 * ideal);
  CHECK(with("gain = 0.01") > ideal);
  CHECK(with("gain = 0.1") > 3 * with("gain = 0.01"));
}

TEST_CASE("leakage takes a lossless circuit's echo away, and the classifier names the leak") {
  auto leaky = of(lossless);
  leaky.extra_rule = "[chip.leakage]\nconductance = 1e-3\n";
  const auto json = gradcheck(leaky, "hamiltonian_echo", 1e-3, "chip");
  CHECK(json.at("classification").at("verdict") == "biased");
  CHECK(json.at("classification").at("reason").get<std::string>().starts_with("leak of c1"));
  CHECK(error(json) > 100 * error(gradcheck(of(lossless), "hamiltonian_echo", 1e-3, "chip")));
  const Folder folder;
  write(folder, leaky, "hamiltonian_echo");
  const auto rules = json_of(run_tellegen(folder, {"classify", "b.toml", "--json", "-"})).at("rules");
  for (const auto& row : rules)
    if (row.at("rule") == "hamiltonian_echo") CHECK(row.at("reason").get<std::string>().starts_with("leak of c1"));
}

TEST_CASE("the Hamiltonian echo of a lossless circuit errs with beta squared") {
  const double coarse = error(gradcheck(of(lossless), "hamiltonian_echo", 1e-2)), fine = error(gradcheck(of(lossless), "hamiltonian_echo", 1e-3));
  CHECK(fine < 1e-7);
  CHECK(coarse / fine == doctest::Approx(100).epsilon(0.1));
}

TEST_CASE("the gain-flip echo of a uniformly damped circuit errs with the square of the step") {
  auto task = of(damped);
  const double coarse = error(gradcheck(task, "gain_flip_echo"));
  task.step /= 4, task.steps *= 4;
  const double fine = error(gradcheck(task, "gain_flip_echo"));
  CHECK(coarse < 0.05);
  CHECK(coarse / fine == doctest::Approx(16).epsilon(0.2));
}

TEST_CASE("the periodic echo of a settled linear circuit is exact, harmonic by harmonic") {
  CHECK(error(gradcheck(periodic(), "periodic_echo")) < 1e-9);
}

TEST_CASE("equilibrium and coupled learning err with beta squared, centred, and with beta, one-sided") {
  for (const std::string rule : {"equilibrium", "coupled"}) {
    CAPTURE(rule);
    auto task = settled();
    CHECK(error(gradcheck(task, rule, 1e-2)) / error(gradcheck(task, rule, 1e-3)) == doctest::Approx(100).epsilon(0.1));
    task.extra_rule = "sides = \"one\"\n";
    CHECK(error(gradcheck(task, rule, 1e-2)) / error(gradcheck(task, rule, 1e-3)) == doctest::Approx(10).epsilon(0.1));
  }
}

TEST_CASE("the forward nudge is called biased and is, and comes near on a circuit that is fast against the signal") {
  const auto slow = gradcheck(of(diodes), "forward_nudge");
  CHECK(slow.at("classification").at("verdict") == "biased");
  CHECK(error(slow) > 0.01);
  auto fast = of(diodes);
  for (const char* value : {"0.1\nC2", "0.05\n.end"}) fast.deck.replace(fast.deck.find(value), value[3] == '\n' ? 3 : 4, "1m");
  CHECK(gradcheck(fast, "forward_nudge").at("cosine") > 0.999);
}

TEST_CASE("a lossless rule on a lossy circuit is called biased, with the element, and is") {
  const auto json = gradcheck(of(ladder), "hamiltonian_echo");
  CHECK(json.at("classification").at("verdict") == "biased");
  CHECK(json.at("classification").at("reason").get<std::string>().starts_with("r1 (resistor) is no inductor or capacitor"));
  CHECK(error(json) > 0.01);
}

TEST_CASE("a rule that cannot give a number says why, and exits with 2") {
  CHECK(refused(of(lossless, "bdf2"), "hamiltonian_echo") ==
        "b.toml:17: [rule] name: hamiltonian_echo runs on the time-symmetric method alone; expected [time] method = \"trap\"");
  CHECK(refused(of(ladder), "periodic_echo") == "b.toml:17: [rule] name: periodic_echo needs the drive's period; expected [rule] period");
  CHECK(refused(of(lossless), "equilibrium") ==
        "b.toml:17: [rule] name: equilibrium does not apply here: nothing dissipates: no fixed point is ever reached");
  auto moving = settled();
  moving.input = "0.8*sin(t)";
  CHECK(refused(moving, "equilibrium").find("it has not settled; expected constant inputs and a longer [time] stop") != std::string::npos);
  auto whole = periodic();
  whole.extra_loss = "";
  CHECK(refused(whole, "periodic_echo") ==
        "b.toml:17: [rule] periodic_echo: the loss looks at more than the last period, where the state has settled; give it a window there");
  auto fractional = of(ladder);
  fractional.deck.replace(fractional.deck.find("L1 1 2 2"), 8, "YCPE p 1 2 q=1 alpha=0.5");
  CHECK(refused(fractional, "hamiltonian_echo") ==
        "b.toml:17: [rule] name: hamiltonian_echo does not apply here: ycpe!p (constant-phase element): its memory is no state that could be stored and reversed");
  auto coupled = of(ladder);
  coupled.deck.replace(coupled.deck.find("L1 1 2 2"), 8, "L1 1 2 2\nL2 2 0 1\nK1 L1 L2 0.5");
  CHECK(refused(coupled, "echo") == "b.toml: [train] parameters: l1.l acts in two windings at once, so no cell can measure its gradient; expected rule = "
                                    "\"adjoint\", or patterns without it");
}

TEST_CASE("classify says what each rule demands of the chip") {
  const Folder folder;
  folder.write("d.cir", damped);
  const auto json = json_of(run_tellegen(folder, {"classify", "d.cir", "--json", "-"}));
  std::map<std::string, std::vector<std::string>> demands;
  for (const auto& row : json.at("rules")) demands[row.at("rule")] = row.at("demands").get<std::vector<std::string>>();
  CHECK(demands.size() == 10);
  CHECK(demands.at("adjoint") == std::vector<std::string>{"emulator only"});
  CHECK(demands.at("gain_flip_echo") ==
        std::vector<std::string>{"stored end state", "capacitors that exchange their terminals", "negative conductance", "trace memory at trained resistors and capacitors"});
  CHECK(demands.at("periodic_echo") == std::vector<std::string>{"lock-in detection at the drive's harmonics"});
}

TEST_CASE("levels of constant sources are trained by the adjoint when named, from rest and from DC, and refused to cells") {
  constexpr const char* biased =
      "biased\nI1 0 1 0\nV1 3 0 0.6\nR5 3 2 1.5\nI2 0 2 0.2\n.model sh R (law=sinh k0=0.2 k1=0.1 z0=0.5)\nR1 1 2 1\nR2 2 0 sh\nC1 1 0 0.1\nC2 2 0 0.05\n.end\n";
  for (const std::string start : {"rest", "dc"}) {
    CAPTURE(start);
    auto task = of(biased, "bdf2");
    task.start = start;
    const Folder folder;
    write(folder, task, "adjoint");
    folder.write("b.toml", folder.read("b.toml") + "[train]\nparameters = [\"v1.dc\", \"i2.dc\", \"r1.g\"]\n");
    const auto json = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--finite-difference", "--json", "-"}));
    CHECK(json.at("parameters").size() == 3);
    for (const auto& p : json.at("parameters"))
      CHECK(p.at("finite_difference").get<double>() == doctest::Approx(p.at("exact").get<double>()).epsilon(1e-6));
    CHECK(refusal(folder, {"gradcheck", "b.toml", "--rule", "echo"}).find("v1.dc is the level of a source, which has no cell") != std::string::npos);
  }
  const Folder folder;
  write(folder, of(biased, "bdf2"), "adjoint");
  const auto all = json_of(run_tellegen(folder, {"gradcheck", "b.toml", "--json", "-"}));
  for (const auto& p : all.at("parameters")) CHECK_FALSE(p.at("name").get<std::string>().ends_with(".dc"));
}
