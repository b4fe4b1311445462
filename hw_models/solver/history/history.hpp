#pragma once
#include <optional>
#include <string_view>

namespace tellegen {

/// How an operator of fractional order remembers the past of its input. Integer orders are exact recursions with all but
/// `direct`, which keeps the recursion to the orders -1, 0, 1.
///
/// | history           | cost of N steps | memory | result                                                              |
/// |-------------------|-----------------|--------|---------------------------------------------------------------------|
/// | direct            | N^2             | N      | the convolution, term by term                                       |
/// | fft               | N log^2 N       | N      | the same to round-off, blockwise by Fourier transforms              |
/// | exponentials_20   | N               | 1      | another passive element, 20 exponentials close (`exponential_sum.hpp`) |
/// | exponentials_32   | N               | 1      | the same with 32                                                    |
enum class History { direct, fft, exponentials_20, exponentials_32 };

/// Number of exponentials; 0 where the convolution is exact.
[[nodiscard]] constexpr int terms_of(History history) {
  switch (history) {
    case History::direct:
    case History::fft: return 0;
    case History::exponentials_20: return 20;
    case History::exponentials_32: return 32;
  }
  return 0;
}

/// Sum of that many exponentials; nothing where there is none.
[[nodiscard]] constexpr std::optional<History> exponential_history(long long terms) {
  if (terms == 20) return History::exponentials_20;
  if (terms == 32) return History::exponentials_32;
  return std::nullopt;
}

[[nodiscard]] constexpr std::string_view name_of(History history) {
  switch (history) {
    case History::direct: return "direct";
    case History::fft: return "fft";
    case History::exponentials_20: return "20 exponentials";
    case History::exponentials_32: return "32 exponentials";
  }
  return "";
}

}  // namespace tellegen
