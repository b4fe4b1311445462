#pragma once
// Reader of as much SystemRDL 2.0 (Accellera, 2018) as a register map needs, by the standard's grammar: properties, enums, and
// address maps of register files of registers of fields. Whatever else the text holds is an error with its line.

#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tellegen::test::rdl {

/// Property values as they are written: a string without its quotes, a number, an identifier; "true" where there is none.
using Properties = std::map<std::string, std::string>;

struct Field {
  std::string name;
  Properties properties;
  unsigned high = 0, low = 0;
  std::optional<std::uint64_t> reset;
};
struct Register {
  std::string name;
  Properties properties;
  std::vector<Field> fields;
  std::uint64_t offset = 0;
};
struct RegisterFile {
  std::string name;
  Properties properties;
  std::vector<Register> registers;
  std::uint64_t offset = 0;
};
struct AddressMap {
  std::string name;
  Properties properties, defaults;
  std::vector<RegisterFile> files;
};
struct Description {
  std::map<std::string, Properties> properties;                                // user-defined
  std::map<std::string, std::map<std::string, std::uint64_t>> enumerations;    // value by name
  AddressMap map;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { advance(); }

  Description read() {
    while (!token_.empty()) {
      if (token_ == "property") {
        define_property();
      } else if (token_ == "enum") {
        define_enumeration();
      } else {
        expect("addrmap");
        read_map();
      }
    }
    return std::move(all_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw std::runtime_error("line " + std::to_string(line_) + ": " + what + ", not \"" + token_ + '"'); }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "//") {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        line_ += text_[at_++] == '\n';
      } else {
        return;
      }
    }
  }
  void advance() {
    skip_blanks();
    token_.clear();
    is_string_ = false;
    if (at_ == text_.size()) return;
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '\''; };
    if (text_[at_] == '"') {
      is_string_ = true;
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\') ++at_;
        token_ += text_[at_];
      }
      ++at_;
    } else if (is_word(text_[at_])) {
      while (at_ < text_.size() && is_word(text_[at_])) token_ += text_[at_++];
    } else {
      token_ = text_[at_++];
    }
  }
  std::string take() {
    auto taken = token_;
    advance();
    return taken;
  }
  bool accept(std::string_view symbol) {
    if (is_string_ || token_ != symbol) return false;
    advance();
    return true;
  }
  void expect(std::string_view symbol) {
    if (!accept(symbol)) fail("expected \"" + std::string(symbol) + '"');
  }
  std::string identifier() {
    static const std::set<std::string> reserved{"abstract", "accesstype", "addressingtype", "addrmap", "alias", "all", "bit", "boolean", "bothedge", "compact", "component",
      "componentwidth", "constraint", "default", "encode", "enum", "external", "false", "field", "fullalign", "hw", "inside", "internal", "level", "longint", "mem", "na",
      "negedge", "nonsticky", "number", "onreadtype", "onwritetype", "posedge", "property", "r", "rclr", "ref", "reg", "regalign", "regfile", "rset", "ruser", "rw", "rw1",
      "signal", "string", "struct", "sw", "this", "true", "type", "unsigned", "w", "w1", "wclr", "woclr", "woset", "wot", "wr", "wset", "wuser", "wzc", "wzs", "wzt"};
    if (is_string_ || token_.empty() || std::isdigit(static_cast<unsigned char>(token_[0])) || token_.find('\'') != std::string::npos || reserved.contains(token_))
      fail("expected a name that is no keyword");
    if (!std::isalpha(static_cast<unsigned char>(token_[0])) && token_[0] != '_') fail("expected a name");
    return take();
  }
  /// 12, 0x1F, or a sized literal such as 4'd9 and 64'hFFF0: whose value must fit its size.
  std::uint64_t number(std::optional<unsigned> width = {}) {
    const auto text = take();
    const auto quote = text.find('\'');
    std::size_t used = 0;
    if (quote == std::string::npos) {
      const auto value = std::stoull(text, &used, 0);
      if (used != text.size()) fail("a number ends early before");
      return value;
    }
    const auto size = std::stoul(text.substr(0, quote));
    const char base = text.at(quote + 1);
    if (base != 'd' && base != 'h' && base != 'b') fail("a sized number has no such base, before");
    const auto digits = text.substr(quote + 2);
    const auto value = std::stoull(digits, &used, base == 'd' ? 10 : base == 'h' ? 16 : 2);
    if (used != digits.size() || size == 0 || size > 64 || (size < 64 && value >> size != 0)) fail("a number does not fit its size, before");
    if (width && *width != size) fail("a number has another size than its field, before");
    return value;
  }
  void assign(Properties& into) {
    const auto name = take();
    auto value = std::string("true");
    if (accept("=")) value = take();
    if (!into.emplace(name, value).second) fail("property \"" + name + "\" is set twice, before");
    expect(";");
  }
  void define_property() {
    expect("property");
    auto& attributes = all_.properties[identifier()];
    expect("{");
    while (!accept("}")) assign(attributes);
    expect(";");
  }
  void define_enumeration() {
    expect("enum");
    auto& values = all_.enumerations[identifier()];
    expect("{");
    std::set<std::uint64_t> taken;
    while (!accept("}")) {
      const auto name = identifier();
      expect("=");
      values[name] = number();
      if (!taken.insert(values[name]).second) fail("a value of an enum comes twice, before");
      Properties about;
      if (accept("{"))
        while (!accept("}")) assign(about);
      expect(";");
    }
    expect(";");
  }
  Field field() {
    Field made;
    expect("field");
    expect("{");
    while (!accept("}")) assign(made.properties);
    made.name = identifier();
    expect("[");
    made.high = static_cast<unsigned>(number());
    expect(":");
    made.low = static_cast<unsigned>(number());
    expect("]");
    if (made.high < made.low || made.high > 63) fail("no range of bits before");
    if (accept("=")) made.reset = number(made.high - made.low + 1);
    expect(";");
    return made;
  }
  Register reg() {
    Register made;
    expect("reg");
    expect("{");
    while (!accept("}")) token_ == "field" ? made.fields.push_back(field()) : assign(made.properties);
    made.name = identifier();
    expect("@");
    made.offset = number();
    expect(";");
    return made;
  }
  void read_map() {
    all_.map.name = identifier();
    expect("{");
    while (!accept("}")) {
      if (accept("default")) {
        assign(all_.map.defaults);
      } else if (accept("regfile")) {
        auto& file = all_.map.files.emplace_back();
        expect("{");
        while (!accept("}")) token_ == "reg" ? file.registers.push_back(reg()) : assign(file.properties);
        file.name = identifier();
        expect("@");
        file.offset = number();
        expect(";");
      } else {
        assign(all_.map.properties);
      }
    }
    expect(";");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string token_;
  bool is_string_ = false;
  Description all_;
};

}  // namespace tellegen::test::rdl
