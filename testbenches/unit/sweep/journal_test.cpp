#include "runtime/sweep/journal.hpp"

#include <doctest/doctest.h>

#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::sweep;
using namespace tellegen::tests;

TEST_CASE("what was added is found again by a later run, from the journals of all ranks") {
  const BenchFolder folder;
  CHECK(stored_results(folder.path() / "none").empty());
  {
    Journal journal(journal_of(folder.path(), 0)), other(journal_of(folder.path(), 3));
    journal.add("aa", R"({"cosine":0.5})");
    other.add("bb", "second");
    CHECK(is_held(folder.path() / "points.journal"));
    CHECK(is_held(folder.path() / "points-3.journal"));
  }
  CHECK_FALSE(is_held(folder.path() / "points.journal"));
  CHECK_FALSE(is_held(folder.path() / "points-9.journal"));
  CHECK(stored_results(folder.path()) == StoredResults{{"aa", R"({"cosine":0.5})"}, {"bb", "second"}});
}

TEST_CASE("a journal cut anywhere keeps its whole lines and takes new ones") {
  const BenchFolder folder;
  const auto file = folder.path() / "points.journal";
  {
    Journal journal(file);
    journal.add("aa", "first result");
    journal.add("bb", "second result");
  }
  const auto whole = content_of(file);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO("cut after " << length);
    folder.write("points.journal", whole.substr(0, length));
    const bool has_first = whole.substr(0, length).find("first result\n") != std::string::npos;
    CHECK(stored_results(folder.path()) == (has_first ? StoredResults{{"aa", "first result"}} : StoredResults{}));
    Journal(file).add("cc", "third result");
    auto expected = has_first ? StoredResults{{"aa", "first result"}} : StoredResults{};
    expected["cc"] = "third result";
    // A line that lacked nothing but its end is whole again.
    if (length + 1 == whole.size()) expected["bb"] = "second result";
    if (!has_first && whole.substr(0, length).ends_with("first result")) expected["aa"] = "first result";
    CHECK(stored_results(folder.path()) == expected);
  }
}

TEST_CASE("a line that was changed is passed over") {
  const BenchFolder folder;
  const auto file = folder.path() / "points.journal";
  {
    Journal journal(file);
    journal.add("aa", "0.99");
    journal.add("bb", "0.98");
  }
  auto content = content_of(file);
  content.replace(content.find("0.99"), 4, "0.90");
  folder.write("points.journal", content);
  CHECK(stored_results(folder.path()) == StoredResults{{"bb", "0.98"}});
}

TEST_CASE("a file that is no journal, and one that is in use, are refused") {
  const BenchFolder folder;
  const auto other = folder.write("notes.txt", "my notes\n");
  CHECK(folder.without_folder(error_of([&] { Journal journal(other); })) == "notes.txt: is no journal of a sweep; choose another folder with -o");
  CHECK(content_of(other) == "my notes\n");
  const auto file = folder.path() / "points.journal";
  const Journal journal(file);
  CHECK(folder.without_folder(error_of([&] { Journal second(file); })).starts_with("points.journal: another sweep is writing here"));
}
