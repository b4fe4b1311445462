#include "runtime/cli/waveform_record.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "runtime/cli/gradient_record.hpp"

namespace tellegen::cli {
namespace {

using report::Series;
using report::SeriesRole;

std::vector<double> wave_of(const Table& unknowns, Port port) {
  std::vector<double> wave(unknowns.rows());
  for (std::size_t n = 0; n < wave.size(); ++n) wave[n] = unknowns.at(n, port.p) - unknowns.at(n, port.n);
  return wave;
}

/// Everything that is drawn of one data set.
struct Runs {
  Trajectory before, after;
  std::optional<Table> baseline;  // probes
};

void add_panels(std::vector<report::WaveformPanel>& panels, const Experiment& experiment, const DataSet& data,
                const Runs& runs, const std::string& group, bool has_learned) {
  std::vector<double> time(experiment.grid().steps);
  for (std::size_t n = 0; n < time.size(); ++n) time[n] = experiment.grid().time(n + 1);
  const auto& probes = experiment.probes();
  const auto& names = experiment.probe_names();
  for (std::size_t w = 0; w < experiment.waves().size(); ++w) {
    const auto& text = experiment.bench().report.waves[w].text;
    if (std::ranges::find(names, text) != names.end()) continue;  // drawn with its target
    const auto& [port, unit] = experiment.waves()[w];
    panels.push_back({.group = group,
                      .title = text,
                      .unit = unit,
                      .time = time,
                      .series = {Series{text, wave_of(runs.after.voltages, port), SeriesRole::input}}});
  }
  for (std::size_t p = 0; p < probes.size(); ++p) {
    report::WaveformPanel panel{
        .group = group, .title = names[p], .unit = experiment.probe_units()[p], .time = time, .series = {}};
    if (!data.target[p].empty()) panel.series.push_back({"target", data.target[p], SeriesRole::target});
    if (has_learned)
      panel.series.push_back({"before learning", wave_of(runs.before.voltages, probes[p]), SeriesRole::before});
    if (runs.baseline) panel.series.push_back({"design by hand", runs.baseline->column(p), SeriesRole::baseline});
    panel.series.push_back(
        {has_learned ? "after learning" : "output", wave_of(runs.after.voltages, probes[p]), SeriesRole::output});
    panels.push_back(std::move(panel));
  }
}

}  // namespace

std::optional<Experiment> read_baseline(const Experiment& experiment) {
  if (!experiment.bench().baseline_deck) return std::nullopt;
  Bench bench = experiment.bench();
  bench.deck = *bench.baseline_deck;
  bench.baseline_deck.reset();
  bench.report.waves.clear();  // of the bench's own deck
  bench.train = {.parameters = {{"*", {}}}, .optimizer = {}, .epochs = 0, .bounds = {}};
  return Experiment(std::move(bench));
}

std::vector<report::WaveformPanel> waveform_record(const Experiment& experiment, std::span<const double> learned,
                                                   const Experiment* baseline) {
  std::vector<report::WaveformPanel> panels;
  const bool has_learned = experiment.bench().train.epochs > 0;
  const auto add = [&](const DataSet& data, const DataSet* baseline_data, const std::string& group) {
    Runs runs{experiment.forward(data, experiment.trained().initial), experiment.forward(data, learned), std::nullopt};
    if (baseline && baseline_data) runs.baseline = baseline->outputs(*baseline_data, baseline->trained().initial);
    add_panels(panels, experiment, data, runs, group, has_learned);
  };
  if (experiment.held_out())
    add(*experiment.held_out(), baseline ? &*baseline->held_out() : nullptr, "Held-out record");
  add(experiment.data(), baseline ? &baseline->data() : nullptr, experiment.held_out() ? "Training record" : "Record");
  return panels;
}

void add_held_out_figures(report::Training& training, const Experiment& experiment, std::span<const double> learned,
                          const Experiment* baseline) {
  if (!experiment.held_out()) return;
  // A root mean square is what designers compare; where the loss is none, the loss itself has to do.
  const bool is_squared = experiment.is_squared_error();
  const std::string label = is_squared ? "Held-out error, rms" : "Held-out loss";
  const auto unit = is_squared ? experiment.probe_units()[0] : loss_unit(experiment);
  const auto figure = [&](const Experiment& design, std::span<const double> values) {
    const auto& data = *design.held_out();
    return is_squared ? design.rms_error(data, values) : design.loss(data, values);
  };
  training.before = {label, figure(experiment, experiment.trained().initial), unit};
  training.after = {label, figure(experiment, learned), unit};
  if (baseline) training.baseline = {"the design by hand", figure(*baseline, baseline->trained().initial), unit};
}

}  // namespace tellegen::cli
