#include <fmt/format.h>

#include "runtime/cli/commands.hpp"
#include "tellegen/regmap/print.hpp"

namespace tellegen::cli {

int regs(const RegsOptions& options) {
  fmt::print("{}", options.format == "h"           ? regmap::print_c_header()
                   : options.format == "systemrdl" ? regmap::print_systemrdl()
                                                   : regmap::print_markdown());
  return done;
}

}  // namespace tellegen::cli
