#include "hw_models/circuit/deck/output_variable.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace tellegen::deck {
namespace {

/// Small-signal forms of v() and i(): they need `.ac`.
constexpr auto small_signal_forms =
    std::to_array<std::string_view>({"vm", "vp", "vr", "vi", "vdb", "im", "ip", "ir", "ii", "idb"});

bool is_ground(std::string_view name) { return name == "0" || name == "gnd"; }

}  // namespace

OutputVariable take_output_variable(std::span<const Token>& tokens, const SourceLocation& where,
                                    std::string_view subject) {
  const auto& form = tokens.front();
  const auto is_name = [&](std::size_t i) { return i < tokens.size() && tokens[i].kind == Token::Kind::word; };
  const auto is_symbol = [&](std::size_t i, char c) { return i < tokens.size() && tokens[i].is_symbol(c); };
  const bool called = is_symbol(1, '(');
  if (called && std::ranges::find(small_signal_forms, form.word) != small_signal_forms.end())
    throw InputError(where, subject, fmt::format("{}() (a small-signal quantity) is not supported yet", form.text));
  if (form.kind == Token::Kind::expression || form.word.starts_with('@'))
    throw InputError(where, subject, fmt::format("\"{}\": only v() and i() are supported yet", form.text));
  if (!called || !(form.is_word("v") || form.is_word("i")) || !is_name(2))
    throw InputError(where, subject,
                     fmt::format("v(node), v(node,node) or i(source) is expected, got \"{}\"", form.text));

  OutputVariable variable;
  variable.where = where;
  std::size_t used = 3;
  if (form.is_word("i")) {
    variable.kind = OutputVariable::current;
    variable.device = tokens[2].word;
    variable.text = fmt::format("i({})", variable.device);
  } else {
    variable.p = tokens[2].word;
    variable.text = fmt::format("v({})", variable.p);
    if (is_symbol(3, ',')) {
      if (!is_name(4))
        throw InputError(where, subject, fmt::format("a second node is expected in \"v({},\"", tokens[2].text));
      variable.text = fmt::format("v({},{})", variable.p, tokens[4].word);
      variable.n = is_ground(tokens[4].word) ? "" : tokens[4].word;
      used = 5;
    }
  }
  if (!is_symbol(used, ')'))
    throw InputError(where, subject, fmt::format("\")\" is missing after \"{}\"", tokens[used - 1].text));
  tokens = tokens.subspan(used + 1);
  return variable;
}

void check_exists(const OutputVariable& variable, const Circuit& circuit, std::string_view subject) {
  if (variable.kind == OutputVariable::voltage) {
    for (const auto& name : {variable.p, variable.n})
      if (!name.empty() && circuit.find_node(name) < 0)
        throw InputError(variable.where, subject, fmt::format("{}: there is no node \"{}\"", variable.text, name));
    return;
  }
  const auto source = circuit.find_source(variable.device);
  if (source >= 0 && circuit.sources()[source].kind == SourceKind::voltage) return;
  if (source >= 0 || circuit.find_branch(variable.device) >= 0)
    throw InputError(
        variable.where, subject,
        fmt::format("{}: the current of a voltage source is expected; put one of 0 V in series", variable.text));
  throw InputError(variable.where, subject,
                   fmt::format("{}: there is no device \"{}\"", variable.text, variable.device));
}

}  // namespace tellegen::deck
