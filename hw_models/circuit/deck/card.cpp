#include "hw_models/circuit/deck/card.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen::deck {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";
constexpr std::size_t deepest_include = 40;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

/// Cuts off `; ...` and `$ ...` (the dollar after a blank, and before one or at the end), but not inside "...".
std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (line[i] == ';') return line.substr(0, i);
    if (line[i] == '$' && (i == 0 || is_blank(line[i - 1])) && (i + 1 == line.size() || is_blank(line[i + 1])))
      return line.substr(0, i);
  }
  return line;
}

/// End of the {...} that starts at `first`, npos when it is left open.
std::size_t closing_brace(std::string_view text, std::size_t first) {
  int depth = 0;
  for (std::size_t i = first; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

/// Reads files into cards, one level of recursion for each include.
class CardReader {
 public:
  explicit CardReader(Cards& result) : result_(result) {}

  void read(std::string_view text, const std::string& file_name, bool first_line_is_title) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
    int line_number = 0;
    bool ended = false;
    Card pending;
    while (!text.empty()) {
      const auto length = std::min(text.find('\n'), text.size());
      const auto line = text.substr(0, length);
      text.remove_prefix(std::min(length + 1, text.size()));
      if (++line_number == 1 && first_line_is_title) {
        result_.title = std::string(trimmed(line));
        continue;
      }
      const SourceLocation where{file_name, line_number};
      const auto whole = trimmed(line);
      if (whole.empty() || whole.front() == '*') continue;
      const auto content = trimmed(without_comment(whole));
      if (content.empty()) continue;
      if (ended) throw InputError(where, "", fmt::format("nothing may follow .end, got \"{}\"", content));
      if (content.front() == '+') {
        if (pending.text.empty()) throw InputError(where, "", "\"+\" continues a line, but there is none before it");
        pending.text.append(" ").append(content.substr(1));
        continue;
      }
      finish(pending);
      if (lower_case(content) == ".end") {
        ended = true;
        continue;
      }
      pending.text = std::string(content);
      pending.where = where;
    }
    finish(pending);
  }

 private:
  void finish(Card& pending) {
    if (pending.text.empty()) return;
    Card card = std::move(pending);
    pending = {};
    card.tokens = tokenize(card.text, card.where);
    if (card.tokens.empty() || card.head().kind != Token::Kind::word)
      throw InputError(card.where, "", fmt::format("a device or a directive is expected, got \"{}\"", card.text));
    if (card.head().word == ".include" || card.head().word == ".inc")
      include(card);
    else
      result_.cards.push_back(std::move(card));
  }

  void include(const Card& card) {
    namespace fs = std::filesystem;
    auto name = trimmed(std::string_view(card.text).substr(card.head().text.size()));
    if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
      name = name.substr(1, name.size() - 2);
    if (name.empty()) throw InputError(card.where, ".include", "a file name is expected");
    const auto path = fs::path(card.where.file).parent_path() / fs::path(name);
    std::error_code unknown;
    const auto identity = fs::weakly_canonical(path, unknown);
    if (std::ranges::find(open_, identity) != open_.end())
      throw InputError(card.where, ".include", fmt::format("\"{}\" includes itself", name));
    if (open_.size() >= deepest_include)
      throw InputError(card.where, ".include", "files include each other too deeply");
    const auto text = read_text_file(path, card.where, ".include");
    result_.files.push_back(path.string());
    open_.push_back(identity);
    read(text, path.string(), false);
    open_.pop_back();
  }

  friend Cards tellegen::deck::read_cards(std::string_view text, std::string_view file_name);

  Cards& result_;
  std::vector<std::filesystem::path> open_;
};

}  // namespace

Cards read_cards(std::string_view text, std::string_view file_name) {
  Cards result;
  CardReader reader(result);
  std::error_code unknown;
  reader.open_.push_back(std::filesystem::weakly_canonical(std::filesystem::path(file_name), unknown));
  reader.read(text, std::string(file_name), true);
  return result;
}

std::string read_text_file(const std::filesystem::path& path, const SourceLocation& asked_for,
                           std::string_view subject) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown))
    throw InputError(asked_for, subject, fmt::format("\"{}\" is a folder, a file is expected", path.string()));
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(asked_for, subject, fmt::format("cannot open \"{}\"", path.string()));
  std::ostringstream stream;
  stream << file.rdbuf();
  auto text = std::move(stream).str();
  if (text.find('\0') != std::string::npos)
    throw InputError(asked_for, subject, fmt::format("\"{}\" is no text file", path.string()));
  return text;
}

std::vector<Token> tokenize(std::string_view text, const SourceLocation& where) {
  std::vector<Token> tokens;
  const auto add = [&](Token::Kind kind, std::string_view as_typed, std::string_view inside) {
    tokens.push_back({kind, std::string(as_typed), lower_case(inside)});
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_blank(c)) {
      ++at;
    } else if (std::string_view("=(),").find(c) != std::string_view::npos) {
      add(Token::Kind::symbol, text.substr(at, 1), text.substr(at, 1));
      ++at;
    } else if (c == '{' || c == '\'' || c == '"') {
      const auto end = c == '{' ? closing_brace(text, at) : text.find(c, at + 1);
      if (end == std::string_view::npos)
        throw InputError(
            where, "",
            fmt::format("{} is missing after \"{}\"", c == '{' ? "\"}\"" : "a closing quote", text.substr(at, 20)));
      const auto kind = c == '"' ? Token::Kind::quoted : Token::Kind::expression;
      add(kind, text.substr(at, end + 1 - at), text.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      const auto end = std::min(text.find_first_of(" \t\r\v\f=(),{'\"", at), text.size());
      add(Token::Kind::word, text.substr(at, end - at), text.substr(at, end - at));
      at = end;
    }
  }
  return tokens;
}

}  // namespace tellegen::deck
