#include <fmt/format.h>

#include "tellegen/regmap/print.hpp"
#include "tellegen/regmap/registers.hpp"

namespace tellegen::regmap {
namespace {

std::string define(std::string_view name, std::uint32_t value) {
  return fmt::format("#define TELLEGEN_{} 0x{:08X}u\n", name, value);
}

std::string register_defines(const Block& block, const Register& reg) {
  const std::string prefix = fmt::format("{}_{}", block.name, reg.name);
  std::string text = fmt::format("\n/* {}{}{} */\n", reg.meaning, reg.unit.empty() ? "" : ", unit: ", reg.unit);
  if (reg.format == Format::f64) {
    text += define(prefix + "_LOW", reg.address()) + define(prefix + "_HIGH", reg.address() + 4);
  } else {
    text += define(prefix, reg.address());
  }
  for (const Field& field : reg.fields) {
    const std::string name = fmt::format("{}_{}", prefix, field.name);
    text += define(name + "_MASK", field.mask()) + define(name + "_SHIFT", field.lsb);
    for (const EnumeratedValue& entry : field.values)
      text += define(fmt::format("{}_{}", name, entry.name), entry.value);
  }
  return text;
}

}  // namespace

std::string print_c_header() {
  std::string text =
      "/* Register map of a Tellegen chip; printed by `tellegen regs --format h`. Byte addresses of 32-bit words.\n"
      "   _LOW and _HIGH: the two words of an IEEE-754 double; write _HIGH last, read _LOW first. */\n"
      "#ifndef TELLEGEN_REGISTERS_H\n#define TELLEGEN_REGISTERS_H\n";
  for (const Block& block : blocks) {
    text += fmt::format("\n/* {}: {} */\n", block.name, block.meaning) +
            define(fmt::format("{}_BASE", block.name), block.base);
    for (const Register* reg : block.registers) text += register_defines(block, *reg);
  }
  return text + "\n#endif\n";
}

}  // namespace tellegen::regmap
