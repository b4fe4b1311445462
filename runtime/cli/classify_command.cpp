#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "hw_models/circuit/deck/deck.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/protocols/classification.hpp"
#include "runtime/report/render.hpp"
#include "runtime/report/table.hpp"
#include "runtime/training/experiment.hpp"

namespace tellegen::cli {
namespace {

/// Circuit to classify and the choices that a bench makes about it.
struct Subject {
  Circuit circuit;
  RuleOptions options;
};

Subject read_subject(const std::string& file) {
  if (!file.ends_with(".toml")) return {read_deck(file).circuit, {}};
  const auto bench = read_bench(file);
  return {read_deck(bench.deck, probes_requested(bench), bench.chip.nonideal.parasitics).circuit, rule_options_of(bench)};
}

std::string nodes_text(const Circuit& circuit, const Branch& branch) {
  const auto port_text = [&](Port port) { return fmt::format("{} {}", circuit.unknown_name(port.p), circuit.unknown_name(port.n)); };
  auto text = port_text(branch.out);
  if (branch.is_two_port()) text += fmt::format(" ({})", port_text(branch.in));
  return text;
}

}  // namespace

int classify(const ClassifyOptions& options) {
  const auto [circuit, rule_options] = read_subject(options.file);
  check_output(options.json);
  report::TextTable elements({{"element"},
                              {"kind"},
                              {"nodes"},
                              {"law"},
                              {"a", report::Align::right},
                              {"b", report::Align::right},
                              {"skew", report::Align::right}});
  nlohmann::json json{
      {"file", options.file}, {"elements", nlohmann::json::array()}, {"rules", nlohmann::json::array()}};
  for (const auto& branch : circuit.branches()) {
    if (branch.is_instrument) continue;
    const auto kind = std::string(describe(branch.element).name), law = std::string(law_name(branch));
    const auto a = fmt::format("{:g}", branch.orders.out), b = fmt::format("{:g}", branch.orders.in);
    elements.add_row({branch.name, kind, nodes_text(circuit, branch), law, a, b, skew_text(branch)});
    nlohmann::json row{
        {"name", branch.name}, {"kind", kind}, {"law", law}, {"a", branch.orders.out}, {"b", branch.orders.in}};
    row["skew"] = branch.is_linear() ? nlohmann::json(nullptr) : nlohmann::json(branch.orders.skew());
    json["elements"].push_back(std::move(row));
  }
  report::TextTable rules({{"rule"}, {"verdict"}, {"reason"}, {"demands of the chip"}});
  for (const Rule rule : all_rules) {
    const auto found = classify(circuit, rule, rule_options);
    rules.add_row({std::string(name_of(rule)), std::string(name_of(found.verdict)), found.reason, fmt::format("{}", fmt::join(found.demands, "; "))});
    json["rules"].push_back({{"rule", name_of(rule)}, {"verdict", name_of(found.verdict)}, {"reason", found.reason}, {"demands", found.demands}});
  }
  if (options.json != "-") fmt::print("{}\n{}", elements.text(), rules.text());
  write_output(options.json, report::json_text(json) + "\n");
  return done;
}

}  // namespace tellegen::cli
