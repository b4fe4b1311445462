#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "testbenches/unit/deck/deck_text.hpp"

using namespace tellegen;
using namespace deck_test;

namespace {

/// A folder of its own for files that a test writes.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("tellegen_deck_test_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {
    std::filesystem::create_directories(path_ / "sub");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string message_of_file(const std::string& path) {
  try {
    static_cast<void>(read_deck(path));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("the first line is the title even when it looks like a device") {
  const auto deck = read_deck_text("R1 a 0 1k\nR2 a 0 2k\nV1 a 0 1\n.end\n", "t.cir");
  CHECK(deck.title == "R1 a 0 1k");
  CHECK(deck.file == "t.cir");
  CHECK(deck.circuit.branches().size() == 1);
  CHECK(deck_of(".title the real one\nR1 a 0 1k\nV1 a 0 1\n").title == "the real one");
}

TEST_CASE("comments, continuations, blank lines, line ends of Windows and case do not matter") {
  const auto deck = deck_of(
      "* a comment\r\n"
      "\r\n"
      "V1 In 0 ; the source\r\n"
      "   * another comment between\r\n"
      "+ DC\r\n"
      "\t+ 5 $ volts\r\n"
      "R1 IN OUT 1K $\r\n"
      "r2 out GND 2k ; load\r\n"
      ".END\r\n");
  CHECK(source(deck, "v1").waveform.dc() == 5);
  CHECK(source(deck, "v1").where.line == 4);
  CHECK(parameter(deck, "r1.r") == doctest::Approx(1000));
  CHECK(parameter(deck, "r2.r") == doctest::Approx(2000));
  CHECK(deck.circuit.node_count() == 3);
  CHECK(deck.circuit.find_node("Out") == 2);
}

TEST_CASE("a dollar inside a word is no comment") {
  const auto deck = deck_of("R1 a$b 0 1k\nV1 a$b 0 1\n");
  CHECK(deck.circuit.find_node("a$b") == 1);
}

TEST_CASE("the end needs no .end, and a byte order mark is no part of the title") {
  CHECK(read_deck_text("\xEF\xBB\xBFhello\nR1 a 0 1\nV1 a 0 1", "t.cir").title == "hello");
}

TEST_CASE("a message names the first line of a continued card") {
  CHECK(message_of("R1 a 0 1k\nC3\n+ a 0\n+ -2n\nV1 a 0 1\n") ==
        "t.cir:3: C3: capacitance must be positive, got \"-2n\"");
}

TEST_CASE("bad shapes of lines are told") {
  CHECK(message_of("+ 5\n") == "t.cir:2: \"+\" continues a line, but there is none before it");
  CHECK(message_of("R1 a 0 1\n.end\nR2 a 0 1\n") == "t.cir:4: nothing may follow .end, got \"R2 a 0 1\"");
  CHECK(message_of("R1 a 0 {1+\n") == "t.cir:2: \"}\" is missing after \"{1+\"");
  CHECK(message_of("R1 a 0 '1+\n") == "t.cir:2: a closing quote is missing after \"'1+\"");
  CHECK(message_of("=5\n") == "t.cir:2: a device or a directive is expected, got \"=5\"");
  CHECK(message_of(".foo 1\nR1 a 0 1\n") == "t.cir:2: unknown directive \".foo\"");
  CHECK(message_of("5R a 0 1\n") == "t.cir:2: 5R: unknown device \"5\"; known are V I X R C L D G YFMEM YMEM YCPE YEL E F H K B YHH");
  CHECK(message_of("YFOO a b c\n") ==
        "t.cir:2: YFOO: unknown device \"YFOO\"; known are V I X R C L D G YFMEM YMEM YCPE YEL E F H K B YHH");
}

TEST_CASE("an empty deck is told") {
  CHECK(message_of("") == "t.cir: the deck has no devices; its first line is the title");
  CHECK_THROWS_WITH_AS(static_cast<void>(read_deck_text("", "t.cir")),
                       "t.cir: the deck has no devices; its first line is the title", InputError);
}

TEST_CASE("what a later release brings is refused by name, never skipped") {
  const std::string net = "R1 a 0 1\nV1 a 0 1\n";
  CHECK(message_of(net + ".dc v1 0 1 0.1\n") == "t.cir:4: .dc (the DC sweep) is not supported yet");
  CHECK(message_of(net + ".AC dec 10 1 1k\n") == "t.cir:4: .ac (the small-signal analysis) is not supported yet");
  CHECK(message_of(net + ".measure tran x max v(a)\n") == "t.cir:4: .measure (measurement) is not supported yet");
  CHECK(message_of(net + ".control\n") == "t.cir:4: .control (a command script of ngspice) is not supported yet");
  CHECK(message_of(net + "S1 a 0 a 0 sw\n").find("device S") != std::string::npos);
  CHECK(message_of(net + "M1 a a 0 0 n\n") == "t.cir:4: M1: device M (the MOS transistor) is not supported yet");
  CHECK(message_of(net + ".model n NMOS (vto=1)\n") ==
        "t.cir:4: .model n: model type NMOS (a MOS transistor) is not supported yet");
}

TEST_CASE("an include stands for its cards, relative to the file that includes it") {
  const Folder folder;
  const auto main = folder.write("main.cir", "title\n.include sub/part.inc\nV1 a 0 1\n.end\n");
  folder.write("sub/part.inc", "R1 a b 1k\n.include \"Deeper.inc\"\n");
  folder.write("sub/Deeper.inc", "R2 b 0 1k\n.end\n");
  const auto deck = read_deck(main);
  CHECK(deck.circuit.branches().size() == 2);
  CHECK(branch(deck, "r2").where.file == folder / "sub/Deeper.inc");
  CHECK(branch(deck, "r2").where.line == 1);
  CHECK(deck.file == main);
}

TEST_CASE("a mistake in an included file is told with that file and line") {
  const Folder folder;
  const auto main = folder.write("main.cir", "title\n.inc 'sub/part.inc'\nV1 a 0 1\n");
  folder.write("sub/part.inc", "* first\nR1 a 0 zero\n");
  CHECK(message_of_file(main) ==
        (folder / "sub/part.inc") + ":2: R1: \"zero\" is neither a number nor the name of a model");
}

TEST_CASE("includes that cannot be are told where they are asked for") {
  const Folder folder;
  const auto main = folder.write("main.cir", "title\n.include nothing.inc\n");
  CHECK(message_of_file(main) == main + ":2: .include: cannot open \"" + (folder / "nothing.inc") + "\"");
  folder.write("main.cir", "title\n.include sub\n");
  CHECK(message_of_file(main) == main + ":2: .include: \"" + (folder / "sub") + "\" is a folder, a file is expected");
  folder.write("main.cir", "title\n.include\n");
  CHECK(message_of_file(main) == main + ":2: .include: a file name is expected");
  folder.write("main.cir", "title\n.include a.inc\n");
  folder.write("a.inc", ".include b.inc\n");
  folder.write("b.inc", "\n.include ./sub/../a.inc\n");
  CHECK(message_of_file(main) == (folder / "b.inc") + ":2: .include: \"./sub/../a.inc\" includes itself");
  folder.write("main.cir", "title\n.include main.cir\n");
  CHECK(message_of_file(main) == main + ":2: .include: \"main.cir\" includes itself");
  CHECK(message_of_file(folder / "none.cir") ==
        (folder / "none.cir") + ": cannot open \"" + (folder / "none.cir") + "\"");
}

TEST_CASE("one file may be included twice where that makes sense") {
  const Folder folder;
  const auto main = folder.write(
      "main.cir",
      "t\n.subckt s1 a\n.include r.inc\n.ends\n.subckt s2 a\n.include r.inc\n.ends\nX1 n s1\nX2 n s2\nV1 n 0 1\n");
  folder.write("r.inc", "R1 a 0 1k\n");
  CHECK(read_deck(main).circuit.branches().size() == 2);
}
