#include "hw_models/expression/expression_parser.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <numbers>

#include "hw_models/expression/number_reader.hpp"

namespace tellegen {
namespace {

constexpr int deepest_nesting = 200;

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool continues_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// "10pF" is a number with a unit; "2pi" would be two pico-i and is refused.
bool is_unit_letters(std::string_view letters) {
  static constexpr auto units =
      std::to_array<std::string_view>({"",    "s",    "sec", "hz",    "v", "volt",  "volts", "a",  "amp", "amps",
                                       "ohm", "ohms", "f",   "farad", "h", "henry", "c",     "wb", "w",   "j"});
  return std::ranges::find(units, lower_case(letters)) != units.end();
}

}  // namespace

void ExpressionParser::parse() {
  choice();
  skip_blanks();
  if (at_ < text_.size()) fail(fmt::format("unexpected \"{}\"", text_.substr(at_, 1)));
  graph_ = graph_.reduced_to(terms_.back());
}

void ExpressionParser::fail(std::string_view what) const {
  throw InputError(where_, subject_, fmt::format("expression \"{}\": {} at character {}", text_, what, at_ + 1));
}

void ExpressionParser::choice() {
  if (++nesting_ > deepest_nesting) fail("too deeply nested");
  logical_or();
  if (take("?")) {
    choice();
    if (!take(":")) fail("\":\" is expected");
    choice();
    emit("?:");
  }
  --nesting_;
}

void ExpressionParser::logical_or() {
  logical_and();
  while (take("||")) logical_and(), emit("||");
}

void ExpressionParser::logical_and() {
  comparison();
  while (take("&&")) comparison(), emit("&&");
}

void ExpressionParser::comparison() {
  sum();
  for (const std::string_view symbol : {"<=", ">=", "==", "!=", "<", ">"})
    if (take(symbol)) {
      sum();
      return emit(symbol);
    }
}

void ExpressionParser::sum() {
  product();
  for (;;) {
    if (take("+"))
      product(), emit("+");
    else if (take("-"))
      product(), emit("-");
    else
      return;
  }
}

void ExpressionParser::product() {
  unary();
  for (;;) {
    if (!next_is("**") && take("*"))
      unary(), emit("*");
    else if (take("/"))
      unary(), emit("/");
    else if (take("%"))
      unary(), emit("%");
    else
      return;
  }
}

void ExpressionParser::unary() {
  if (++nesting_ > deepest_nesting) fail("too deeply nested");
  if (take("-"))
    unary(), emit("negate");
  else if (take("+"))
    unary();
  else if (!next_is("!=") && take("!"))
    unary(), emit("!");
  else
    power();
  --nesting_;
}

void ExpressionParser::power() {
  atom();
  if (take("**") || take("^")) unary(), emit("^");
}

void ExpressionParser::atom() {
  skip_blanks();
  if (at_ >= text_.size()) fail("the end comes too early");
  if (take("(")) {
    choice();
    if (!take(")")) fail("\")\" is expected");
    return;
  }
  if (const auto number = read_number(text_.substr(at_))) {
    if (!is_unit_letters(number->unit)) fail(fmt::format("\"{}\" is no number", text_.substr(at_, number->length)));
    at_ += number->length;
    if (at_ < text_.size() && continues_name(text_[at_]))
      fail(fmt::format("unexpected \"{}\" in a number", text_[at_]));
    return terms_.push_back(graph_.constant(number->value));
  }
  if (!starts_name(text_[at_])) fail(fmt::format("unexpected \"{}\"", text_[at_]));
  const auto first = at_;
  while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
  const auto name = lower_case(text_.substr(first, at_ - first));
  if (next_is("(")) {
    const bool is_probe = names_ == ExpressionNames::circuit && (name == "v" || name == "i");
    return is_probe ? circuit_variable(name) : function(name, first);
  }
  if (name == "pi") return terms_.push_back(graph_.constant(std::numbers::pi));
  if (name == "e") return terms_.push_back(graph_.constant(std::numbers::e));
  variable(name);
}

void ExpressionParser::function(const std::string& name, std::size_t first) {
  const int operation = find_operation(name);
  if (operation < 0 || operation >= function_count) {
    at_ = first;
    fail(fmt::format("unknown function \"{}\"", name));
  }
  const auto& entry = operations[operation];
  take("(");
  int arguments = 0;
  if (!take(")")) {
    do {
      choice();
      ++arguments;
    } while (take(","));
    if (!take(")")) fail("\")\" is expected");
  }
  if (arguments < entry.arity || (arguments > entry.arity && !entry.variadic))
    fail(fmt::format("{} takes {}{} argument{}, got {}", name, entry.arity, entry.variadic ? " or more" : "",
                     entry.arity == 1 ? "" : "s", arguments));
  apply(entry.id, static_cast<std::size_t>(arguments));
}

/// v(a), v(a,b) or i(vx). What stands inside are names of a circuit, in which other characters are allowed.
void ExpressionParser::circuit_variable(const std::string& name) {
  take("(");
  const std::size_t most = name == "v" ? 2 : 1;
  std::string normalised = name + "(";
  std::size_t count = 0;
  do {
    skip_blanks();
    const auto first = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ',' && text_[at_] != ')' && text_[at_] != '(')
      ++at_;
    if (at_ == first) fail(name == "v" ? "the name of a node is expected" : "the name of a source is expected");
    if (++count > most)
      fail(name == "v" ? "v takes one or two nodes, got more" : "i takes the name of one source, got more");
    normalised += (count > 1 ? "," : "") + lower_case(text_.substr(first, at_ - first));
  } while (take(","));
  if (!take(")")) fail("\")\" is expected");
  variable(normalised + ")");
}

void ExpressionParser::variable(const std::string& name) {
  const auto found = std::ranges::find(variables_, name);
  const auto number = static_cast<std::int32_t>(found - variables_.begin());
  if (found == variables_.end()) variables_.push_back(name);
  terms_.push_back(graph_.variable(number));
}

void ExpressionParser::emit(std::string_view name) {
  const auto& entry = operations[find_operation(name)];
  apply(entry.id, static_cast<std::size_t>(entry.arity));
}

void ExpressionParser::apply(OperationId operation, std::size_t arguments) {
  const auto operands = std::span(terms_).last(arguments);
  const auto term = graph_.apply(operation, operands);
  terms_.resize(terms_.size() - arguments);
  terms_.push_back(term);
}

void ExpressionParser::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool ExpressionParser::next_is(std::string_view symbol) {
  skip_blanks();
  return text_.substr(at_).starts_with(symbol);
}

bool ExpressionParser::take(std::string_view symbol) {
  if (!next_is(symbol)) return false;
  at_ += symbol.size();
  return true;
}

}  // namespace tellegen
