// SystemC's library owns main and calls sc_main.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <systemc>

int sc_main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  return context.run();
}
