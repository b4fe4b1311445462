#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace tellegen {

/// While it lives, results below the smallest normal number are zero on this thread: a signal that has died away at the far end of a
/// line would otherwise cost a hundred times its worth. Nothing above 1e-307 is changed.
class FlushToZero {
 public:
#if defined(__SSE2__)
  FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | _MM_FLUSH_ZERO_ON | 0x0040u); }  // the second: denormal inputs are zero
  ~FlushToZero() { _mm_setcsr(before_); }
#else
  FlushToZero() = default;
  ~FlushToZero() = default;
#endif
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;

 private:
#if defined(__SSE2__)
  unsigned before_;
#endif
};

}  // namespace tellegen
