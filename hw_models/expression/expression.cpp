#include "hw_models/expression/expression.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numbers>

#include "hw_models/expression/number_reader.hpp"
#include "hw_models/expression/operations.hpp"

namespace tellegen {
namespace {

constexpr std::uint8_t push_constant = 254, push_variable = 255;
static_assert(operations.size() < push_constant);

constexpr int deepest_nesting = 200;

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

/// Recursive descent over the grammar in expression.hpp; emits the stack program as it goes.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const SourceLocation& where, std::string_view subject) : text_(text) {
    result_.text_ = std::string(text);
    result_.where_ = where;
    result_.subject_ = std::string(subject);
  }

  Expression parse() {
    choice();
    skip_blanks();
    if (at_ < text_.size()) fail(fmt::format("unexpected \"{}\"", text_.substr(at_, 1)));
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw InputError(result_.where_, result_.subject_,
                     fmt::format("expression \"{}\": {} at character {}", text_, what, at_ + 1));
  }

  void choice() {
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

  void logical_or() {
    logical_and();
    while (take("||")) logical_and(), emit("||");
  }

  void logical_and() {
    comparison();
    while (take("&&")) comparison(), emit("&&");
  }

  void comparison() {
    sum();
    for (const std::string_view symbol : {"<=", ">=", "==", "!=", "<", ">"})
      if (take(symbol)) {
        sum();
        return emit(symbol);
      }
  }

  void sum() {
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

  void product() {
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

  void unary() {
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

  void power() {
    atom();
    if (take("**") || take("^")) unary(), emit("^");
  }

  void atom() {
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
      return push({push_constant, 0, number->value});
    }
    if (!starts_name(text_[at_])) fail(fmt::format("unexpected \"{}\"", text_[at_]));
    const auto first = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    const auto name = lower_case(text_.substr(first, at_ - first));
    if (next_is("(")) return function(name, first);
    if (name == "pi") return push({push_constant, 0, std::numbers::pi});
    if (name == "e") return push({push_constant, 0, std::numbers::e});
    variable(name);
  }

  void function(const std::string& name, std::size_t first) {
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
    apply(operation, arguments);
  }

  void variable(const std::string& name) {
    const auto found = std::ranges::find(result_.variables_, name);
    const auto index = static_cast<std::int32_t>(found - result_.variables_.begin());
    if (found == result_.variables_.end()) result_.variables_.push_back(name);
    push({push_variable, index, 0});
  }

  void push(Expression::Instruction instruction) {
    result_.program_.push_back(instruction);
    result_.stack_depth_ = std::max(result_.stack_depth_, ++depth_);
  }

  void emit(std::string_view name) {
    const int operation = find_operation(name);
    apply(operation, operations[operation].arity);
  }

  void apply(int operation, int arguments) {
    result_.program_.push_back({static_cast<std::uint8_t>(operation), arguments, 0});
    depth_ -= static_cast<std::size_t>(arguments - 1);
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  bool next_is(std::string_view symbol) {
    skip_blanks();
    return text_.substr(at_).starts_with(symbol);
  }

  bool take(std::string_view symbol) {
    if (!next_is(symbol)) return false;
    at_ += symbol.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  int nesting_ = 0;
  Expression result_;
};

Expression Expression::parse(std::string_view text, const SourceLocation& where, std::string_view subject) {
  return ExpressionParser(text, where, subject).parse();
}

double Expression::evaluate(std::span<const double> values_of_variables) const {
  std::array<double, 32> small{};
  std::vector<double> large;
  if (stack_depth_ > small.size()) large.resize(stack_depth_);
  double* top = large.empty() ? small.data() : large.data();  // one past the last value
  for (const auto& instruction : program_) {
    if (instruction.operation == push_constant) {
      *top++ = instruction.constant;
    } else if (instruction.operation == push_variable) {
      *top++ = values_of_variables[instruction.argument];
    } else {
      top -= instruction.argument;
      *top = operations[instruction.operation].apply(top, instruction.argument);
      ++top;
    }
  }
  return top[-1];
}

double Expression::evaluate(const std::function<std::optional<double>(std::string_view)>& lookup) const {
  std::vector<double> values;
  values.reserve(variables_.size());
  for (const auto& name : variables_) {
    const auto value = lookup(name);
    if (!value) throw InputError(where_, subject_, fmt::format("expression \"{}\": unknown name \"{}\"", text_, name));
    values.push_back(*value);
  }
  return evaluate(values);
}

}  // namespace tellegen
