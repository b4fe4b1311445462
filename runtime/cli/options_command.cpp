#include <fmt/format.h>

#include "hw_models/nonideal/option_list.hpp"
#include "runtime/cli/commands.hpp"
#include "tellegen/units/quantity_text.hpp"

namespace tellegen::cli {
namespace {

std::string limit_text(const NonidealOption& option, double limit) { return option.unit.empty() ? fmt::format("{:g}", limit) : engineering(limit, option.unit); }

/// A bar inside a cell ends it.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

}  // namespace

int options() {
  fmt::print("# The chip as it will be built: options of [chip]\n\nAll default to ideal. Random ones are drawn by `[bench] seed`.\n");
  fmt::print("\n| table | key | values | meaning |\n|---|---|---|---|\n");
  for (const auto& choice : nonideal_choices()) fmt::print("| `{}` | `{}` | {} | {} |\n", choice.table, choice.key, cell(choice.values), choice.meaning);
  std::string_view table;
  for (const auto& option : nonideal_options()) {
    if (option.table != table) fmt::print("\n## [{}]\n\n| key | unit | range | meaning |\n|---|---|---|---|\n", table = option.table);
    fmt::print("| `{}` | {} | {} to {}{} | {} |\n", option.key, option.unit.empty() ? "1" : option.unit, limit_text(option, option.low), limit_text(option, option.high),
               option.is_whole ? ", whole" : "", option.meaning);
  }
  return done;
}

}  // namespace tellegen::cli
