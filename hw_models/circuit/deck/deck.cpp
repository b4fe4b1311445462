#include "hw_models/circuit/deck/deck.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "hw_models/circuit/deck/directives.hpp"
#include "hw_models/circuit/deck/element_card.hpp"
#include "hw_models/circuit/deck/source_card.hpp"
#include "hw_models/circuit/deck/unsupported.hpp"

namespace tellegen {
namespace deck {
namespace {

/// Walks over the device cards of the deck and of every subcircuit instance.
class Expansion {
 public:
  Expansion(CircuitBuilder& builder, Deck& result, std::optional<WaveformDefaults> defaults)
      : builder_(builder), result_(result), defaults_(defaults) {}

  void expand(Instance& instance) {
    instance.check();
    std::map<std::string, SourceLocation> subcircuits_used;
    const auto coupled = coupled_inductors(instance);
    std::vector<const Card*> order;
    for (const bool refers : {false, true})
      for (const auto& card : instance.block().devices)
        if (refers_to_devices(keyword_of_card(card)) == refers) order.push_back(&card);
    for (const Card* next : order) {
      const auto& card = *next;
      const auto keyword = keyword_of_card(card);
      if (keyword == "b") {
        declare_behavioural(card, instance, builder_);
      } else if (keyword == "k") {
        read_coupling(card, instance, builder_);
      } else if (keyword == "yhh") {
        read_membrane(card, instance, builder_);
      } else if (const auto element = find_element(keyword)) {
        const bool is_coupled = keyword == "l" && coupled.contains(lower_case(instance.subject(card.head().text)));
        read_element(card, *element, is_coupled, instance, builder_);
      } else if (keyword == "v" || keyword == "i") {
        expand_source(card, instance);
      } else if (keyword == "x") {
        const auto [first, is_new] = subcircuits_used.emplace(card.head().word, card.where);
        if (!is_new)
          throw InputError(card.where, instance.subject(card.head().text),
                           fmt::format("this name is already used in {}:{}", first->second.file, first->second.line));
        expand_subcircuit(card, instance);
      } else {
        refuse_device(keyword, card.where, instance.subject(card.head().text));
      }
    }
    for (const Card* card : order)
      if (keyword_of_card(*card) == "b") read_behavioural(*card, instance, builder_);
  }

 private:
  void expand_source(const Card& card, Instance& instance) {
    auto read = read_source(card, instance, builder_, defaults_);
    if (read.small_signal) result_.small_signal[read.source.name] = *read.small_signal;
    builder_.add_source(std::move(read.source));
  }

  void expand_subcircuit(const Card& card, Instance& instance) {
    const auto& where = card.where;
    const auto subject = instance.subject(card.head().text);
    const auto tokens = card.after(1);
    std::size_t positional = 0;
    while (positional < tokens.size() && !tokens[positional].is_word("params:") &&
           !(positional + 1 < tokens.size() && tokens[positional + 1].is_symbol('=')))
      ++positional;
    if (positional < 2) throw InputError(where, subject, "nodes and the name of a subcircuit are expected");
    const auto& name = tokens[positional - 1];
    const auto [block, definition] = instance.find_subcircuit(name.word);
    if (block == nullptr) throw InputError(where, subject, fmt::format("there is no subcircuit \"{}\"", name.text));
    if (positional - 1 != block->pins.size())
      throw InputError(where, subject,
                       fmt::format("subcircuit \"{}\" of {}:{} has {} pins, got {} nodes", name.text, block->where.file,
                                   block->where.line, block->pins.size(), positional - 1));
    if (std::ranges::find(open_, block) != open_.end())
      throw InputError(where, subject, fmt::format("subcircuit \"{}\" calls itself", name.text));

    std::vector<std::string> pin_nodes;
    for (const auto& token : tokens.first(positional - 1)) pin_nodes.push_back(instance.node(token, where, subject));
    // Pins become nodes in the order of the X card, so that nodes are numbered as they are read.
    for (const auto& node : pin_nodes) builder_.node(node);
    Instance made(*block, *definition, lower_case(subject) + ":", std::move(pin_nodes));
    set_parameters(read_settings(tokens.subspan(positional), where, subject), card, instance, made);
    open_.push_back(block);
    expand(made);
    open_.pop_back();
  }

  /// Parameters of an instance: what the X card gives, evaluated outside; else the default, evaluated inside.
  void set_parameters(const std::vector<Setting>& given, const Card& card, Instance& outside, Instance& made) {
    const auto& block = made.block();
    const auto subject = outside.subject(card.head().text);
    for (const auto& setting : given) {
      if (std::ranges::find(block.defaults, setting.key, &ParameterDefinition::name) == block.defaults.end()) {
        refuse_planned_parameter(setting.key, card.where, subject);
        throw InputError(card.where, subject,
                         fmt::format("subcircuit \"{}\" has no parameter \"{}\"", block.name, setting.key));
      }
      made.scope().set(setting.key, value_of(setting.value, outside.scope(), card.where, subject), card.where);
    }
    for (const auto& definition : block.defaults)
      if (std::ranges::find(given, definition.name, &Setting::key) == given.end()) made.scope().define(definition);
  }

  CircuitBuilder& builder_;
  Deck& result_;
  std::optional<WaveformDefaults> defaults_;
  std::vector<const Block*> open_;
};

std::optional<WaveformDefaults> waveform_defaults(const Deck& deck) {
  for (const auto& analysis : deck.analyses)
    if (const auto* transient = std::get_if<TransientAnalysis>(&analysis))
      return WaveformDefaults{transient->step, transient->stop};
  return std::nullopt;
}

Deck read(std::string_view text, std::string_view file_name, std::span<const ProbeRequest> probes, const Parasitics& parasitics) {
  auto cards = read_cards(text, file_name);
  Deck result;
  result.title = std::move(cards.title);
  result.included = std::move(cards.files);
  result.file = std::string(file_name);
  const auto outline = outline_of(std::move(cards.cards));
  if (outline.top.devices.empty())
    throw InputError({result.file, 0}, "", "the deck has no devices; its first line is the title");
  Instance top(outline);
  read_directives(outline.directives, top, result);
  CircuitBuilder builder;
  Expansion(builder, result, waveform_defaults(result)).expand(top);
  add_parasitics(builder, parasitics);
  add_instruments(builder, probes);
  result.circuit = std::move(builder).freeze();
  check_names(outline.directives, result);
  return result;
}

}  // namespace
}  // namespace deck

Deck read_deck(const std::filesystem::path& path, std::span<const ProbeRequest> probes, const Parasitics& parasitics) {
  const auto text = deck::read_text_file(path, {path.string(), 0}, "");
  return deck::read(text, path.string(), probes, parasitics);
}

Deck read_deck_text(std::string_view text, std::string_view file_name, std::span<const ProbeRequest> probes, const Parasitics& parasitics) {
  return deck::read(text, file_name, probes, parasitics);
}

}  // namespace tellegen
