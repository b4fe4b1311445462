#pragma once
#include <optional>
#include <string_view>

namespace tellegen {

/// Generating method of the convolution quadrature: backward Euler, two-step backward differentiation, trapezoidal.
enum class Method { be, bdf2, trap };

[[nodiscard]] constexpr std::optional<Method> method_of(std::string_view name) {
  if (name == "be") return Method::be;
  if (name == "bdf2") return Method::bdf2;
  if (name == "trap") return Method::trap;
  return std::nullopt;
}

[[nodiscard]] constexpr std::string_view name_of(Method method) {
  switch (method) {
    case Method::be: return "be";
    case Method::bdf2: return "bdf2";
    case Method::trap: return "trap";
  }
  return "";
}

}  // namespace tellegen
