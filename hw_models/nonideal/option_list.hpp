#pragma once
// Every non-ideality as an option of `[chip]`: one list for the reader of benches, for its checks, and for the documentation.

#include <span>
#include <string_view>

#include "hw_models/nonideal/nonidealities.hpp"

namespace tellegen {

/// Option that is a number. Absent means ideal.
struct NonidealOption {
  std::string_view table;    ///< "chip.probe"
  std::string_view key;
  std::string_view unit;     ///< SI; empty: a plain number
  double low, high;          ///< range in SI, both ends included
  bool is_whole;
  std::string_view meaning;
  double& (*of)(NonIdealities& chip);
};

/// Option that is a word, a list or a file.
struct NonidealChoice {
  std::string_view table, key;
  std::string_view values;   ///< "sequential | lockstep"; the first is the default
  std::string_view meaning;
};

[[nodiscard]] std::span<const NonidealOption> nonideal_options();
[[nodiscard]] std::span<const NonidealChoice> nonideal_choices();

}  // namespace tellegen
