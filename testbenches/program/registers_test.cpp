// `regs`: the register map in three languages.

#include <doctest/doctest.h>

#include "program/program_run.hpp"

using namespace tellegen::tests;

namespace {

std::string printed(const Folder& folder, const std::string& format) {
  const auto outcome = run_tellegen(folder, {"regs", "--format", format});
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(outcome.out.size() > 1000);
  return outcome.out;
}

}  // namespace

TEST_CASE("the register map is Markdown unless another language is asked for") {
  const Folder folder;
  const auto markdown = printed(folder, "md");
  CHECK(markdown.find("|---") != std::string::npos);
  CHECK(run_tellegen(folder, {"regs"}).out == markdown);
}

TEST_CASE("the C header of the register map compiles as C99 and as C++, without warnings") {
  const Folder folder;
  folder.write("registers.h", printed(folder, "h"));
  folder.write("firmware.c", "#include \"registers.h\"\n#include \"registers.h\"\nint main(void) { return 0; }\n");
  const auto compiler = installed("gcc") ? installed("gcc") : installed("cc");
  if (!compiler) {
    MESSAGE("no C compiler is installed: the header was printed, not compiled");
    return;
  }
  for (const std::vector<std::string>& language :
       {std::vector<std::string>{"-x", "c", "-std=c99"}, {"-x", "c++", "-std=c++17"}}) {
    std::vector<std::string> command{*compiler};
    command.insert(command.end(), language.begin(), language.end());
    command.insert(command.end(), {"-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "firmware.c"});
    const auto outcome = run_program(folder, command);
    INFO(outcome.err);
    CHECK(outcome.code == 0);
  }
}

TEST_CASE("the SystemRDL of the register map opens as many brackets as it closes") {
  const Folder folder;
  const auto text = printed(folder, "systemrdl");
  CHECK(text.find("addrmap") != std::string::npos);
  int depth = 0;
  for (const char c : text) {
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    REQUIRE(depth >= 0);
  }
  CHECK(depth == 0);
}
