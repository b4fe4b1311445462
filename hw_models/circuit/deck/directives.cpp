#include "hw_models/circuit/deck/directives.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <array>

#include "hw_models/circuit/deck/output_variable.hpp"
#include "hw_models/circuit/deck/unsupported.hpp"

namespace tellegen::deck {
namespace {

using Tokens = std::span<const Token>;

struct Context {
  const Card& card;
  Instance& top;
  Deck& deck;
  bool& saves_all;
  SourceLocation& terms_where;

  [[nodiscard]] std::string_view subject() const { return card.head().word; }
  [[noreturn]] void fail(std::string_view message) const { throw InputError(card.where, subject(), message); }
  [[nodiscard]] double number(const Token& token) const { return value_of(token, top.scope(), card.where, subject()); }
};

void read_title(const Context& c) {
  c.deck.title = c.card.text.substr(std::min(c.card.text.size(), c.card.head().text.size() + 1));
}

void read_operating_point(const Context& c) {
  if (c.card.tokens.size() > 1) c.fail(fmt::format("nothing is expected after it, got \"{}\"", c.card.tokens[1].text));
  c.deck.analyses.emplace_back(OperatingPointAnalysis{c.card.where});
}

void read_transient(const Context& c) {
  auto tokens = c.card.after(1);
  TransientAnalysis analysis;
  analysis.where = c.card.where;
  if (!tokens.empty() && tokens.back().is_word("uic")) {
    analysis.use_initial_conditions = true;
    tokens = tokens.first(tokens.size() - 1);
  }
  if (tokens.size() < 2 || tokens.size() > 4)
    c.fail(fmt::format("tstep tstop [tstart [tmax]] [uic] is expected, got {} values", tokens.size()));
  const auto positive = [&](std::size_t index, std::string_view name) {
    const double value = c.number(tokens[index]);
    if (!(value > 0)) c.fail(fmt::format("{} must be positive, got \"{}\"", name, tokens[index].text));
    return value;
  };
  analysis.step = positive(0, "tstep");
  analysis.stop = positive(1, "tstop");
  if (analysis.step > analysis.stop)
    c.fail(fmt::format("tstep \"{}\" is longer than tstop \"{}\"", tokens[0].text, tokens[1].text));
  if (tokens.size() > 2) {
    analysis.start = c.number(tokens[2]);
    if (!(analysis.start >= 0 && analysis.start < analysis.stop))
      c.fail(fmt::format("tstart must lie between 0 and tstop, got \"{}\"", tokens[2].text));
  }
  if (tokens.size() > 3) analysis.max_step = positive(3, "tmax");
  c.deck.analyses.emplace_back(analysis);
}

void read_print(const Context& c) {
  auto tokens = c.card.after(1);
  const auto known = [](const Token& t) { return t.is_word("tran") || t.is_word("op"); };
  if (!tokens.empty() && (tokens[0].is_word("dc") || tokens[0].is_word("ac") || tokens[0].is_word("noise")))
    c.fail(fmt::format("tables of the {} analysis are not supported yet", tokens[0].word));
  if (tokens.empty() || !known(tokens[0]))
    c.fail(fmt::format("tran or op is expected{}", tokens.empty() ? "" : fmt::format(", got \"{}\"", tokens[0].text)));
  Deck::Print print{tokens[0].word, {}};
  tokens = tokens.subspan(1);
  if (tokens.empty()) c.fail("what to print is expected, such as v(out)");
  while (!tokens.empty()) {
    if (tokens.front().is_symbol(','))
      tokens = tokens.subspan(1);
    else
      print.variables.push_back(take_output_variable(tokens, c.card.where, c.subject()));
  }
  c.deck.prints.push_back(std::move(print));
}

void read_save(const Context& c) {
  auto tokens = c.card.after(1);
  if (tokens.empty()) c.fail("what to save is expected, such as v(out) or all");
  while (!tokens.empty()) {
    if (tokens.front().is_symbol(',')) {
      tokens = tokens.subspan(1);
    } else if (tokens.front().is_word("all")) {
      c.saves_all = true;
      tokens = tokens.subspan(1);
    } else {
      c.deck.saved.push_back(take_output_variable(tokens, c.card.where, c.subject()));
    }
  }
}

/// Tolerances of an iterative solver. They are checked and then need no place: Newton's method here goes on to round-off,
/// which meets every tolerance that a deck can ask for.
constexpr auto tolerances = std::to_array<std::string_view>({"reltol", "abstol", "vntol"});
/// Options that take one of a few words.
struct WordOption {
  std::string_view name;
  std::array<std::string_view, 3> words;
  std::optional<std::string> Deck::*member;
};
constexpr auto word_options = std::to_array<WordOption>({
    {"method", {"be", "bdf2", "trap"}, &Deck::method},
    {"history", {"direct", "fft", "exp"}, &Deck::history},
});

void read_option(const Context& c, const Token& key, const Token* value) {
  const auto words = std::ranges::find(word_options, key.word, &WordOption::name);
  const bool is_tolerance = std::ranges::find(tolerances, key.word) != tolerances.end();
  if (words == word_options.end() && key.word != "terms" && !is_tolerance)
    c.fail(fmt::format("unknown option \"{}\"; known are method history terms {}", key.text, fmt::join(tolerances, " ")));
  if (value == nullptr) c.fail(fmt::format("a value is expected: {}=...", key.word));
  if (words != word_options.end()) {
    if (std::ranges::find(words->words, value->word) == words->words.end())
      c.fail(fmt::format("{} must be {}, {} or {}, got \"{}\"", key.word, words->words[0], words->words[1], words->words[2],
                         value->text));
    c.deck.*(words->member) = value->word;
    return;
  }
  const double number = c.number(*value);
  if (key.word == "terms") {
    if (number != 20 && number != 32) c.fail(fmt::format("terms must be 20 or 32, got \"{}\"", value->text));
    c.deck.terms = static_cast<int>(number);
    c.terms_where = c.card.where;
    return;
  }
  if (!(number > 0)) c.fail(fmt::format("{} must be positive, got \"{}\"", key.word, value->text));
}

void read_options(const Context& c) {
  const auto tokens = c.card.after(1);
  for (std::size_t i = 0; i < tokens.size();) {
    if (tokens[i].is_symbol(',')) {
      ++i;
      continue;
    }
    const bool has_value = i + 1 < tokens.size() && tokens[i + 1].is_symbol('=');
    if (tokens[i].kind != Token::Kind::word || (has_value && i + 2 >= tokens.size()))
      c.fail(fmt::format("name=value is expected, got \"{}\"", tokens[i].text));
    read_option(c, tokens[i], has_value ? &tokens[i + 2] : nullptr);
    i += has_value ? 3 : 1;
  }
}

/// `v(node)=value ...` of .ic and .nodeset.
void read_node_voltages(const Context& c, std::vector<std::pair<std::string, double>>& result) {
  auto tokens = c.card.after(1);
  if (tokens.empty()) c.fail("v(node)=value is expected");
  while (!tokens.empty()) {
    if (tokens.front().is_symbol(',')) {
      tokens = tokens.subspan(1);
      continue;
    }
    const auto variable = take_output_variable(tokens, c.card.where, c.subject());
    const bool single_node = variable.kind == OutputVariable::voltage && variable.text.find(',') == std::string::npos;
    if (!single_node || tokens.size() < 2 || !tokens[0].is_symbol('='))
      c.fail(fmt::format("v(node)=value is expected, got \"{}\"", variable.text));
    if (variable.p == "0" || variable.p == "gnd") c.fail("the voltage of ground is zero");
    if (std::ranges::find(result, variable.p, &std::pair<std::string, double>::first) != result.end())
      c.fail(fmt::format("{} is given twice", variable.text));
    result.emplace_back(variable.p, c.number(tokens[1]));
    tokens = tokens.subspan(2);
  }
}

struct Directive {
  std::string_view name;
  void (*read)(const Context&);
};
constexpr auto directives_read = std::to_array<Directive>({
    {".title", read_title},
    {".op", read_operating_point},
    {".tran", read_transient},
    {".print", read_print},
    {".save", read_save},
    {".options", read_options},
    {".option", read_options},
    {".opt", read_options},
    {".ic", [](const Context& c) { read_node_voltages(c, c.deck.initial_conditions); }},
    {".nodeset", [](const Context& c) { read_node_voltages(c, c.deck.nodesets); }},
});

void check_nodes_exist(const std::vector<std::pair<std::string, double>>& voltages, std::span<const Card> cards,
                       std::string_view directive, const Circuit& circuit) {
  for (const auto& voltage : voltages) {
    const auto& node = voltage.first;
    if (circuit.find_node(node) >= 0) continue;
    const auto card = std::ranges::find_if(cards, [&](const Card& c) {
      return c.head().word == directive &&
             std::ranges::any_of(c.tokens, [&](const Token& t) { return t.is_word(node); });
    });
    throw InputError(card->where, directive, fmt::format("v({0}): there is no node \"{0}\"", node));
  }
}

}  // namespace

void read_directives(std::span<const Card> directives, Instance& top, Deck& result) {
  bool saves_all = false;
  SourceLocation terms_where;
  for (const auto& card : directives) {
    const auto found = std::ranges::find(directives_read, card.head().word, &Directive::name);
    if (found == directives_read.end()) refuse_directive(card.head().word, card.where);
    found->read({card, top, result, saves_all, terms_where});
  }
  if (saves_all) result.saved.clear();
  if (result.terms && result.history != "exp") throw InputError(terms_where, ".options", "terms: only history=exp has terms");
}

void check_names(std::span<const Card> directives, const Deck& deck) {
  for (const auto& variable : deck.saved) check_exists(variable, deck.circuit, ".save");
  for (const auto& print : deck.prints)
    for (const auto& variable : print.variables) check_exists(variable, deck.circuit, ".print");
  check_nodes_exist(deck.initial_conditions, directives, ".ic", deck.circuit);
  check_nodes_exist(deck.nodesets, directives, ".nodeset", deck.circuit);
}

}  // namespace tellegen::deck
