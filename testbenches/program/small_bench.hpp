#pragma once
// A low-pass on a current source that benches of the tests are made of, one table at a time.

#include <map>
#include <string>

#include "program/program_run.hpp"

namespace tellegen::tests {

/// Tables of a bench, in the order of its file; a test replaces the one that it is about.
struct SmallBench {
  std::string head = "[bench]\nname = \"small\"\ndeck = \"d.cir\"\n";                   // line 1
  std::string time = "[time]\nstep = \"10 us\"\nstop = \"1 ms\"\n";                     // line 4
  std::string input = "[[input]]\nsource = \"I1\"\ncsv = \"x.csv\"\ncolumn = \"x\"\n";  // line 7
  std::string loss =
      "[[loss]]\nkind = \"mse\"\nprobe = \"v(b)\"\ntarget = { csv = \"y.csv\", column = \"y\" }\n";      // line 11
  std::string train = "[train]\nparameters = [\"r*.g\", \"c1.c\"]\noptimizer = \"sgd\"\nrate = 1e-3\n";  // line 15
  std::string rule = "[rule]\nname = \"echo\"\nbeta = 1e-3\n";                                           // line 19
  std::string rest;                                                                                      // line 22
  std::string deck = "low-pass\nI1 0 a 0\nR1 a 0 1k\nR2 a b 1k\nC1 b 0 100n\n.end\n";

  /// Bench, deck and data as files: b.toml, d.cir, x.csv, y.csv.
  void write(const Folder& folder) const;
};

/// Samples of 100 steps of 10 us: header "t,NAME", then a sine of that height.
[[nodiscard]] std::string sine_csv(const std::string& name, double height);

}  // namespace tellegen::tests
