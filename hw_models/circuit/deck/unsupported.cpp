#include "hw_models/circuit/deck/unsupported.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string>

#include "hw_models/circuit/circuit.hpp"

namespace tellegen::deck {
namespace {

struct Planned {
  std::string_view word;
  std::string_view meaning;
};

constexpr auto directives = std::to_array<Planned>({
    {".dc", "the DC sweep"},
    {".ac", "the small-signal analysis"},
    {".measure", "measurement"},
    {".meas", "measurement"},
    {".func", "a user's function"},
    {".lib", "a library section"},
    {".noise", "the noise analysis"},
    {".tf", "the transfer function"},
    {".sens", "the sensitivity analysis"},
    {".pz", "the pole-zero analysis"},
    {".disto", "the distortion analysis"},
    {".four", "the Fourier analysis"},
    {".step", "a parameter sweep"},
    {".temp", "a temperature"},
    {".plot", "a printer plot"},
    {".probe", "an output list of other simulators"},
    {".control", "a command script of ngspice"},
    {".endc", "a command script of ngspice"},
    {".if", "a conditional section"},
    {".elseif", "a conditional section"},
    {".else", "a conditional section"},
    {".endif", "a conditional section"},
});

constexpr auto devices = std::to_array<Planned>({
    {"s", "the voltage-controlled switch"},
    {"w", "the current-controlled switch"},
    {"m", "the MOS transistor"},
    {"q", "the bipolar transistor"},
    {"j", "the junction field-effect transistor"},
    {"z", "the MESFET"},
    {"t", "the lossless transmission line"},
    {"o", "the lossy transmission line"},
    {"u", "the distributed RC line"},
    {"a", "the code model"},
});

constexpr auto parameters = std::to_array<Planned>({
    {"ic", "an initial condition of an element"},
    {"m", "a multiplier"},
    {"temp", "a temperature"},
    {"dtemp", "a temperature"},
    {"tc", "a temperature coefficient"},
    {"tc1", "a temperature coefficient"},
    {"tc2", "a temperature coefficient"},
    {"area", "an area factor"},
    {"scale", "a scale factor"},
});

constexpr auto model_types = std::to_array<Planned>({
    {"nmos", "a MOS transistor"},
    {"pmos", "a MOS transistor"},
    {"npn", "a bipolar transistor"},
    {"pnp", "a bipolar transistor"},
    {"njf", "a junction field-effect transistor"},
    {"pjf", "a junction field-effect transistor"},
    {"sw", "a switch"},
    {"csw", "a switch"},
    {"ltra", "a lossy transmission line"},
    {"urc", "a distributed RC line"},
});

constexpr auto waveforms = std::to_array<Planned>({
    {"sffm", "frequency modulation"},
    {"am", "amplitude modulation"},
    {"trnoise", "transient noise"},
    {"trrandom", "a random waveform"},
    {"distof1", "a distortion input"},
    {"distof2", "a distortion input"},
});

const Planned* find(std::span<const Planned> list, std::string_view word) {
  const auto found = std::ranges::find(list, word, &Planned::word);
  return found == list.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const Planned& planned, std::string_view as_named, const SourceLocation& where,
                         std::string_view subject) {
  throw InputError(where, subject, fmt::format("{} ({}) is not supported yet", as_named, planned.meaning));
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

std::string known_devices() {
  std::string list = "V I X";
  for (const auto& element : all_elements()) if (element.keyword != "KL") list += fmt::format(" {}", element.keyword);
  return list;
}

}  // namespace

void refuse_directive(std::string_view directive, const SourceLocation& where) {
  if (const auto* planned = find(directives, directive)) refuse(*planned, directive, where, "");
  throw InputError(where, "", fmt::format("unknown directive \"{}\"", directive));
}

void refuse_device(std::string_view keyword, const SourceLocation& where, std::string_view subject) {
  const auto named = upper_case(keyword);
  if (const auto* planned = find(devices, keyword)) refuse(*planned, fmt::format("device {}", named), where, subject);
  throw InputError(where, subject, fmt::format("unknown device \"{}\"; known are {}", named, known_devices()));
}

void refuse_planned_parameter(std::string_view parameter, const SourceLocation& where, std::string_view subject) {
  if (const auto* planned = find(parameters, parameter))
    refuse(*planned, fmt::format("\"{}=\"", parameter), where, subject);
}

void refuse_planned_model_type(std::string_view type, const SourceLocation& where, std::string_view subject) {
  if (const auto* planned = find(model_types, type))
    refuse(*planned, fmt::format("model type {}", upper_case(type)), where, subject);
}

void refuse_planned_waveform(std::string_view word, const SourceLocation& where, std::string_view subject) {
  if (const auto* planned = find(waveforms, word)) refuse(*planned, upper_case(word), where, subject);
}

}  // namespace tellegen::deck
