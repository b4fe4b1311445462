#include "hw_models/circuit/deck/parameter_scope.hpp"

#include <fmt/format.h>
#include <cctype>
#include <cmath>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen::deck {
namespace {

constexpr int longest_chain = 1000;

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view separators = " \t\r\v\f,";
  const auto first = text.find_first_not_of(separators);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(separators) - first + 1);
}

/// Place of every `=` that assigns: outside of brackets and quotes, and no part of == <= >= !=.
std::vector<std::size_t> assignment_signs(std::string_view text) {
  std::vector<std::size_t> places;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
    if (c != '=' || depth != 0) continue;
    if (i + 1 < text.size() && text[i + 1] == '=') {
      ++i;
      continue;
    }
    if (i > 0 && std::string_view("<>!").find(text[i - 1]) != std::string_view::npos) continue;
    places.push_back(i);
  }
  return places;
}

/// First character of the name that ends before the `=` at `sign`.
std::size_t name_start(std::string_view text, std::size_t sign) {
  std::size_t at = sign;
  while (at > 0 && std::isspace(static_cast<unsigned char>(text[at - 1]))) --at;
  while (at > 0 && is_name_character(text[at - 1])) --at;
  return at;
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() >= 2 &&
      ((text.front() == '{' && text.back() == '}') || (text.front() == '\'' && text.back() == '\'')))
    return text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

std::vector<ParameterDefinition> read_parameter_card(const Card& card) {
  const auto text = std::string_view(card.text).substr(card.head().text.size());
  const auto signs = assignment_signs(text);
  if (signs.empty() || !trimmed(text.substr(0, name_start(text, signs.front()))).empty())
    throw InputError(card.where, card.head().word, "name=value is expected");
  std::vector<ParameterDefinition> definitions;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    const auto name =
        lower_case(trimmed(text.substr(name_start(text, signs[i]), signs[i] - name_start(text, signs[i]))));
    const auto value_end = i + 1 < signs.size() ? name_start(text, signs[i + 1]) : text.size();
    const auto value = trimmed(text.substr(signs[i] + 1, value_end - signs[i] - 1));
    const auto subject = fmt::format(".param {}", name);
    if (name.empty() || (std::isalpha(static_cast<unsigned char>(name.front())) == 0 && name.front() != '_'))
      throw InputError(card.where, card.head().word, fmt::format("\"{}\" is no name of a parameter", name));
    if (name == "pi" || name == "e") throw InputError(card.where, subject, "this name is a constant");
    if (value.empty()) throw InputError(card.where, subject, "a value is expected after \"=\"");
    definitions.push_back({name, Expression::parse(without_brackets(value), card.where, subject), card.where});
  }
  return definitions;
}

void ParameterScope::define(const ParameterDefinition& definition) {
  const auto [found, is_new] = entries_.try_emplace(definition.name);
  if (!is_new)
    throw InputError(definition.where, fmt::format(".param {}", definition.name),
                     fmt::format("is already defined in {}:{}", found->second.where.file, found->second.where.line));
  found->second.definition = &definition;
  found->second.where = definition.where;
}

void ParameterScope::set(const std::string& name, double value, const SourceLocation& where) {
  const auto [found, is_new] = entries_.try_emplace(name);
  if (!is_new)
    throw InputError(found->second.where, fmt::format(".param {}", name), "is a parameter of the subcircuit already");
  found->second.value = value;
  found->second.where = where;
}

std::optional<double> ParameterScope::find(std::string_view name) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return evaluate(found->first, found->second);
  return outer_ != nullptr ? outer_->find(name) : std::nullopt;
}

void ParameterScope::evaluate_all() {
  for (auto& [name, entry] : entries_) evaluate(name, entry);
}

double ParameterScope::evaluate(const std::string& name, Entry& entry) {
  if (entry.value) return *entry.value;
  static thread_local int chain = 0;
  const auto subject = fmt::format(".param {}", name);
  if (entry.in_progress) throw InputError(entry.where, subject, "depends on itself");
  if (chain >= longest_chain) throw InputError(entry.where, subject, "the chain of dependent parameters is too long");
  struct InProgress {
    Entry& entry;
    explicit InProgress(Entry& e) : entry(e) { entry.in_progress = true, ++chain; }
    ~InProgress() { entry.in_progress = false, --chain; }
  } const guard(entry);
  const double value = entry.definition->value.evaluate([this](std::string_view variable) { return find(variable); });
  if (!std::isfinite(value))
    throw InputError(entry.where, subject,
                     fmt::format("\"{}\" is {}, not a finite number", entry.definition->value.text(), value));
  entry.value = value;
  return value;
}

bool is_value(const Token& token) {
  return token.kind == Token::Kind::expression || (token.kind == Token::Kind::word && spice_number(token.text));
}

double value_of(const Token& token, ParameterScope& scope, const SourceLocation& where, std::string_view subject) {
  if (token.kind == Token::Kind::expression) {
    const auto expression = Expression::parse(token.word, where, subject);
    const double value = expression.evaluate([&](std::string_view name) { return scope.find(name); });
    if (!std::isfinite(value))
      throw InputError(where, subject, fmt::format("\"{}\" is {}, not a finite number", token.text, value));
    return value;
  }
  if (token.kind == Token::Kind::word) {
    if (const auto number = spice_number(token.text)) return *number;
    if (const auto parameter = scope.find(token.word)) return *parameter;
  }
  if (token.kind == Token::Kind::word && token.text.find_first_of("*/^+-") != std::string::npos)
    throw InputError(where, subject,
                     fmt::format("\"{0}\" is no number; an expression goes in braces: {{{0}}}", token.text));
  throw InputError(where, subject, fmt::format("\"{}\" is neither a number nor the name of a parameter", token.text));
}

}  // namespace tellegen::deck
