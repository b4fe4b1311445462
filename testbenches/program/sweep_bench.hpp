#pragma once
// What the tests of `sweep` share: a bench whose gradient depends on beta and on the clock, and sweeps of it.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "program/small_bench.hpp"

namespace tellegen::tests {

using Arguments = std::vector<std::string>;

/// Diode beside a low-pass: the echo's gradient depends on beta and on the clock.
inline SmallBench nonlinear_bench() {
  SmallBench bench;
  bench.rule = "[rule]\nname = \"biased_echo\"\nbeta = 1e-3\n";
  bench.deck = "low-pass\nI1 0 a 0\nR1 a 0 1k\nR2 a b 1k\nC1 b 0 100n\nD1 b 0 clamp\n.model clamp D (is=1u n=1.5)\n.end\n";
  return bench;
}

inline Arguments sweep(const Arguments& more, const std::string& folder = "out") {
  Arguments all{"sweep", "b.toml", "-o", folder};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

inline const Arguments grid{"--vary", "rule.beta=1e-3:10:5", "--vary", "chip.clock=100 kHz,50 kHz,20 kHz"};
inline const Arguments chips{"--vary", "chip.clock=100 kHz,20 kHz", "--vary", "rule.beta=1e-3:1e-1", "--monte-carlo", "8", "--quantile", "0.25"};

inline Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// The files that hold no date, to the last bit.
inline void check_same_results(const Folder& a, const Folder& b) {
  CHECK(a.read("out/sweep.csv") == b.read("out/sweep.csv"));
  CHECK(a.read("out/sweep.json") == b.read("out/sweep.json"));
}

}  // namespace tellegen::tests
