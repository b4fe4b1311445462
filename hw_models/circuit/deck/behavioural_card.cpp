#include <fmt/format.h>
#include <algorithm>

#include "hw_models/circuit/behaviour.hpp"
#include "hw_models/circuit/deck/element_card.hpp"

namespace tellegen::deck {
namespace {

/// `B1 p n i='...'`, its braces or quotes taken off; the expression may also stand bare up to the end of the card.
struct BehaviouralCard {
  std::string subject;
  const Token* p;
  const Token* n;
  bool is_voltage;
  std::string expression;
};

BehaviouralCard parts_of(const Card& card, const Instance& instance) {
  const auto subject = instance.subject(card.head().text);
  const auto tokens = card.after(1);
  const auto fail = [&](const std::string& message) { throw InputError(card.where, subject, message); };
  const auto equals = std::ranges::find_if(tokens, [](const Token& token) { return token.is_symbol('='); }) - tokens.begin();
  const auto count = static_cast<std::size_t>(equals);
  constexpr std::string_view form = "B1 p n i='expression' or v='expression' is expected";
  if (count == tokens.size()) fail(fmt::format("{}, got no \"=\"", form));
  if (count != 3) fail(fmt::format("{}; before \"=\" stand 2 nodes and i or v, got {} words", form, count));
  if (!tokens[2].is_word("i") && !tokens[2].is_word("v")) fail(fmt::format("{}, got \"{}=\"", form, tokens[2].text));
  if (count + 1 == tokens.size()) fail(fmt::format("an expression is expected after \"{}=\"", tokens[2].text));
  const auto& value = tokens[count + 1];
  BehaviouralCard parts{.subject = subject, .p = &tokens[0], .n = &tokens[1], .is_voltage = tokens[2].is_word("v"),
                        .expression = value.kind == Token::Kind::expression ? value.word : card.text.substr(card.text.find('=') + 1)};
  if (value.kind == Token::Kind::expression && tokens.size() > count + 2) fail(fmt::format("unexpected \"{}\" after the expression", tokens[count + 2].text));
  return parts;
}

Token name_token(std::string_view name) { return {Token::Kind::word, std::string(name), lower_case(name)}; }

}  // namespace

void declare_behavioural(const Card& card, Instance& instance, CircuitBuilder& builder) {
  const auto parts = parts_of(card, instance);
  const Port port{builder.node(instance.node(*parts.p, card.where, parts.subject)), builder.node(instance.node(*parts.n, card.where, parts.subject))};
  if (parts.is_voltage) builder.add_constraint(parts.subject, port, card.where);
}

void read_behavioural(const Card& card, Instance& instance, CircuitBuilder& builder) {
  const auto parts = parts_of(card, instance);
  const auto& where = card.where;
  const auto written = Expression::parse(parts.expression, where, parts.subject, ExpressionNames::circuit);
  const auto is_probe = [](std::string_view name) { return name.ends_with(')'); };
  const auto g = written.with([&](std::string_view name) -> std::optional<double> {
    if (name == "time" || is_probe(name)) return std::nullopt;
    const auto value = instance.scope().find(name);
    if (!value)
      throw InputError(where, parts.subject, fmt::format("unknown name \"{}\"; v(node), v(node,node), i(source), time and parameters are known", name));
    return value;
  });

  const auto node = [&](std::string_view name) {
    const auto found = builder.so_far().find_node(instance.node(name_token(name), where, parts.subject));
    if (found < 0) throw InputError(where, parts.subject, fmt::format("there is no node \"{}\"", name));
    return found;
  };
  BranchSpec spec{.name = lower_case(parts.subject), .element = element_id<elements::BehaviouralSource>(), .orders = elements::BehaviouralSource::orders,
                  .out = {}, .in = {}, .values = {}, .where = where, .kind = BranchKind::behavioural};
  std::vector<std::string> inputs;
  for (const auto& name : g.variables()) {
    if (!is_probe(name)) continue;
    inputs.push_back(name);
    const auto inside = std::string_view(name).substr(2, name.size() - 3);
    const auto comma = inside.find(',');
    if (name.front() == 'i')
      spec.inputs.push_back({current_of_source(find_voltage_source(name_token(inside), instance, builder, where, parts.subject)), ground});
    else
      spec.inputs.push_back({node(inside.substr(0, comma)), comma == std::string_view::npos ? ground : node(inside.substr(comma + 1))});
  }
  spec.behaviour = std::make_shared<const Behaviour>(g, std::move(inputs));
  spec.out = {node(parts.p->text), node(parts.n->text)};
  if (parts.is_voltage) spec.out = {ground, current_of_source(builder.so_far().find_source(spec.name))};
  spec.in = spec.out;
  builder.add_branch(std::move(spec));
}

}  // namespace tellegen::deck
