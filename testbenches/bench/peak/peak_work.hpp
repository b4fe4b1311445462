#pragma once
#include <cstddef>

#include "hw_models/lanes/dispatch.hpp"

namespace tellegen {

/// Multiplies and adds in registers, as densely as a core can with that instruction set.
/// @returns the number of multiplications and additions done
double work_at_peak(InstructionSet set, std::size_t rounds);

}  // namespace tellegen
