#pragma once
// The explicit list of element kinds. Deck reader, solver, echo, classifier and SystemC modules follow from it.

#include <tuple>
#include <type_traits>

#include "hw_models/elements/behavioural_source.hpp"
#include "hw_models/elements/capacitor.hpp"
#include "hw_models/elements/constant_phase.hpp"
#include "hw_models/elements/coupled_inductor.hpp"
#include "hw_models/elements/current_amplifier.hpp"
#include "hw_models/elements/diode.hpp"
#include "hw_models/elements/element_description.hpp"
#include "hw_models/elements/fractional_memristor.hpp"
#include "hw_models/elements/general_element.hpp"
#include "hw_models/elements/hodgkin_huxley.hpp"
#include "hw_models/elements/inductor.hpp"
#include "hw_models/elements/law_list.hpp"
#include "hw_models/elements/memristor.hpp"
#include "hw_models/elements/mutual_inductance.hpp"
#include "hw_models/elements/resistor.hpp"
#include "hw_models/elements/transconductor.hpp"
#include "hw_models/elements/transresistor.hpp"
#include "hw_models/elements/voltage_amplifier.hpp"

namespace tellegen {

using ElementList =
    std::tuple<elements::Resistor, elements::Capacitor, elements::Inductor, elements::Diode, elements::Transconductor,
               elements::FractionalMemristor, elements::Memristor, elements::ConstantPhase, elements::GeneralElement,
               elements::VoltageAmplifier, elements::CurrentAmplifier, elements::Transresistor, elements::CoupledInductor,
               elements::MutualInductance, elements::BehaviouralSource, elements::HodgkinHuxley>;

template <class E, std::size_t I = 0>
[[nodiscard]] consteval ElementId element_id() {
  if constexpr (std::is_same_v<E, std::tuple_element_t<I, ElementList>>)
    return ElementId{I};
  else
    return element_id<E, I + 1>();
}

}  // namespace tellegen
