#include "hw_models/circuit/deck/outline.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen::deck {
namespace {

/// Puts every card into the block that it stands in.
class OutlineBuilder {
 public:
  Outline build(std::vector<Card> cards) {
    for (auto& card : cards) place(std::move(card));
    if (open_.size() > 1)
      throw InputError(open_.back()->where, fmt::format(".subckt {}", open_.back()->name), "\".ends\" is missing");
    return std::move(outline_);
  }

 private:
  Block& block() { return *open_.back(); }

  void place(Card card) {
    if (!card.is_directive()) return block().devices.push_back(std::move(card));
    const auto& directive = card.head().word;
    if (directive == ".param") return place_parameters(card);
    if (directive == ".model") return place_model(card);
    if (directive == ".subckt") return begin_subcircuit(card);
    if (directive == ".ends") return end_subcircuit(card);
    if (directive == ".global") return place_globals(card);
    if (open_.size() > 1)
      throw InputError(card.where, "", fmt::format("{} belongs outside of .subckt {}", directive, block().name));
    outline_.directives.push_back(std::move(card));
  }

  void place_parameters(const Card& card) {
    for (auto& definition : read_parameter_card(card)) block().parameters.push_back(std::move(definition));
  }

  void place_model(const Card& card) {
    auto model = read_model(card);
    const auto [found, is_new] = block().models.emplace(lower_case(model.name), model);
    if (!is_new)
      throw InputError(
          card.where, fmt::format(".model {}", model.name),
          fmt::format("this name is already used in {}:{}", found->second.where.file, found->second.where.line));
  }

  void begin_subcircuit(const Card& card) {
    auto made = std::make_unique<Block>();
    made->where = card.where;
    const auto tokens = card.after(1);
    if (tokens.empty() || tokens[0].kind != Token::Kind::word)
      throw InputError(card.where, ".subckt", "a name is expected");
    made->name = tokens[0].word;
    const auto subject = fmt::format(".subckt {}", tokens[0].text);
    std::size_t i = 1;
    const auto starts_parameters = [&](std::size_t at) {
      return tokens[at].is_word("params:") || (at + 1 < tokens.size() && tokens[at + 1].is_symbol('='));
    };
    for (; i < tokens.size() && !starts_parameters(i); ++i) {
      if (tokens[i].kind != Token::Kind::word)
        throw InputError(card.where, subject, fmt::format("a node name is expected, got \"{}\"", tokens[i].text));
      const auto& pin = tokens[i].word;
      if (pin == "0" || pin == "gnd")
        throw InputError(card.where, subject, "ground cannot be a pin: it is the same node everywhere");
      if (std::ranges::find(made->pins, pin) != made->pins.end())
        throw InputError(card.where, subject, fmt::format("pin \"{}\" is given twice", tokens[i].text));
      made->pins.push_back(pin);
    }
    if (made->pins.empty()) throw InputError(card.where, subject, "at least one pin is expected");
    for (const auto& [name, value] : read_settings(tokens.subspan(i), card.where, subject))
      made->defaults.push_back(
          {name, Expression::parse(value.word, card.where, fmt::format("{}: {}", subject, name)), card.where});

    const auto [found, is_new] = block().subcircuits.try_emplace(made->name);
    if (!is_new)
      throw InputError(
          card.where, subject,
          fmt::format("this name is already used in {}:{}", found->second->where.file, found->second->where.line));
    found->second = std::move(made);
    open_.push_back(found->second.get());
  }

  void end_subcircuit(const Card& card) {
    if (open_.size() == 1) throw InputError(card.where, ".ends", "there is no .subckt to end");
    const auto tokens = card.after(1);
    if (!tokens.empty() && tokens[0].word != block().name)
      throw InputError(card.where, ".ends",
                       fmt::format("ends \"{}\", but the open one is \"{}\" of {}:{}", tokens[0].text, block().name,
                                   block().where.file, block().where.line));
    open_.pop_back();
  }

  void place_globals(const Card& card) {
    if (card.tokens.size() < 2) throw InputError(card.where, ".global", "node names are expected");
    for (const auto& token : card.after(1)) {
      if (token.kind != Token::Kind::word)
        throw InputError(card.where, ".global", fmt::format("a node name is expected, got \"{}\"", token.text));
      outline_.global_nodes.insert(token.word);
    }
  }

  Outline outline_;
  std::vector<Block*> open_{&outline_.top};
};

}  // namespace

Outline outline_of(std::vector<Card> cards) { return OutlineBuilder().build(std::move(cards)); }

}  // namespace tellegen::deck
