#pragma once
// Values that take the place of a bench's own before anything is checked, so that every rule and every message of the
// file holds for them too.

#include <string>
#include <string_view>
#include <vector>

#include "runtime/training/toml_document.hpp"

namespace tellegen {

/// Path of a key as TOML writes it: "chip.clock", "loss.0.weight" (the first [[loss]], counted from 0),
/// `train.bounds."r*.g"`.
using BenchKey = std::vector<std::string>;

/// One value for one key.
struct BenchOverride {
  BenchKey key;
  TomlNode value;  ///< its origin is what messages name as the place
};

/// @param option  what gave the key, for messages: "--set"
/// @throws InputError an empty part, or a quote that is not closed
[[nodiscard]] BenchKey bench_key(std::string_view text, std::string_view option);
/// The key as text again.
[[nodiscard]] std::string text_of(const BenchKey& key);

/// Value of a text on the command line: TOML where it is a value of TOML, as in `3`, `1e-3`, `true`, `"r*.g"`,
/// `["a", "b"]`; any other is a text without quotes, as in `10 us` or `biased_echo`.
[[nodiscard]] TomlNode bench_value(std::string_view text);

/// Names what gave an override, for messages about it or any value in it.
void set_origin(BenchOverride& one, const std::string& origin);

/// Override of `KEY=VALUE`.
/// @throws InputError the text has no key or no value
[[nodiscard]] BenchOverride bench_override(std::string_view text, std::string_view option);

/// Puts a value into the tree of a bench; tables on its way that are missing are made.
/// @throws InputError the way leads through something that is no table, or past the end of an array
void put(TomlTable& root, const BenchOverride& one);

/// The tree as one text without lines and origins: the same for the same content.
[[nodiscard]] std::string canonical_text(const TomlTable& table);

}  // namespace tellegen
