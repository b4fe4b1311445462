#include <fmt/format.h>

#include "tellegen/regmap/print.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::regmap {
namespace {

/// Text as a SystemRDL string literal.
std::string quoted(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + '"';
}

/// What software and hardware may do with a field: software as the map says, hardware the other end of it.
std::string access_properties(Access access) {
  switch (access) {
    case Access::ro:
      return "sw = r; hw = w;";
    case Access::rw:
      return "sw = rw; hw = rw;";
    case Access::wo:
      return "sw = w; hw = r;";
    case Access::w1c:
      return "sw = rw; onwrite = woclr; hw = rw; hwset;";
  }
  return {};
}

std::string enumeration(const Block& block, const Register& reg, const Field& field) {
  std::string text = fmt::format("enum {}_{}_{}_values {{\n", block.name, reg.name, field.name);
  for (const EnumeratedValue& entry : field.values) {
    text +=
        fmt::format("  {} = {}'d{} {{ desc = {}; }};\n", entry.name, field.width, entry.value, quoted(entry.meaning));
  }
  return text + "};\n\n";
}

/// Part of a register's reset value as a sized literal: nothing when the chip sets it.
std::string reset_of(const Register& reg, unsigned lsb, unsigned width) {
  if (!reg.reset) return {};
  const std::uint64_t all = width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  return fmt::format(" = {}'h{:X}", width, (*reg.reset >> lsb) & all);
}

std::string field_declarations(const Block& block, const Register& reg) {
  if (reg.fields.empty()) {
    const unsigned width = 32 * reg.words();
    return fmt::format("      field {{ {} }} VALUE[{}:0]{};\n", access_properties(reg.access), width - 1,
                       reset_of(reg, 0, width));
  }
  std::string text;
  for (const Field& field : reg.fields) {
    const std::string encode =
        field.values.empty() ? "" : fmt::format(" encode = {}_{}_{}_values;", block.name, reg.name, field.name);
    const std::string pulse = reg.access == Access::wo ? " singlepulse;" : "";
    text += fmt::format("      field {{ desc = {}; {}{}{} }} {}[{}:{}]{};\n", quoted(field.meaning),
                        access_properties(reg.access), pulse, encode, field.name, field.lsb + field.width - 1,
                        field.lsb, reset_of(reg, field.lsb, field.width));
  }
  return text;
}

std::string register_declaration(const Block& block, const Register& reg) {
  const std::string unit = reg.unit.empty() ? "" : fmt::format(" [{}]", reg.unit);
  const std::string format = reg.format == Format::f64   ? " (IEEE-754 double)"
                             : reg.format == Format::i32 ? " (two's complement)"
                                                         : "";
  std::string text =
      fmt::format("    reg {{\n      desc = {};\n", quoted(fmt::format("{}{}{}", reg.meaning, unit, format)));
  if (reg.format == Format::f64) text += "      regwidth = 64;\n";
  if (reg.locked) text += "      locked_while_busy = true;\n";
  if (reg.format == Format::f64 && reg.writable())
    text += reg.numbers == Numbers::finite ? "      takes = \"finite numbers\";\n" : "      takes = \"all but NaN\";\n";
  return text + field_declarations(block, reg) + fmt::format("    }} {} @ 0x{:X};\n", reg.name, reg.offset);
}

}  // namespace

std::string print_systemrdl() {
  std::string text =
      "// Register map of a Tellegen chip, SystemRDL 2.0; printed by `tellegen regs --format systemrdl`.\n"
      "// Registers of 64 bits are reached in two 32-bit accesses, low word first: writing the high word commits "
      "both,\n"
      "// reading the low word latches the high one. Refused with a bus error: values that an encoded field does not name, and\n"
      "// what a register does not take.\n\n"
      "property locked_while_busy { type = boolean; component = reg; default = false; };\n"
      "property takes { type = string; component = reg; default = \"any bits\"; };\n\n";
  for (const Block& block : blocks)
    for (const Register* reg : block.registers)
      for (const Field& field : reg->fields)
        if (!field.values.empty()) text += enumeration(block, *reg, field);
  text +=
      "addrmap tellegen {\n  name = \"Tellegen chip\";\n  littleendian;\n"
      "  default regwidth = 32;\n  default accesswidth = 32;\n";
  for (const Block& block : blocks) {
    text += fmt::format("\n  regfile {{\n    desc = {};\n", quoted(block.meaning));
    for (const Register* reg : block.registers) text += register_declaration(block, *reg);
    text += fmt::format("  }} {} @ 0x{:X};\n", block.name, block.base);
  }
  return text + "};\n";
}

}  // namespace tellegen::regmap
