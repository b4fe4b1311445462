#pragma once

namespace tellegen {

/// What a stationary path does at the ends of the run.
enum class PathEnds {
  fixed,     ///< every flux is zero at t = 0 and at t = T, and before
  periodic,  ///< the path repeats itself after T
};

}  // namespace tellegen
