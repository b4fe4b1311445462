// Every way in which a deck can be wrong ends in exit code 2 and one line that says where.

#include <doctest/doctest.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

/// Line in which `sim` refuses a deck of this title and these cards, without the file's name.
std::string refused(const std::string& cards) {
  const Folder folder;
  folder.write("d.cir", "title\n" + cards + "\n.end\n");
  const auto line = refusal(folder, {"sim", "d.cir"});
  CHECK(line.starts_with("d.cir"));
  return line.substr(line.find(':') + 1);
}

}  // namespace

TEST_CASE("a device that does not exist is refused with its line") {
  CHECK(refused("V1 a 0 1\nYFOO q a 0 1\n.op").starts_with("3: YFOO: unknown device \"YFOO\"; known are V I X R C L"));
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\nQ1 a a 0 npn\n.op") ==
        "4: Q1: device Q (the bipolar transistor) is not supported yet");
}

TEST_CASE("a missing model is refused with the device that asks for it") {
  CHECK(refused("V1 a 0 1\nD1 a 0 dm\n.op") == "3: D1: \"dm\" is neither a number nor the name of a model");
}

TEST_CASE("a model of the wrong type, an unknown law and an unknown parameter are refused") {
  CHECK(refused("V1 a 0 1\nD1 a 0 m\n.model m R (law=tanh k0=1)\n.op").find("of type R, a diode takes type D") !=
        std::string::npos);
  CHECK(refused("V1 a 0 1\nR1 a 0 m\n.model m R (law=cubic k0=1)\n.op")
            .starts_with("4: .model m: unknown law \"cubic\""));
  CHECK(refused("V1 a 0 1\nR1 a 0 m\n.model m R (law=tanh kk=1)\n.op")
            .starts_with("4: .model m: unknown parameter \"kk\""));
}

TEST_CASE("a dangling node is refused with the element that leads to it") {
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\nR2 a b 1k\n.op") ==
        "4: r2: node \"b\" is dangling: nothing else is connected to it");
}

TEST_CASE("a node without a path to ground is refused") {
  CHECK(
      refused("V1 a 0 1\nR1 a 0 1k\nC1 b c 1n\nC2 b c 1n\n.op").starts_with("4: c1: node \"b\" has no path to ground"));
}

TEST_CASE("a loop of voltage sources is refused with the source that closes it") {
  CHECK(refused("V1 a 0 1\nV2 b a 2\nV3 b 0 2\nR1 b 0 1k\n.op") ==
        "4: v3: closes a loop of voltage sources; put a resistor in the loop");
}

TEST_CASE("a zero and a negative capacitance are refused, with the value as it was typed") {
  CHECK(refused("V1 a 0 1\nC1 a 0 0\n.op") == "3: C1: capacitance must be positive, got \"0\"");
  CHECK(refused("V1 a 0 1\nC1 a 0 -2n\n.op") == "3: C1: capacitance must be positive, got \"-2n\"");
}

TEST_CASE("a name that is used twice is refused with both places") {
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\nR1 a 0 2k\n.op").find("line 3") != std::string::npos);
}

TEST_CASE("what is printed, saved or preset must exist") {
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.op\n.print op v(zz)") == "5: .print: v(zz): there is no node \"zz\"");
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.op\n.save v(a,zz)") == "5: .save: v(a,zz): there is no node \"zz\"");
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.op\n.save i(r1)")
            .starts_with("5: .save: i(r1): the current of a voltage source is expected"));
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.op\n.ic v(zz)=1") == "5: .ic: v(zz): there is no node \"zz\"");
}

TEST_CASE("a deck without an analysis says which ones there are") {
  CHECK(refused("V1 a 0 1\nR1 a 0 1k") == " the deck asks for no analysis; add .op or .tran");
}

TEST_CASE("an analysis that this release lacks is refused, not passed over") {
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.ac dec 10 1 1k") == "4: .ac (the small-signal analysis) is not supported yet");
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.dc V1 0 1 0.1") == "4: .dc (the DC sweep) is not supported yet");
}

TEST_CASE("a transient of no steps, of negative ones and of far too many is refused") {
  CHECK(
      refused("V1 a 0 1\nR1 a 0 1k\n.tran 1n").starts_with("4: .tran: tstep tstop [tstart [tmax]] [uic] is expected"));
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.tran -1n 1u").starts_with("4: .tran: tstep must be positive"));
  CHECK(refused("V1 a 0 1\nR1 a 0 1k\n.tran 1f 1").find("steps are too many") != std::string::npos);
}

TEST_CASE("a file that is missing, a folder, empty or no text is refused by its name") {
  const Folder folder;
  folder.write("empty.cir", "");
  folder.write("binary.cir", std::string("t\nR1 a\0b 0 1\n", 13));
  CHECK(refusal(folder, {"sim", "none.cir"}).starts_with("none.cir: cannot open"));
  CHECK(refusal(folder, {"sim", "."}).find("is a folder, a file is expected") != std::string::npos);
  CHECK(refusal(folder, {"sim", "empty.cir"}) == "empty.cir: the deck has no devices; its first line is the title");
  CHECK(refusal(folder, {"sim", "binary.cir"}) == "binary.cir: \"binary.cir\" is no text file");
}

TEST_CASE("an error in an included file is told with that file and its line") {
  const Folder folder;
  folder.write("d.cir", "title\n.include parts/rc.inc\nV1 a 0 1\n.op\n.end\n");
  folder.write("parts/rc.inc", "R1 a b 1k\nC1 b 0 -1n\n");
  CHECK(refusal(folder, {"sim", "d.cir"}) == "parts/rc.inc:2: C1: capacitance must be positive, got \"-1n\"");
}
