// Every way in which a bench can be wrong, and the whole line that says so.

#include <doctest/doctest.h>

#include <random>

#include "runtime/training/bench.hpp"
#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;

namespace {

constexpr const char* sound_bench = R"toml([bench]
deck = "lowpass.cir"
[time]
step = "10 ns"
stop = "1 us"
[[loss]]
kind = "mse"
probe = "v(out)"
target = { expr = "0" }
)toml";

std::string error_in(const BenchFolder& folder, const std::string& bench) {
  const auto file = folder.write("b.toml", bench);
  return folder.without_folder(error_of([&] { (void)read_bench(file); }));
}

/// Message for the sound bench with one line replaced by another; "" adds the new line at the end, as line 10.
std::string error_with(std::string_view line, std::string_view instead) {
  std::string text = sound_bench;
  if (line.empty())
    text += instead;
  else
    text.replace(text.find(line), line.size(), instead);
  const BenchFolder folder;
  return error_in(folder, text);
}

}  // namespace

TEST_CASE("the sound bench of these tests has no error") { CHECK(error_with("", "") == "(no error)"); }

TEST_CASE("a bench that cannot be read is named") {
  const BenchFolder folder;
  CHECK(folder.without_folder(error_of([&] { (void)read_bench(folder.path() / "none.toml"); })) ==
        "none.toml: cannot be read: No such file or directory");
}

TEST_CASE("a syntax error has its line") {
  CHECK(error_with("stop = \"1 us\"", "stop = \"1 us").starts_with("b.toml:5: "));
  CHECK(error_with("", "[time]\n").starts_with("b.toml:10: "));
}

TEST_CASE("a limit of memory is a whole number of MiB") {
  CHECK(error_with("stop = \"1 us\"", "stop = \"1 us\"\nmemory = 0") == "b.toml:6: [time] memory: a whole number of MiB from 1 on is expected, got 0");
  CHECK(error_with("stop = \"1 us\"", "stop = \"1 us\"\nmemory = 512") == "(no error)");
}

TEST_CASE("an unknown key or table is refused with the nearest known one") {
  CHECK(error_with("stop =", "stpo =") == "b.toml:5: [time] stpo: unknown key, did you mean \"stop\"?");
  CHECK(error_with("stop =", "temperature =") ==
        "b.toml:5: [time] temperature: unknown key, expected step, stop, method, start, history, terms, memory");
  CHECK(error_with("", "[tran]\n") == "b.toml:10: tran: unknown table, did you mean \"train\"?");
  CHECK(error_with("[bench]", "seeds = 3\n[bench]")
            .starts_with("b.toml:1: seeds: unknown key outside of a table, expected bench"));
  CHECK(error_with("expr =", "exrp =") == "b.toml:9: [[loss]] target.exrp: unknown key, did you mean \"expr\"?");
  CHECK(error_with("", "[chip]\nclocks = 3\n") == "b.toml:11: [chip] clocks: unknown key, did you mean \"clock\"?");
  CHECK(error_with("", "[[held_out.inputs]]\n") ==
        "b.toml:10: [held_out] inputs: unknown key, did you mean \"input\"?");
  CHECK(error_with("", "[baseline]\ndeck = \"lowpass.cir\"\nname = \"x\"\n") ==
        "b.toml:12: [baseline] name: unknown key, expected deck");
}

TEST_CASE("a missing key or table is named") {
  CHECK(error_with("step = \"10 ns\"", "") == "b.toml:3: [time]: \"step\" is missing");
  CHECK(error_with("deck = \"lowpass.cir\"", "") == "b.toml:1: [bench]: \"deck\" is missing");
  CHECK(error_with("probe = \"v(out)\"", "") == "b.toml:6: [[loss]]: \"probe\" is missing");
  CHECK(error_with("target = { expr = \"0\" }", "") == "b.toml:6: [[loss]]: \"target\" is missing");
  CHECK(error_with("", "[[input]]\nexpr = \"1\"\n") == "b.toml:10: [[input]]: \"source\" is missing");
  CHECK(error_with("", "[train]\nepochs = 5\n") == "b.toml:10: [train]: \"rate\" is missing");
  const BenchFolder folder;
  CHECK(error_in(folder, "[bench]\ndeck = \"lowpass.cir\"\n") == "b.toml: [time]: \"step\" is missing");
  CHECK(error_in(folder, "[bench]\ndeck = \"lowpass.cir\"\n[time]\nstep = 1\nstop = 2\n") ==
        "b.toml: [[loss]]: one at least is expected: it says what the circuit has to learn");
}

TEST_CASE("a value of the wrong type is told with what it is") {
  CHECK(error_with("deck = \"lowpass.cir\"", "deck = 3") ==
        "b.toml:2: [bench] deck: a text in quotes is expected, got the number 3");
  CHECK(error_with("deck = \"lowpass.cir\"", "deck = \"\"") == "b.toml:2: [bench] deck: the text is empty");
  CHECK(error_with("step = \"10 ns\"", "step = true") ==
        "b.toml:4: [time] step: a time with its unit, or a number in SI, is expected, got true");
  CHECK(error_with("step = \"10 ns\"", "step = nan").starts_with("b.toml:4: [time] step: a time with its unit"));
  CHECK(error_with("deck =", "seed = 1.5\ndeck =") ==
        "b.toml:2: [bench] seed: a whole number is expected, got the number 1.5");
  CHECK(error_with("deck =", "seed = -1\ndeck =") ==
        "b.toml:2: [bench] seed: a whole number from 0 on is expected, got -1");
  CHECK(error_with("target = { expr = \"0\" }", "target = true") ==
        "b.toml:9: [[loss]] target: a waveform such as { csv = \"target.csv\" }, or one value such as \"0.3 V\", is "
        "expected, got true");
  CHECK(error_with("", "[limits]\nfinal_loss = 2020-01-01\n") ==
        "b.toml:11: [limits] final_loss: a finite number is expected, got a date");
  CHECK(error_with("[[loss]]", "[loss]") ==
        "b.toml:6: loss: tables are expected, each under a line [[loss]], got a table");
  CHECK(error_with("[bench]", "[[bench]]") ==
        "b.toml:1: bench: a table is expected, under a line [bench], got an array");
}

TEST_CASE("files that are not there are named at the bench's line") {
  CHECK(error_with("lowpass.cir", "none.cir") == "b.toml:2: [bench] deck: \"none.cir\" cannot be read");
  CHECK(error_with("lowpass.cir", "..").find(" is a folder") != std::string::npos);
  CHECK(error_with("", "[baseline]\ndeck = \"hand.cir\"\n") ==
        "b.toml:11: [baseline] deck: \"hand.cir\" cannot be read");
  CHECK(error_with("expr = \"0\"", "csv = \"none.csv\"") ==
        "b.toml:9: [[loss]] target.csv: none.csv: cannot be read: No such file or directory");
}

TEST_CASE("times are checked for dimension, sign, order and number of steps") {
  CHECK(error_with("10 ns", "5 kg") ==
        "b.toml:4: [time] step: \"5 kg\" is a mass; a time is expected, such as \"10 ns\"");
  CHECK(error_with("10 ns", "-1 ns") == "b.toml:4: [time] step: a positive time is expected, got -1 ns");
  CHECK(error_with("10 ns", "0 s") == "b.toml:4: [time] step: a positive time is expected, got 0 s");
  CHECK(error_with("1 us", "1 ns") == "b.toml:5: [time] stop: 1 ns is shorter than one step of 10 ns");
  CHECK(error_with("1 us", "1 ks").starts_with("b.toml:4: [time] step: 1e+11 steps of 10 ns up to 1 ks are too many"));
}

TEST_CASE("the history of fractional orders is one of three, and only sums of exponentials have terms") {
  const auto with = [](const std::string& lines) { return error_with("[[loss]]", lines + "\n[[loss]]"); };
  CHECK(with("history = \"fft\"") == "(no error)");
  CHECK(with("history = \"fast\"") == "b.toml:6: [time] history: \"fast\" is unknown, expected direct | fft | exponentials");
  CHECK(with("history = \"exponentials\"\nterms = 24") == "b.toml:7: [time] terms: 20 or 32 exponentials are expected, got 24");
  CHECK(with("history = \"fft\"\nterms = 20") == "b.toml:7: [time] terms: only history = \"exponentials\" has terms");
  CHECK(with("terms = 32") == "b.toml:6: [time] terms: only history = \"exponentials\" has terms");
}

TEST_CASE("method and start are among those known") {
  CHECK(error_with("[[loss]]", "method = \"euler\"\n[[loss]]") ==
        "b.toml:6: [time] method: \"euler\" is unknown, expected be | bdf2 | trap");
  CHECK(error_with("[[loss]]", "start = \"warm\"\n[[loss]]") ==
        "b.toml:6: [time] start: \"warm\" is unknown, expected rest | dc");
  CHECK(error_with("[[loss]]", "start = \"zero\"\n[[loss]]") ==
        "b.toml:6: [time] start: \"zero\" is unknown, expected rest | dc");
}

TEST_CASE("losses: kind, probe, weight and window are checked") {
  CHECK(error_with("\"mse\"", "\"mae\"") == "b.toml:7: [[loss]] kind: \"mae\" is unknown, expected mse | final_mse | cross_entropy | expr");
  CHECK(error_with("v(out)", "out") ==
        "b.toml:8: [[loss]] probe: \"out\" is no probe, expected v(node), v(node,node), i(element), z(element) or q(element)");
  CHECK(error_with("", "weight = -1\n") == "b.toml:10: [[loss]] weight: a weight is not negative, got -1");
  CHECK(error_with("", "window = [\"0 s\"]\n") == "b.toml:10: [[loss]] window: a pair is expected, got 1 values");
  CHECK(error_with("", "window = \"all\"\n") ==
        "b.toml:10: [[loss]] window: a pair such as [\"0 s\", \"2 us\"] is expected, got \"all\"");
  CHECK(error_with("", "window = [\"0 s\", \"2 V\"]\n")
            .starts_with("b.toml:10: [[loss]] window: \"2 V\" is a voltage; a time is expected"));
  CHECK(error_with("", "window = [\"2 us\", \"1 us\"]\n") ==
        "b.toml:10: [[loss]] window: it ends before it begins: 2 us to 1 us");
  CHECK(error_with("", "window = [\"2 us\", \"3 us\"]\n") ==
        "b.toml:10: [[loss]] window: no step lies in 2 us to 3 us; the steps lie at 10 ns to 1 us");
  CHECK(error_with("\"mse\"", "\"final_mse\"\nwindow = [0, 1]") ==
        "b.toml:8: [[loss]] window: a final_mse looks at the last step alone");
}

TEST_CASE("a source has one input") {
  CHECK(error_with("", "[[input]]\nsource = \"i1\"\nexpr = \"1\"\n[[input]]\nsource = \"I1\"\nexpr = \"2\"\n") ==
        "b.toml:14: [[input]] source: \"i1\" has an input already, on line 10");
}

TEST_CASE("training settings are checked") {
  const auto train = [](const std::string& line) { return error_with("", "[train]\n" + line + "\n"); };
  CHECK(train("parameters = \"r*.g\"") == "b.toml:11: [train] parameters: an array of texts is expected, got \"r*.g\"");
  CHECK(train("parameters = [\n\"r*.g\",\n3]") ==
        "b.toml:13: [train] parameters: a text in quotes is expected, got the number 3");
  CHECK(train("parameters = []") ==
        "b.toml:11: [train] parameters: the array is empty, expected patterns such as \"r*.g\"");
  CHECK(train("optimizer = \"sdg\"") ==
        "b.toml:11: [train] optimizer: \"sdg\" is unknown, expected sgd | momentum | adam");
  CHECK(train("scaling = \"log\"") == "b.toml:11: [train] scaling: \"log\" is unknown, expected none | value");
  CHECK(train("rate = 0") == "b.toml:11: [train] rate: a positive number is expected, got 0");
  CHECK(train("rate = \"fast\"") == "b.toml:11: [train] rate: a finite number is expected, got \"fast\"");
  CHECK(train("momentum = 0.5") == "b.toml:11: [train] momentum: only optimizer = \"momentum\" has this");
  CHECK(train("optimizer = \"momentum\"\nmomentum = 1") ==
        "b.toml:12: [train] momentum: a number from 0 up to, not including, 1 is expected, got 1");
  CHECK(train("epochs = -1") == "b.toml:11: [train] epochs: a whole number from 0 on is expected, got -1");
}

TEST_CASE("bounds are pairs under quoted patterns") {
  const auto train = [](const std::string& line) { return error_with("", "[train]\n" + line + "\n"); };
  CHECK(train("bounds = [1, 2]") ==
        "b.toml:11: [train] bounds: a table such as { \"r*.g\" = [\"1 uS\", \"1 mS\"] } is expected, got an array");
  CHECK(train("bounds = { \"r1.g\" = 3 }") ==
        "b.toml:11: [train] bounds.r1.g: a pair such as [\"1 uS\", \"1 mS\"] is expected, got the number 3");
  CHECK(train("bounds = { r1.g = [1, 2] }") ==
        "b.toml:11: [train] bounds.r1: a name with a dot needs quotes here, such as \"r1.g\"");
  CHECK(train("bounds = { \"r1.g\" = [true, 2] }") ==
        "b.toml:11: [train] bounds.r1.g: a quantity such as \"1 uS\" or a number in SI is expected, got true");
}

TEST_CASE("rule settings are checked") {
  const auto rule = [](const std::string& line) { return error_with("", "[rule]\n" + line + "\n"); };
  CHECK(rule("name = \"backprop\"") ==
        "b.toml:11: [rule] name: \"backprop\" is unknown, expected adjoint | echo | biased_echo | hamiltonian_echo | gain_flip_echo | "
        "periodic_echo | action_nudge | equilibrium | coupled | forward_nudge");
  CHECK(rule("beta = 0") == "b.toml:11: [rule] beta: a positive number is expected, got 0");
  CHECK(rule("sides = \"both\"") == "b.toml:11: [rule] sides: \"both\" is unknown, expected centred | one | holomorphic");
  CHECK(rule("name = \"echo\"\nsides = \"holomorphic\"") ==
        "b.toml:12: [rule] sides: only a settled fixed point is nudged by complex amplitudes: expected name = \"equilibrium\", got \"echo\"");
  CHECK(rule("points = 4") == "b.toml:11: [rule] points: only sides = \"holomorphic\" has this");
  CHECK(rule("period = \"3 ns\"") == "b.toml:11: [rule] period: a whole number of steps of 10 ns is expected, got 3 ns");
  CHECK(rule("tail = \"0 s\"") == "b.toml:11: [rule] tail: a whole number of steps of 10 ns is expected, got 0 s");
  CHECK(rule("controlled_sources = \"no\"") ==
        "b.toml:11: [rule] controlled_sources: \"no\" is unknown, expected swapped | fixed");
}

TEST_CASE("the clock's period is a whole number of steps, and cells come in a tile or as modules") {
  const auto clock = [](const std::string& value) { return error_with("", "[chip]\nclock = " + value + "\n"); };
  CHECK(clock("\"10 MHz\"") == "(no error)");
  CHECK(clock("1e8") == "(no error)");
  CHECK(
      clock("\"30 MHz\"") ==
      "b.toml:11: [chip] clock: the period of 30 MHz, 33.33 ns, is 3.333333 steps of 10 ns; a whole number of steps is "
      "expected, such as 33333333.3333 Hz");
  CHECK(clock("33333333.3333") == "(no error)");
  CHECK(clock("\"1 GHz\"").ends_with("a whole number of steps is expected, such as 100 MHz"));
  CHECK(clock("\"10 ns\"").starts_with("b.toml:11: [chip] clock: \"10 ns\" is a time; a frequency is expected"));
  CHECK(clock("0") == "b.toml:11: [chip] clock: a positive frequency is expected, got 0 Hz");
  CHECK(error_with("", "[chip]\ncells = \"tiles\"\n") == "b.toml:11: [chip] cells: \"tiles\" is unknown, expected tile | modules");
  CHECK(clock("\"100 kHz\"") == "b.toml:11: [chip] clock: the period, 10 us, is longer than the run of 1 us");
}

TEST_CASE("limits and report are checked") {
  CHECK(error_with("", "[limits]\ngradient_cosine = 99\n") ==
        "b.toml:11: [limits] gradient_cosine: a cosine lies in -1 to 1, got 99");
  CHECK(error_with("", "[limits]\nrelative_error = -0.1\n") ==
        "b.toml:11: [limits] relative_error: it is never negative, so nothing could meet this limit");
  CHECK(error_with("", "[limits]\nheld_out_loss = 1\n") ==
        "b.toml:11: [limits] held_out_loss: there is no [held_out] data to compute it on");
  CHECK(error_with("", "[report]\nchip_ratios = [1, 2.5]\n") ==
        "b.toml:11: [report] chip_ratios: steps per clock are whole numbers from 1 on, got 2.5");
  CHECK(error_with("", "[report]\nchip_ratios = [1, 101]\n") ==
        "b.toml:11: [report] chip_ratios: a clock of 101 steps is longer than the run of 100");
  CHECK(error_with("", "[report]\nwaves = [1]\n") ==
        "b.toml:11: [report] waves: a text in quotes is expected, got the number 1");
}

TEST_CASE("held-out data have a loss of their own") {
  CHECK(error_with("", "[[held_out.input]]\nsource = \"i1\"\nexpr = \"1\"\n") ==
        "b.toml:10: [[held_out.loss]]: one at least is expected: it says what the circuit has to learn");
  CHECK(error_with("", "[[held_out.loss]]\nkind = \"mse\"\nprobe = \"v(a)\"\n") ==
        "b.toml:10: [[held_out.loss]]: \"target\" is missing");
}

TEST_CASE("a bench with any few letters changed is read, or refused in one line that begins with a file") {
  const BenchFolder folder;
  const std::string sound =
      std::string(sound_bench) +
      "window = [\"0 s\", \"1 us\"]\n[[input]]\nsource = \"i1\"\nsamples = [1, 2]\n[train]\nparameters = "
      "[\"*\"]\nbounds = { \"r*.g\" = [\"1 uS\", 2] }\n[rule]\nname = \"echo\"\n[chip]\nclock = \"10 MHz\"\n";
  const std::string letters = "\"[]{}=.,#\n x10-ens\\'\x01\xC3";
  std::minstd_rand random(1);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    auto text = sound;
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      text[random() % text.size()] = letters[random() % letters.size()];
    if (i % 5 == 0) text.resize(random() % text.size());
    const auto message = error_in(folder, text);
    if (message == "(no error)") continue;
    ++refused;
    CAPTURE(text);
    CAPTURE(message);
    CHECK(message.starts_with("b.toml:"));
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK(refused > 1000);
}
