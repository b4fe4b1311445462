#include <fmt/format.h>

#include "tellegen/regmap/print.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::regmap {
namespace {

std::string_view name_of(Format format) {
  switch (format) {
    case Format::u32:
      return "u32";
    case Format::i32:
      return "i32";
    case Format::f64:
      return "f64";
  }
  return "?";
}

std::string_view name_of(Access access) {
  switch (access) {
    case Access::ro:
      return "ro";
    case Access::rw:
      return "rw";
    case Access::wo:
      return "wo";
    case Access::w1c:
      return "w1c";
  }
  return "?";
}

/// Access with all that restricts it.
std::string rules_of(const Register& reg) {
  std::string rules(name_of(reg.access));
  if (reg.locked) rules += ", locked";
  if (reg.format == Format::f64 && reg.writable()) rules += reg.numbers == Numbers::finite ? ", finite" : ", no NaN";
  return rules;
}

std::string reset_of(const Register& reg) {
  if (!reg.reset) return "set by the chip";
  if (reg.format == Format::f64) return fmt::format("{}", std::bit_cast<double>(*reg.reset));
  return *reg.reset < 10 ? fmt::format("{}", *reg.reset) : fmt::format("0x{:08X}", *reg.reset);
}

std::string bits_of(const Field& field) {
  if (field.width == 1) return fmt::format("{}", field.lsb);
  return fmt::format("{}:{}", field.lsb + field.width - 1, field.lsb);
}

std::string field_table(const Block& block, const Register& reg) {
  std::string text = fmt::format("\n### {}.{}\n\n| bits | field | meaning |\n|---|---|---|\n", block.name, reg.name);
  for (const Field& field : reg.fields) {
    text += fmt::format("| {} | {} | {}", bits_of(field), field.name, field.meaning);
    for (const EnumeratedValue& entry : field.values)
      text += fmt::format("<br>{} = {}: {}", entry.value, entry.name, entry.meaning);
    text += " |\n";
  }
  return text;
}

std::string block_tables(const Block& block) {
  std::string text = fmt::format("\n## {} at 0x{:04X}\n\n{}.\n\n", block.name, block.base, block.meaning);
  text += "| address | name | format | access | reset | unit | meaning |\n|---|---|---|---|---|---|---|\n";
  for (const Register* reg : block.registers) {
    text +=
        fmt::format("| 0x{:04X} | {} | {} | {} | {} | {} | {} |\n", reg->address(), reg->name, name_of(reg->format),
                    rules_of(*reg), reset_of(*reg), reg->unit, reg->meaning);
  }
  for (const Register* reg : block.registers)
    if (!reg->fields.empty()) text += field_table(block, *reg);
  return text;
}

}  // namespace

std::string print_markdown() {
  std::string text =
      "# Register map\n\n"
      "Words have 32 bits and addresses count bytes. `f64` is an IEEE-754 double in two words, low word first: writing "
      "the\n"
      "high word commits both, reading the low word latches the high one. A word that waits belongs to its register and serves\n"
      "once: a high word written without one commits a low word of zero, one read without one is the present value's.\n"
      "`w1c`: writing a 1 clears the bit. `locked` registers refuse writes while SEQUENCER.STATUS.BUSY is set, `finite` ones NaN\n"
      "and infinity, fields with named values any other value. Each refusal, and any access that is not listed, is a bus error\n"
      "that leaves every register as it was, the whole burst included. Bits without a field read 0; what is written to them is\n"
      "dropped.\n";
  for (const Block& block : blocks) text += block_tables(block);
  return text;
}

}  // namespace tellegen::regmap
