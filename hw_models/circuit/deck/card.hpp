#pragma once
// Cards: the logical lines of a deck, cut into tokens. Includes and continuations are gone, places are kept.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tellegen/units/input_error.hpp"

namespace tellegen::deck {

/// One word, symbol or expression of a card.
struct Token {
  enum class Kind {
    word,        ///< name or number
    symbol,      ///< one of = ( ) ,
    expression,  ///< {...} or '...'; `word` is what stands inside
    quoted,      ///< "..."
  };
  Kind kind = Kind::word;
  std::string text;  ///< as typed, for messages and file names
  std::string word;  ///< lower case

  [[nodiscard]] bool is_symbol(char c) const { return kind == Kind::symbol && text.front() == c; }
  [[nodiscard]] bool is_word(std::string_view w) const { return kind == Kind::word && word == w; }
};

/// One logical line. `where` is its first physical line.
struct Card {
  std::string text;  ///< without comments, continuations joined
  std::vector<Token> tokens;
  SourceLocation where;

  [[nodiscard]] const Token& head() const { return tokens.front(); }
  [[nodiscard]] bool is_directive() const { return head().word.front() == '.'; }
  /// Tokens after the first `count`.
  [[nodiscard]] std::span<const Token> after(std::size_t count) const { return std::span(tokens).subspan(count); }
};

/// What a deck consists of after `.include`s are put in place and `.end` has ended it. No card is empty.
struct Cards {
  std::string title;
  std::vector<Card> cards;
  std::vector<std::string> files;  ///< of every `.include`, in the order of reading
};

/// @throws InputError unreadable or recursive include, text after `.end`, a continuation of nothing, an open brace or
/// quote
[[nodiscard]] Cards read_cards(std::string_view text, std::string_view file_name);

/// Whole text of a file.
/// @throws InputError at `asked_for` when it cannot be read
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, const SourceLocation& asked_for,
                                         std::string_view subject);

/// Cuts a text into tokens. Blanks separate; so do = ( ) and the comma, which are tokens themselves.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, const SourceLocation& where);

}  // namespace tellegen::deck
