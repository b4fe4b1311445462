// Devices that sense or hold currents, coupled inductors, membranes and expressions on the chip.

#include <doctest/doctest.h>

#include <systemc>

#include "circuits/random_devices.hpp"
#include "modules/learning_bench.hpp"

using namespace tellegen;
using test::ChipUnderTest, test::LearningBench;

TEST_CASE("a chip of every device gives the direct plant's gradient and updates to the last bit, from rest and from DC") {
  for (const unsigned seed : {1u, 2u, 3u})
    for (const bool from_dc : {false, true}) {
      CAPTURE(seed);
      CAPTURE(from_dc);
      LearningBench bench(test::random_devices(seed), 40);
      if (from_dc) {
        bench.setup.dc_sources.assign(bench.circuit->sources().size(), 0.0);
        bench.setup.dc_sources[0] = 0.4;
        bench.setup.tail = 30;
      }
      DirectPlant direct(bench.setup);
      ChipUnderTest chip(bench);
      for (const bool with_update : {false, true}) {
        direct.run(bench.cycle(direct, {.with_update = with_update}).program);
        chip.plant.run(bench.cycle(chip.plant, {.with_update = with_update}).program);
        CHECK(chip.plant.gradient() == direct.gradient());
        CHECK(chip.plant.parameters() == direct.parameters());
      }
    }
}
