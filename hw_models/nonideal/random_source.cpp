#include "hw_models/nonideal/random_source.hpp"

#include <Random123/boxmuller.hpp>
#include <Random123/philox.h>

namespace tellegen {

double RandomSource::normal(RandomUse use, std::uint32_t a, std::uint32_t b, std::uint32_t c) const {
  using Generator = r123::Philox4x32;
  const Generator::key_type key{{static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)}};
  const auto bits = Generator{}(Generator::ctr_type{{static_cast<std::uint32_t>(use), a, b, c}}, key);
  const auto wide = [&](std::size_t i) { return static_cast<std::uint64_t>(bits[i]) | static_cast<std::uint64_t>(bits[i + 1]) << 32; };
  return r123::boxmuller(wide(0), wide(2)).x;
}

}  // namespace tellegen
