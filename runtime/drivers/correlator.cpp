#include "runtime/drivers/correlator.hpp"

#include <array>
#include <cmath>

namespace tellegen::drivers {
namespace map = regmap::correlator;
static_assert(map::gain_minus.address() == map::gain_plus.end(), "both gains are one transfer below");

Status Correlator::set_gains(double plus, double minus) {
  if (!std::isfinite(plus) || !std::isfinite(minus)) return Status::bad_argument;
  const auto [plus_low, plus_high] = regmap::words_of(plus);
  const auto [minus_low, minus_high] = regmap::words_of(minus);
  return status_of(port_.bus().write(map::gain_plus.address(), std::array{plus_low, plus_high, minus_low, minus_high}));
}

Status Correlator::gains(double& plus, double& minus) {
  std::array<std::uint32_t, 4> words{};
  const Status status = status_of(port_.bus().read(map::gain_plus.address(), words));
  if (status != Status::ok) return status;
  plus = regmap::double_of(words[0], words[1]);
  minus = regmap::double_of(words[2], words[3]);
  return Status::ok;
}

}  // namespace tellegen::drivers
