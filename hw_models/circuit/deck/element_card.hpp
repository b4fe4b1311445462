#pragma once
#include <optional>
#include <set>
#include <string>

#include "hw_models/circuit/circuit.hpp"
#include "hw_models/circuit/deck/instance.hpp"

namespace tellegen::deck {

/// Device type that a card's first word names: the Y type as a whole ("yfmem"), else its first letter ("r").
[[nodiscard]] std::string keyword_of_card(const Card& card);

/// Element of that keyword in the table of elements.
[[nodiscard]] std::optional<ElementId> find_element(std::string_view keyword);

/// Whether a card names devices that other cards define, so that it is read after them: a sensed source, coupled inductors.
[[nodiscard]] bool refers_to_devices(std::string_view keyword);

/// Names in the circuit of the inductors that the K cards of an instance couple.
[[nodiscard]] std::set<std::string> coupled_inductors(const Instance& instance);

/// Voltage source, or element that holds a voltage, of that name in the instance.
/// @throws InputError there is none
[[nodiscard]] std::int32_t find_voltage_source(const Token& name, const Instance& instance, const CircuitBuilder& builder,
                                               const SourceLocation& where, std::string_view subject);

/// Reads `R1 a b 10k`, `G1 a b c d model`, `F1 a b vsense 2`, `YFMEM m1 a b model k1=2u`: everything about the element comes from
/// its description.
/// @param is_coupled  an inductor that a K card names: it takes its current as an unknown
/// @throws InputError
void read_element(const Card& card, ElementId element, bool is_coupled, Instance& instance, CircuitBuilder& builder);

/// Reads `K1 l1 l2 0.9`.
/// @throws InputError
void read_coupling(const Card& card, Instance& instance, CircuitBuilder& builder);

/// Reads `YHH n1 p n [model] gna=0.1 ...`.
/// @throws InputError
void read_membrane(const Card& card, Instance& instance, CircuitBuilder& builder);

/// Makes the nodes of `B1 a b i='...'` and, where it holds a voltage, the row in which it does, so that other cards may name them.
/// @throws InputError
void declare_behavioural(const Card& card, Instance& instance, CircuitBuilder& builder);

/// Reads the expression of a declared B card: v(node), v(node,node), i(source), time and parameters.
/// @throws InputError
void read_behavioural(const Card& card, Instance& instance, CircuitBuilder& builder);

}  // namespace tellegen::deck
