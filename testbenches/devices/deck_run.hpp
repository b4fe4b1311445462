#pragma once
// A deck's circuit run on a grid with the deck's own waveforms.

#include <cmath>
#include <memory>
#include <string_view>
#include <vector>

#include "circuits/gradient_check.hpp"
#include "hw_models/circuit/deck/deck.hpp"

namespace tellegen::test {

inline std::shared_ptr<const Circuit> circuit_of(std::string_view cards) {
  return std::make_shared<const Circuit>(read_deck_text("title\n" + std::string(cards) + ".end\n", "t.cir").circuit);
}

inline Table waveforms_of(const Circuit& circuit, const TimeGrid& grid) {
  Table sources(grid.steps, circuit.sources().size());
  for (std::size_t n = 0; n < grid.steps; ++n)
    for (std::size_t s = 0; s < sources.columns(); ++s) sources.at(n, s) = circuit.sources()[s].waveform.at(grid.time(n + 1));
  return sources;
}

/// One run of a deck.
struct DeckRun {
  std::shared_ptr<const Circuit> circuit;
  TimeGrid grid;
  Trajectory records;
  ReferenceState start;

  [[nodiscard]] std::vector<double> v(std::string_view node) const { return records.voltages.column(static_cast<std::size_t>(circuit->find_node(node))); }
  /// Current from p through the source to n.
  [[nodiscard]] std::vector<double> i(std::string_view source) const {
    return records.source_currents.column(static_cast<std::size_t>(circuit->find_source(source)));
  }
  [[nodiscard]] double time(std::size_t n) const { return grid.time(n + 1); }
};

enum class Start { rest, dc };

inline DeckRun run_deck(std::string_view cards, const TimeGrid& grid, Start start = Start::rest) {
  DeckRun run{.circuit = circuit_of(cards), .grid = grid, .records = {}, .start = {}};
  std::vector<double> initial;
  for (const auto& source : run.circuit->sources()) initial.push_back(source.waveform.at(0));
  const auto slots = run.circuit->initial_slots();
  if (start == Start::dc)
    run.start = find_operating_point(*run.circuit, {.sources = initial, .slots = {slots.begin(), slots.end()}, .first_guess = {}, .held = {}}).state;
  TransientEngine engine(run.circuit, grid);
  run.records = run_forward(engine, waveforms_of(*run.circuit, grid), run.start);
  return run;
}

/// Largest difference between a wave and what is expected at each step, relative to the largest expected value.
template <class Expected>
double wave_error(const std::vector<double>& wave, Expected&& expected) {
  double difference = 0, size = 0;
  for (std::size_t n = 0; n < wave.size(); ++n) {
    const double value = expected(n);
    difference = std::max(difference, std::abs(wave[n] - value));
    size = std::max(size, std::abs(value));
  }
  return difference / size;
}

}  // namespace tellegen::test
