#include "hw_models/circuit/deck/element_card.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tellegen::deck {
namespace {

/// Parts of an element's card after its name.
struct Parts {
  std::span<const Token> nodes;
  const Token* sensed_source = nullptr;
  const Token* value_or_model = nullptr;
  std::vector<Setting> settings;
};

bool is_y_device(std::string_view keyword) { return keyword.front() == 'y'; }

Parts split(std::span<const Token> tokens, const ElementDescription& element, const SourceLocation& where,
            std::string_view subject) {
  std::size_t positional = 0;
  while (positional < tokens.size() && tokens[positional].kind != Token::Kind::symbol &&
         !(positional + 1 < tokens.size() && tokens[positional + 1].is_symbol('=')))
    ++positional;
  const bool senses_current = element.has_control_port && element.control == PortKind::current;
  const bool has_control_nodes = (element.has_control_port && !senses_current) || (element.takes_control_port && positional >= 4);
  const std::size_t node_count = has_control_nodes ? 4 : 2, value_at = node_count + (senses_current ? 1 : 0);
  if (positional < node_count)
    throw InputError(where, subject, fmt::format("a {} has {} nodes, got {}", element.name, node_count, positional));
  if (positional < value_at)
    throw InputError(where, subject, "the name of the voltage source whose current it senses is expected after the nodes");
  Parts parts;
  parts.nodes = tokens.first(node_count);
  if (senses_current) parts.sensed_source = &tokens[node_count];
  if (positional > value_at) parts.value_or_model = &tokens[value_at];
  if (positional > value_at + 1)
    throw InputError(where, subject,
                     fmt::format("unexpected \"{}\"; a {} has {} nodes and a value or a model",
                                 tokens[value_at + 1].text, element.name, node_count));
  parts.settings = read_settings(tokens.subspan(positional), where, subject);
  return parts;
}

std::pair<const Model*, Instance*> find_model(const Token& name, const ElementDescription& element, Instance& instance,
                                              const SourceLocation& where, std::string_view subject) {
  const auto [model, owner] = instance.find_model(name.word);
  if (model == nullptr)
    throw InputError(where, subject, fmt::format("\"{}\" is neither a number nor the name of a model", name.text));
  const auto& type = describe(model->element).model_type;
  if (type != element.model_type)
    throw InputError(where, subject,
                     fmt::format("model \"{}\" of {}:{} is of type {}, a {} takes type {}", name.text,
                                 model->where.file, model->where.line, type, element.name, element.model_type));
  return {model, owner};
}

}  // namespace

std::int32_t find_voltage_source(const Token& name, const Instance& instance, const CircuitBuilder& builder, const SourceLocation& where,
                                 std::string_view subject) {
  const auto source = builder.so_far().find_source(lower_case(instance.subject(name.text)));
  if (source < 0 || builder.so_far().sources()[source].kind != SourceKind::voltage)
    throw InputError(where, subject, fmt::format("there is no voltage source \"{}\" whose current could be sensed", name.text));
  return source;
}

bool refers_to_devices(std::string_view keyword) { return keyword == "f" || keyword == "h" || keyword == "k"; }

std::set<std::string> coupled_inductors(const Instance& instance) {
  std::set<std::string> names;
  for (const auto& card : instance.block().devices)
    if (keyword_of_card(card) == "k")
      for (const auto& token : card.after(1))
        if (token.kind == Token::Kind::word) names.insert(lower_case(instance.subject(token.text)));
  return names;
}

std::string keyword_of_card(const Card& card) {
  const auto& head = card.head().word;
  return is_y_device(head) ? head : head.substr(0, 1);
}

std::optional<ElementId> find_element(std::string_view keyword) {
  const auto elements = all_elements();
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (lower_case(elements[i].keyword) == keyword) return ElementId{static_cast<std::uint8_t>(i)};
  return std::nullopt;
}

void read_element(const Card& card, ElementId element, bool is_coupled, Instance& instance, CircuitBuilder& builder) {
  const auto& where = card.where;
  const auto& description = describe(element);
  const bool named_apart = is_y_device(card.head().word);
  if (named_apart && (card.tokens.size() < 2 || card.tokens[1].kind != Token::Kind::word))
    throw InputError(where, card.head().text, "a name is expected after the device type");
  const auto typed = named_apart ? fmt::format("{}!{}", card.head().text, card.tokens[1].text) : card.head().text;
  const auto subject = instance.subject(typed);

  const auto parts = split(card.after(named_apart ? 2 : 1), description, where, subject);
  const bool has_bare_value = parts.value_or_model != nullptr && is_value(*parts.value_or_model);
  const Model* model = nullptr;
  Instance* owner = nullptr;
  if (parts.value_or_model != nullptr && !has_bare_value)
    std::tie(model, owner) = find_model(*parts.value_or_model, description, instance, where, subject);
  if (model == nullptr && !has_bare_value && description.deck_value_view < 0)
    throw InputError(where, subject,
                     fmt::format("a {} takes a model of type {}", description.name, description.model_type));
  if (model != nullptr && std::ranges::find(parts.settings, "law", &Setting::key) != parts.settings.end())
    throw InputError(where, subject, fmt::format("law= belongs to model \"{}\"", model->name));

  ElementValues values(element, model != nullptr ? model->settings : parts.settings, model != nullptr ? owner->scope() : instance.scope(),
                       instance.laws(), where, subject);
  if (model != nullptr && values.law().expression && std::ranges::find(parts.settings, "f", &Setting::key) != parts.settings.end())
    throw InputError(where, subject, fmt::format("f= belongs to model \"{}\"", model->name));
  if (model != nullptr)
    values.apply(nullptr, model->settings, owner->scope(), model->where, fmt::format(".model {}", model->name));
  values.apply(has_bare_value ? parts.value_or_model : nullptr, parts.settings, instance.scope(), where, subject);
  values.check_complete(where, subject);

  const auto port = [&](std::size_t first) {
    return Port{builder.node(instance.node(parts.nodes[first], where, subject)),
                builder.node(instance.node(parts.nodes[first + 1], where, subject))};
  };
  const Port terminals = port(0);
  BranchSpec spec{.name = lower_case(subject), .element = element, .law = values.law(), .orders = values.orders(), .out = terminals,
                  .in = terminals, .values = values.values(), .where = where};
  if (parts.nodes.size() == 4) spec.in = port(2);
  if (parts.sensed_source != nullptr) spec.in = {current_of_source(find_voltage_source(*parts.sensed_source, instance, builder, where, subject)), ground};
  if (is_coupled) {
    if (!is_plain_slope(spec.law)) throw InputError(where, subject, "a coupled inductor is linear; its law cannot be another");
    spec.element = element_id<elements::CoupledInductor>();
    spec.orders = elements::CoupledInductor::orders;
    spec.values = {1 / spec.values[0]};
  }
  if (is_coupled || description.output == PortKind::voltage) {
    const NodeIndex current = current_of_source(builder.add_constraint(spec.name, terminals, where));
    spec.out = {ground, current};
    if (is_coupled) spec.in = {current, ground};
  }
  builder.add_branch(std::move(spec));
}

void read_coupling(const Card& card, Instance& instance, CircuitBuilder& builder) {
  const auto subject = instance.subject(card.head().text);
  const auto tokens = card.after(1);
  if (tokens.size() < 3) throw InputError(card.where, subject, "two inductors and a coupling coefficient are expected");
  if (tokens.size() > 3) throw InputError(card.where, subject, fmt::format("unexpected \"{}\"; couple the windings in pairs, two inductors a card", tokens[3].text));
  const auto inductor = [&](const Token& token) { return lower_case(instance.subject(token.text)); };
  for (const auto& token : tokens.first(2)) {
    const auto branch = builder.so_far().find_branch(inductor(token));
    if (branch < 0 || builder.so_far().branches()[branch].element != element_id<elements::CoupledInductor>())
      throw InputError(card.where, subject, fmt::format("there is no inductor \"{}\"", token.text));
  }
  if (tokens[0].word == tokens[1].word) throw InputError(card.where, subject, "an inductor cannot be coupled to itself");
  builder.add_coupling(subject, element_id<elements::MutualInductance>(), inductor(tokens[0]), inductor(tokens[1]),
                       value_of(tokens[2], instance.scope(), card.where, subject), card.where);
}

void read_membrane(const Card& card, Instance& instance, CircuitBuilder& builder) {
  constexpr auto element = element_id<elements::HodgkinHuxley>();
  const auto& where = card.where;
  if (card.tokens.size() < 2 || card.tokens[1].kind != Token::Kind::word)
    throw InputError(where, card.head().text, "a name is expected after the device type");
  const auto subject = instance.subject(fmt::format("{}!{}", card.head().text, card.tokens[1].text));
  const auto parts = split(card.after(2), describe(element), where, subject);
  BranchSpec spec{.name = lower_case(subject), .element = element, .orders = elements::HodgkinHuxley::orders, .out = {}, .in = {},
                  .values = {}, .where = where, .kind = BranchKind::membrane};
  for (const auto& parameter : membrane_parameters) spec.values.push_back(parameter.default_value);
  if (parts.value_or_model != nullptr) {
    if (is_value(*parts.value_or_model)) throw InputError(where, subject, fmt::format("a membrane has no value of its own, got \"{}\"", parts.value_or_model->text));
    const auto [model, owner] = find_model(*parts.value_or_model, describe(element), instance, where, subject);
    apply_to_membrane(model->settings, owner->scope(), model->where, fmt::format(".model {}", model->name), spec.values);
  }
  apply_to_membrane(parts.settings, instance.scope(), where, subject, spec.values);
  spec.out = spec.in = {builder.node(instance.node(parts.nodes[0], where, subject)), builder.node(instance.node(parts.nodes[1], where, subject))};
  builder.add_branch(std::move(spec));
}

}  // namespace tellegen::deck
