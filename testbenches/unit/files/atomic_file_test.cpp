#include "runtime/files/atomic_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <thread>

#include "unit/training/bench_folder.hpp"

using namespace tellegen;
using namespace tellegen::tests;
namespace fs = std::filesystem;

TEST_CASE("a file is written whole, and written again over itself") {
  const BenchFolder folder;
  const auto file = folder.path() / "result.json";
  write_file_atomically(file, "first");
  CHECK(content_of(file) == "first");
  write_file_atomically(file, std::string(1'000'000, 'x'));
  CHECK(content_of(file) == std::string(1'000'000, 'x'));
  CHECK(read_whole_file(file) == std::string(1'000'000, 'x'));
}

TEST_CASE("nothing but the file itself is left in the folder") {
  const BenchFolder folder;
  write_file_atomically(folder.path() / "out" / "a.csv", "t,value\n", MissingFolders::create);
  CHECK(std::distance(fs::directory_iterator(folder.path() / "out"), {}) == 1);
}

TEST_CASE("a missing folder is refused, or made where that is asked for") {
  const BenchFolder folder;
  const auto file = folder.path() / "a" / "b" / "report.html";
  CHECK(folder.without_folder(error_of([&] { write_file_atomically(file, "x"); })) ==
        "a/b/report.html: cannot be written: No such file or directory");
  CHECK_FALSE(fs::exists(folder.path() / "a"));
  write_file_atomically(file, "x", MissingFolders::create);
  CHECK(content_of(file) == "x");
}

TEST_CASE("whether a file could be written is found out before, and nothing is left of that") {
  const BenchFolder folder;
  const auto message = [&](const fs::path& file) {
    return folder.without_folder(error_of([&] { check_writable(file); }));
  };
  folder.write("old", "kept");
  const auto files = [&] { return std::distance(fs::directory_iterator(folder.path()), {}); };
  const auto before = files();
  check_writable(folder.path() / "old");
  check_writable(folder.path() / "new");
  check_writable("/dev/null");
  CHECK(content_of(folder.path() / "old") == "kept");
  CHECK(files() == before);
  CHECK(message(folder.path() / "old" / "x") == "old/x: cannot be written: Not a directory");
  CHECK(message(folder.path() / "none" / "x") == "none/x: cannot be written: No such file or directory");
  CHECK(message(folder.path()).ends_with("cannot be written: Is a directory"));
}

TEST_CASE("a folder in the way, and a file in place of a folder, are said in one line") {
  const BenchFolder folder;
  fs::create_directory(folder.path() / "taken");
  CHECK(folder.without_folder(error_of([&] { write_file_atomically(folder.path() / "taken", "x"); })) ==
        "taken: cannot be written: Is a directory");
  folder.write("plain", "");
  CHECK(folder.without_folder(error_of([&] {
    write_file_atomically(folder.path() / "plain" / "deep" / "x", "x", MissingFolders::create);
  })) == "plain/deep: cannot be made: Not a directory");
}

TEST_CASE("a file that is replaced keeps its permissions, and a link stays a link") {
  const BenchFolder folder;
  const auto file = folder.write("real.json", "old");
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  const auto link = folder.path() / "link.json";
  fs::create_symlink("real.json", link);
  write_file_atomically(link, "new");
  CHECK(fs::is_symlink(link));
  CHECK(content_of(file) == "new");
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a pipe is written to, never replaced by a file") {
  const BenchFolder folder;
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string got;
  std::thread reader([&] { got = content_of(pipe); });
  write_file_atomically(pipe, "through the pipe");
  reader.join();
  CHECK(got == "through the pipe");
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("a reader never sees half a file while it is written over and over") {
  const BenchFolder folder;
  const auto file = folder.path() / "checkpoint";
  const std::array versions{std::string(200'000, 'a'), std::string(100'000, 'b')};
  write_file_atomically(file, versions[0]);
  std::thread writer([&] {
    for (std::size_t i = 0; i < 40; ++i) write_file_atomically(file, versions[i % 2]);
  });
  int torn = 0;
  for (int i = 0; i < 200; ++i) torn += std::count(versions.begin(), versions.end(), content_of(file)) != 1;
  writer.join();
  CHECK(torn == 0);
}

TEST_CASE("a file that is not there cannot be read") {
  const BenchFolder folder;
  CHECK(folder.without_folder(error_of([&] { (void)read_whole_file(folder.path() / "none.csv"); })) ==
        "none.csv: cannot be read: No such file or directory");
  CHECK(folder.without_folder(error_of([&] { (void)read_whole_file(folder.path() / "."); })) ==
        ".: cannot be read: Is a directory");
}
