#pragma once
// The one exception family of everything that is built from what a user wrote: decks, benches, data files, parameters.

#include <stdexcept>
#include <string>
#include <string_view>

namespace tellegen {

/// Place in a user's file. `line` counts from 1; 0 means that the whole file is meant.
struct SourceLocation {
  std::string file;
  int line = 0;
};

/// Bad input, told in one line: `FILE:LINE: SUBJECT: what is wrong, what was expected`. The program ends with exit code 2.
class InputError : public std::runtime_error {
 public:
  /// @param where    file and line; an empty file name leaves the prefix out
  /// @param subject  element, key or column that is meant; may be empty
  /// @param message  what is wrong and what was expected
  InputError(const SourceLocation& where, std::string_view subject, std::string_view message)
      : std::runtime_error(compose(where, subject, message)) {}

 private:
  static std::string compose(const SourceLocation& where, std::string_view subject, std::string_view message) {
    std::string text;
    if (!where.file.empty()) {
      text += where.file;
      if (where.line > 0) text += ":" + std::to_string(where.line);
      text += ": ";
    }
    if (!subject.empty()) text.append(subject).append(": ");
    return text.append(message);
  }
};

}  // namespace tellegen
