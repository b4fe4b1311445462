// The printed SystemRDL, read back by the standard's grammar: it must be the map.

#include <doctest/doctest.h>

#include "tellegen/regmap/print.hpp"
#include "tellegen/regmap/registers.hpp"
#include "unit/regmap/systemrdl_reader.hpp"

using namespace tellegen;
using regmap::Access;
using regmap::Format;

namespace {

namespace rdl = test::rdl;

rdl::Description printed() { return rdl::Reader(regmap::print_systemrdl()).read(); }

std::string value_of(const rdl::Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? "" : found->second;
}

void check_access(const rdl::Properties& properties, Access access) {
  CHECK(value_of(properties, "sw") == (access == Access::ro ? "r" : access == Access::wo ? "w" : "rw"));
  CHECK(value_of(properties, "hw") == (access == Access::ro ? "w" : access == Access::wo ? "r" : "rw"));
  CHECK(value_of(properties, "onwrite") == (access == Access::w1c ? "woclr" : ""));
  CHECK(value_of(properties, "hwset") == (access == Access::w1c ? "true" : ""));
}

void check_field(const rdl::Field& printed, const regmap::Register& reg, unsigned lsb, unsigned width) {
  CHECK(printed.low == lsb);
  CHECK(printed.high == lsb + width - 1);
  CHECK(printed.reset.has_value() == reg.reset.has_value());
  if (reg.reset) CHECK(*printed.reset == (width == 64 ? *reg.reset : *reg.reset >> lsb & ((std::uint64_t{1} << width) - 1)));
  check_access(printed.properties, reg.access);
  // By the standard a pulse is one bit wide and rests at zero.
  if (value_of(printed.properties, "singlepulse") == "true") CHECK((width == 1 && printed.reset == 0u && reg.access == Access::wo));
}

void check_register(const rdl::Description& all, const rdl::Register& printed, const regmap::Register& reg) {
  CAPTURE(reg.name);
  CHECK(printed.name == reg.name);
  CHECK(printed.offset == reg.offset);
  CHECK(value_of(printed.properties, "regwidth") == (reg.format == Format::f64 ? "64" : ""));
  CHECK((value_of(printed.properties, "locked_while_busy") == "true") == reg.locked);
  const bool takes_numbers = reg.format == Format::f64 && reg.writable();
  CHECK(value_of(printed.properties, "takes") ==
        (!takes_numbers ? "" : reg.numbers == regmap::Numbers::finite ? "finite numbers" : "all but NaN"));
  CHECK(value_of(printed.properties, "desc").find(reg.meaning) == 0);
  if (reg.fields.empty()) {
    REQUIRE(printed.fields.size() == 1);
    CHECK(printed.fields[0].name == "VALUE");
    return check_field(printed.fields[0], reg, 0, 32 * reg.words());
  }
  REQUIRE(printed.fields.size() == reg.fields.size());
  for (std::size_t f = 0; f < reg.fields.size(); ++f) {
    const auto& field = reg.fields[f];
    CAPTURE(field.name);
    CHECK(printed.fields[f].name == field.name);
    CHECK(value_of(printed.fields[f].properties, "desc") == field.meaning);
    check_field(printed.fields[f], reg, field.lsb, field.width);
    const auto code = value_of(printed.fields[f].properties, "encode");
    CHECK(code.empty() == field.values.empty());
    if (code.empty()) continue;
    REQUIRE(all.enumerations.contains(code));
    const auto& values = all.enumerations.at(code);
    CHECK(values.size() == field.values.size());
    for (const auto& entry : field.values) CHECK(values.at(std::string(entry.name)) == entry.value);
  }
}

}  // namespace

TEST_CASE("the printed SystemRDL is the map, read back by the standard's grammar: addresses, widths, bits, accesses, resets, codes") {
  const auto all = printed();
  CHECK(all.map.name == "tellegen");
  CHECK(value_of(all.map.defaults, "regwidth") == "32");
  CHECK(value_of(all.map.defaults, "accesswidth") == "32");
  CHECK(value_of(all.map.properties, "littleendian") == "true");
  REQUIRE(all.map.files.size() == regmap::blocks.size());
  for (std::size_t b = 0; b < regmap::blocks.size(); ++b) {
    const auto& block = regmap::blocks[b];
    const auto& file = all.map.files[b];
    CHECK(file.name == block.name);
    CHECK(file.offset == block.base);
    REQUIRE(file.registers.size() == block.registers.size());
    for (std::size_t r = 0; r < block.registers.size(); ++r) check_register(all, file.registers[r], *block.registers[r]);
  }
}

TEST_CASE("the printed SystemRDL uses no property that is neither the standard's nor its own") {
  const auto all = printed();
  const std::set<std::string> of_fields{"desc", "sw", "hw", "onwrite", "hwset", "singlepulse", "encode"};
  std::set<std::string> of_registers{"desc", "regwidth"};
  for (const auto& [name, attributes] : all.properties) {
    CAPTURE(name);
    CHECK(value_of(attributes, "component") == "reg");
    CHECK((value_of(attributes, "type") == "boolean" || value_of(attributes, "type") == "string"));
    CHECK(!value_of(attributes, "default").empty());
    of_registers.insert(name);
  }
  for (const auto& file : all.map.files)
    for (const auto& reg : file.registers) {
      for (const auto& [name, value] : reg.properties) CHECK_MESSAGE(of_registers.contains(name), name);
      for (const auto& field : reg.fields)
        for (const auto& [name, value] : field.properties) CHECK_MESSAGE(of_fields.contains(name), name);
    }
}

TEST_CASE("the reader of SystemRDL refuses what the standard does") {
  const auto refuses = [](const std::string& text) { CHECK_THROWS_AS((void)rdl::Reader(text).read(), std::runtime_error); };
  const auto field = [](const std::string& text) { return "addrmap a { regfile { reg { " + text + " } R @ 0x0; } F @ 0x0; };"; };
  CHECK_NOTHROW((void)rdl::Reader(field("field { sw = rw; } X[3:0] = 4'h0;")).read());
  refuses(field("field { sw = rw; } X[3:0] = 3'h0;"));
  refuses(field("field { sw = rw; } X[3:0] = 4'h10;"));
  refuses(field("field { sw = rw; } X[0:3];"));
  refuses(field("field { sw = rw; } field[3:0];"));
  refuses(field("field { sw = rw sw = r; } X[3:0];"));
  refuses(field("field { sw = rw; sw = r; } X[3:0];"));
  refuses("enum E { A = 1'd0; B = 1'd0; };");
  refuses("addrmap a { };;");
  refuses("addrmap a { }");
}
