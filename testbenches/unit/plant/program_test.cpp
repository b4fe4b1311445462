#include <doctest/doctest.h>

#include "runtime/plant/program.hpp"

using namespace tellegen;

TEST_CASE("a ticket that is read before its program has run throws, afterwards it gives the result, and voided it throws again") {
  const Ticket<int> ticket;
  CHECK_THROWS_AS((void)ticket.get(), std::logic_error);
  const auto copy = ticket;
  copy.fulfil(3);
  CHECK(ticket.get() == 3);
  ticket.void_result();
  CHECK_THROWS_AS((void)copy.get(), std::logic_error);
}

TEST_CASE("a program lists its phases in the order in which they were asked for") {
  PhaseProgram program({.swap_ports = false, .replay_bias = true, .reading = {.skew = 0.0, .product_only = true}});
  const auto record = program.clamped(Table(4, 1));
  const auto nudge = program.turn(record, [](const ClampedRecord&) { return Nudge{}; });
  program.nudged(nudge, Side::minus);
  program.accumulate(nudge);
  program.update();
  REQUIRE(program.steps().size() == 5);
  CHECK(std::get<phases::Clamped>(program.steps()[0]).stimulus.rows() == 4);
  CHECK(std::holds_alternative<phases::Turn>(program.steps()[1]));
  CHECK(std::get<phases::Nudged>(program.steps()[2]).side == Side::minus);
  CHECK(std::holds_alternative<phases::Accumulate>(program.steps()[3]));
  CHECK(std::holds_alternative<phases::Update>(program.steps()[4]));
  CHECK_FALSE(program.wiring().swap_ports);
  CHECK(program.wiring().reading.product_only);
}

TEST_CASE("the controller's turn sees the record of its own clamped phase") {
  PhaseProgram program({});
  const auto record = program.clamped(Table(1, 1));
  const auto nudge = program.turn(record, [](const ClampedRecord& seen) { return Nudge{.drive = {}, .gain_plus = seen.peak_source_current}; });
  const auto& turn = std::get<phases::Turn>(program.steps()[1]);
  CHECK_THROWS_AS((void)turn.decide(), std::logic_error);  // nothing is recorded yet
  record.fulfil({.probes = {}, .peak_source_current = 5});
  CHECK(turn.decide().gain_plus == 5.0);
  CHECK_THROWS_AS((void)nudge.get(), std::logic_error);
}
