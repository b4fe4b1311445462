#pragma once
// `[chip]` and its tables.

#include "runtime/training/bench.hpp"
#include "runtime/training/toml_document.hpp"

namespace tellegen {

/// Reads the chip of a bench whose time grid is known.
/// @param table  under `[chip]`, empty where the bench has none
/// @throws InputError
void read_chip(const TomlTable& table, const SourceLocation& where, Bench& bench);

}  // namespace tellegen
