#include "program/small_bench.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tellegen::tests {

void SmallBench::write(const Folder& folder) const {
  folder.write("b.toml", head + time + input + loss + train + rule + rest);
  folder.write("d.cir", deck);
  folder.write("x.csv", sine_csv("x", 1e-3));
  folder.write("y.csv", sine_csv("y", 0.3));
}

std::string sine_csv(const std::string& name, double height) {
  auto text = fmt::format("t,{}\n", name);
  for (int n = 1; n <= 100; ++n) text += fmt::format("{}e-5,{}\n", n, height * std::sin(n / 9.0));
  return text;
}

}  // namespace tellegen::tests
