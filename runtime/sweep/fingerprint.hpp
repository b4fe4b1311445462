#pragma once
// A number for everything that decides a result, so that a stored one is taken up only for the same question.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "runtime/training/toml_document.hpp"

namespace tellegen::sweep {

/// FNV-1a, 64 bits.
[[nodiscard]] std::uint64_t hash_of(std::string_view text, std::uint64_t start = 0xcbf29ce484222325U);

/// Fingerprints of benches of one folder. Files are read once.
class Fingerprints {
 public:
  /// @param folder  that the bench's file names are relative to
  /// @param what    all else that decides a result: the program, what is measured
  Fingerprints(std::filesystem::path folder, std::string what) : folder_(std::move(folder)), what_(std::move(what)) {}

  /// Fingerprint, 32 hexadecimal digits, of the bench's keys, and of the contents of every file that a text in it names, with the
  /// files that decks include. Left out is what decides no result: the bench's name, [limits], [report] and [baseline].
  [[nodiscard]] std::string of(const TomlTable& tree);

  /// The same of what decides the exact gradient, which is the circuit's: without [rule], and what the chip adds to the circuit; without the
  /// seed where nothing of the circuit is drawn.
  [[nodiscard]] std::string of_exact_gradient(const TomlTable& tree);

 private:
  [[nodiscard]] std::string of_tables(TomlTable tree);
  void append_files(std::string& text, const TomlNode& node, bool is_deck);
  [[nodiscard]] const std::string& content(const std::filesystem::path& file, bool is_deck);

  std::filesystem::path folder_;
  std::string what_;
  std::map<std::filesystem::path, std::string> contents_;  ///< hashes of files, with those that they include
};

}  // namespace tellegen::sweep
