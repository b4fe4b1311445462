#pragma once
// A record as a real run would fill it: a circuit of 25 trainable elements that learns to take mains hum out of an
// electrocardiogram of four seconds.

#include "runtime/report/run_record.hpp"

namespace tellegen::report {

[[nodiscard]] RunRecord sample_record();

}  // namespace tellegen::report
