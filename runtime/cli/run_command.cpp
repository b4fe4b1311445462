#include "runtime/cli/commands.hpp"
namespace tellegen::cli { int run(const RunOptions&) { return internal_error; } }
