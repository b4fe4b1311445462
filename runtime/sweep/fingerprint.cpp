#include "runtime/sweep/fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hw_models/circuit/deck/deck.hpp"
#include "runtime/files/atomic_file.hpp"
#include "runtime/training/bench_override.hpp"

namespace tellegen::sweep {
namespace {

namespace fs = std::filesystem;

/// What a chip does with its circuit, and not what the circuit is; any other table of [chip] (mismatch, leakage, lines, ..) may change that.
constexpr auto chip_keys_beside_the_circuit =
    std::to_array<std::string_view>({"clock", "cells", "passes", "replay", "stimulus", "drive", "probe", "trace", "correlator", "drift", "noise", "negative_conductance", "energy"});

constexpr std::size_t longest_name = 4096;  // no file's name is longer

void remove(TomlTable& table, std::string_view key) {
  std::erase_if(table.entries, [&](const TomlEntry& entry) { return entry.key == key; });
}

/// Two hashes from different starts: 128 bits, so that no two points of any sweep meet.
std::string digest(std::string_view text) { return fmt::format("{:016x}{:016x}", hash_of(text), hash_of(text, 0x9ae16a3b2f90404fU)); }

}  // namespace

std::uint64_t hash_of(std::string_view text, std::uint64_t start) {
  for (const char c : text) start = (start ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return start;
}

const std::string& Fingerprints::content(const fs::path& file, bool is_deck) {
  const auto [place, is_new] = contents_.try_emplace(file);
  if (!is_new) return place->second;
  auto hashes = digest(read_whole_file(file));
  if (is_deck)
    for (const auto& included : read_deck(file).included) hashes += digest(read_whole_file(included));
  return place->second = std::move(hashes);
}

void Fingerprints::append_files(std::string& text, const TomlNode& node, bool is_deck) {
  if (const auto* name = node.text(); name != nullptr && !name->empty() && name->size() < longest_name && name->find('\0') == std::string::npos) {
    const auto path = (folder_ / *name).lexically_normal();
    std::error_code unreadable;
    if (fs::is_regular_file(path, unreadable)) text += content(path, is_deck);
  }
  if (const auto* array = node.array())
    for (const auto& item : array->items) append_files(text, item, is_deck);
  if (const auto* table = node.table())
    for (const auto& entry : table->entries) append_files(text, entry.value, entry.key == "deck");
}

std::string Fingerprints::of_tables(TomlTable tree) {
  TomlNode node;
  auto text = what_ + canonical_text(tree);
  node.value = std::move(tree);
  append_files(text, node, false);
  return digest(text);
}

std::string Fingerprints::of(const TomlTable& tree) {
  auto copy = tree;
  for (const std::string_view table : {"limits", "report", "baseline"}) remove(copy, table);
  for (auto& entry : copy.entries)
    if (auto* head = std::get_if<TomlTable>(&entry.value.value); head != nullptr && entry.key == "bench") remove(*head, "name");
  return of_tables(std::move(copy));
}

std::string Fingerprints::of_exact_gradient(const TomlTable& tree) {
  auto copy = tree;
  for (const std::string_view table : {"limits", "report", "baseline", "rule", "held_out"}) remove(copy, table);
  bool has_other_circuit = false;
  for (auto& entry : copy.entries)
    if (auto* chip = std::get_if<TomlTable>(&entry.value.value); chip != nullptr && entry.key == "chip") {
      for (const auto key : chip_keys_beside_the_circuit) remove(*chip, key);
      has_other_circuit = !chip->entries.empty();
    }
  if (!has_other_circuit) remove(copy, "chip");
  for (auto& entry : copy.entries)
    if (auto* head = std::get_if<TomlTable>(&entry.value.value); head != nullptr && entry.key == "bench") {
      remove(*head, "name");
      if (!has_other_circuit) remove(*head, "seed");  // nothing of the circuit is drawn
    }
  return of_tables(std::move(copy));
}

}  // namespace tellegen::sweep
