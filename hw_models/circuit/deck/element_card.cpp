#include "hw_models/circuit/deck/element_card.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tellegen::deck {
namespace {

/// Parts of an element's card after its name.
struct Parts {
  std::span<const Token> nodes;
  const Token* value_or_model = nullptr;
  std::vector<Setting> settings;
};

bool is_y_device(std::string_view keyword) { return keyword.front() == 'y'; }

Parts split(std::span<const Token> tokens, const ElementDescription& element, const SourceLocation& where,
            std::string_view subject) {
  const std::size_t node_count = element.has_control_port ? 4 : 2;
  std::size_t positional = 0;
  while (positional < tokens.size() && tokens[positional].kind != Token::Kind::symbol &&
         !(positional + 1 < tokens.size() && tokens[positional + 1].is_symbol('=')))
    ++positional;
  if (positional < node_count)
    throw InputError(where, subject, fmt::format("a {} has {} nodes, got {}", element.name, node_count, positional));
  Parts parts;
  parts.nodes = tokens.first(node_count);
  if (positional > node_count) parts.value_or_model = &tokens[node_count];
  if (positional > node_count + 1)
    throw InputError(where, subject,
                     fmt::format("unexpected \"{}\"; a {} has {} nodes and a value or a model",
                                 tokens[node_count + 1].text, element.name, node_count));
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

void read_element(const Card& card, ElementId element, Instance& instance, CircuitBuilder& builder) {
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

  ElementValues values(element, model != nullptr ? model->settings : parts.settings, where, subject);
  if (model != nullptr)
    values.apply(nullptr, model->settings, owner->scope(), model->where, fmt::format(".model {}", model->name));
  values.apply(has_bare_value ? parts.value_or_model : nullptr, parts.settings, instance.scope(), where, subject);
  values.check_complete(where, subject);

  const auto port = [&](std::size_t first) {
    return Port{builder.node(instance.node(parts.nodes[first], where, subject)),
                builder.node(instance.node(parts.nodes[first + 1], where, subject))};
  };
  const Port out = port(0);
  const Port in = description.has_control_port ? port(2) : out;
  builder.add_branch({.name = lower_case(subject),
                      .element = element,
                      .law = values.law(),
                      .orders = values.orders(),
                      .out = out,
                      .in = in,
                      .values = values.values(),
                      .where = where});
}

}  // namespace tellegen::deck
