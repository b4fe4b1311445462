#pragma once
// The explicit list of laws. A law is a type with inlined evaluation; the solver dispatches once per block of
// branches, never per branch.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "hw_models/elements/laws/expression_law.hpp"
#include "hw_models/elements/laws/junction.hpp"
#include "hw_models/elements/laws/linear.hpp"
#include "hw_models/elements/laws/poly.hpp"
#include "hw_models/elements/laws/sine.hpp"
#include "hw_models/elements/laws/sinh.hpp"
#include "hw_models/elements/laws/tanh.hpp"

namespace tellegen {

using LawList = std::tuple<LinearLaw, PolynomialLaw, TanhLaw, SinhLaw, SineLaw, JunctionLaw>;

/// Index into LawList.
enum class LawId : std::uint8_t {};

template <class Law, std::size_t I = 0>
[[nodiscard]] consteval LawId law_id() {
  if constexpr (std::is_same_v<Law, std::tuple_element_t<I, LawList>>)
    return LawId{I};
  else
    return law_id<Law, I + 1>();
}

/// The law of one branch: a built-in one, or an expression of its own.
struct LawChoice {
  LawId id{};
  std::shared_ptr<const ExpressionLaw> expression = nullptr;  ///< set where the law is given by the deck's own expression

  LawChoice() = default;
  LawChoice(LawId built_in) : id(built_in) {}  // NOLINT(google-explicit-constructor)
  LawChoice(std::shared_ptr<const ExpressionLaw> own) : expression(std::move(own)) {}  // NOLINT(google-explicit-constructor)
  friend bool operator==(const LawChoice&, const LawChoice&) = default;
};

/// Calls `visitor.template operator()<Law>()` for the built-in law that `id` names.
template <class Visitor, std::size_t I = 0>
decltype(auto) visit_law(LawId id, Visitor&& visitor) {
  if constexpr (I + 1 == std::tuple_size_v<LawList>) {
    return visitor.template operator()<std::tuple_element_t<I, LawList>>();
  } else {
    if (static_cast<std::size_t>(id) == I) return visitor.template operator()<std::tuple_element_t<I, LawList>>();
    return visit_law<Visitor, I + 1>(id, std::forward<Visitor>(visitor));
  }
}

namespace detail {
template <class Law>
inline constexpr Law the_law{};
}  // namespace detail

/// Calls `visitor(law)` with the law as an object: an empty one for a built-in law, which outlives the choice; the choice's
/// own expression, which does not.
template <class Visitor>
decltype(auto) visit_law(const LawChoice& choice, Visitor&& visitor) {
  if (choice.expression) return visitor(*choice.expression);
  return visit_law(choice.id, [&]<class Law>() -> decltype(auto) { return visitor(detail::the_law<Law>); });
}

/// Number of a law's parameters; a constant for a built-in law.
template <class Law>
[[nodiscard]] constexpr std::size_t parameter_count(const Law&) {
  return Law::parameters.size();
}
[[nodiscard]] inline std::size_t parameter_count(const ExpressionLaw& law) { return law.parameters().size(); }

[[nodiscard]] inline std::string_view keyword_of(const LawChoice& choice) {
  return visit_law(choice, [](const auto& law) { return law.keyword; });
}
[[nodiscard]] inline bool is_linear(const LawChoice& choice) {
  return visit_law(choice, [](const auto& law) { return bool{law.is_linear}; });
}
/// Whether it is the built-in linear law: its one parameter is the slope, which elements have names of their own for.
[[nodiscard]] inline bool is_plain_slope(const LawChoice& choice) {
  return !choice.expression && choice.id == law_id<LinearLaw>();
}
[[nodiscard]] inline std::span<const LawParameter> parameters_of(const LawChoice& choice) {
  if (choice.expression) return choice.expression->parameters();
  return visit_law(choice.id, []<class Law>() { return std::span<const LawParameter>(Law::parameters); });
}

/// Law of that keyword as decks write it (`law=tanh`), nothing when there is none.
template <std::size_t I = 0>
[[nodiscard]] std::optional<LawId> law_of_keyword(std::string_view keyword) {
  if constexpr (I == std::tuple_size_v<LawList>) {
    return std::nullopt;
  } else {
    if (std::tuple_element_t<I, LawList>::keyword == keyword) return LawId{I};
    return law_of_keyword<I + 1>(keyword);
  }
}

}  // namespace tellegen
