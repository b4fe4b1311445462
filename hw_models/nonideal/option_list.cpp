#include "hw_models/nonideal/option_list.hpp"

#include <array>

namespace tellegen {
namespace {

using N = NonIdealities;

constexpr double finest = 1e-15, forever = 1e6;  // [s]

#define MEMBER(path) [](N& chip) -> double& { return chip.path; }

constexpr std::string_view range_meaning = "full scale over the largest sample of an ideal learning cycle (default 1.25)";

constexpr std::array options{
    NonidealOption{"chip.stimulus", "bits", "", 1, 24, true, "resolution of the input converters", MEMBER(stimulus.bits)},
    NonidealOption{"chip.stimulus", "range", "", 0.01, 1000, false, range_meaning, MEMBER(stimulus.range)},
    NonidealOption{"chip.stimulus", "inl", "", -1000, 1000, false, "[LSB] largest distance of the levels from a line, an S", MEMBER(stimulus.inl)},
    NonidealOption{"chip.stimulus", "dnl", "", 0, 10, false, "[LSB] rms of the steps between levels, drawn by seed; up to 16 bits", MEMBER(stimulus.dnl)},
    NonidealOption{"chip.stimulus", "offset", "", -1, 1, false, "in parts of the full scale", MEMBER(stimulus.offset)},
    NonidealOption{"chip.stimulus", "noise", "", 0, 1, false, "rms of every conversion, in parts of the full scale", MEMBER(stimulus.noise)},
    NonidealOption{"chip.stimulus", "settling", "s", finest, forever, false, "time constant with which a new level is approached", MEMBER(stimulus.settling)},
    NonidealOption{"chip.drive", "bits", "", 1, 24, true, "resolution of the converters that nudge", MEMBER(drive.bits)},
    NonidealOption{"chip.drive", "range", "", 0.01, 1000, false, range_meaning, MEMBER(drive.range)},
    NonidealOption{"chip.drive", "inl", "", -1000, 1000, false, "[LSB] as above", MEMBER(drive.inl)},
    NonidealOption{"chip.drive", "dnl", "", 0, 10, false, "[LSB] as above", MEMBER(drive.dnl)},
    NonidealOption{"chip.drive", "offset", "", -1, 1, false, "in parts of the full scale; of the same sign in both passes", MEMBER(drive.offset)},
    NonidealOption{"chip.drive", "noise", "", 0, 1, false, "rms, in parts of the full scale", MEMBER(drive.noise)},
    NonidealOption{"chip.drive", "settling", "s", finest, forever, false, "time constant with which a new level is approached", MEMBER(drive.settling)},
    NonidealOption{"chip.probe", "bits", "", 1, 24, true, "resolution of the converters that read the outputs", MEMBER(probe.bits)},
    NonidealOption{"chip.probe", "range", "", 0.01, 1000, false, range_meaning, MEMBER(probe.range)},
    NonidealOption{"chip.probe", "full_scale", "V", 1e-12, 1e12, false, "level of the largest code, instead of range; all probes are voltages", MEMBER(probe.full_scale)},
    NonidealOption{"chip.probe", "inl", "", -1000, 1000, false, "[LSB] as above", MEMBER(probe.inl)},
    NonidealOption{"chip.probe", "dnl", "", 0, 10, false, "[LSB] as above", MEMBER(probe.dnl)},
    NonidealOption{"chip.probe", "offset", "", -1, 1, false, "in parts of the full scale", MEMBER(probe.offset)},
    NonidealOption{"chip.probe", "noise", "", 0, 1, false, "rms, in parts of the full scale", MEMBER(probe.noise)},
    NonidealOption{"chip.probe", "early", "s", finest, forever, false, "sampling instant before the clock edge, at most a clock cycle", MEMBER(probe_sampling.early)},
    NonidealOption{"chip.probe", "jitter", "s", finest, forever, false, "rms of the sampling instant, at most a quarter of a clock cycle", MEMBER(probe_sampling.jitter)},
    NonidealOption{"chip.probe", "converters", "", 1, 1e6, true, "converters that take the outputs in turn within a clock cycle; absent: one each", MEMBER(probe_sampling.converters)},
    NonidealOption{"chip.trace", "bits", "", 1, 24, true, "resolution of the trace memory", MEMBER(trace.bits)},
    NonidealOption{"chip.trace", "range", "", 0.01, 1000, false, range_meaning, MEMBER(trace.range)},
    NonidealOption{"chip.trace", "noise", "", 0, 1, false, "rms of every record, in parts of the full scale", MEMBER(trace.noise)},
    NonidealOption{"chip.trace", "depth", "", 1, 1e9, true, "words by signal: every so many clock cycles one record is kept; absent: one each", MEMBER(trace_memory.depth)},
    NonidealOption{"chip.trace", "droop", "Hz", 0, 1e15, false, "rate at which a stored level decays until it is replayed", MEMBER(trace_memory.droop)},
    NonidealOption{"chip.trace", "early", "s", finest, forever, false, "sampling instant before the clock edge, at most a clock cycle", MEMBER(trace_sampling.early)},
    NonidealOption{"chip.trace", "jitter", "s", finest, forever, false, "rms of the sampling instant, at most a quarter of a clock cycle", MEMBER(trace_sampling.jitter)},
    NonidealOption{"chip.trace", "converters", "", 1, 1e9, true, "converters that take the cells in turn within a clock cycle; absent: one each", MEMBER(trace_sampling.converters)},
    NonidealOption{"chip.correlator", "gain", "", -0.99, 10, false, "gain error of all cells, relative", MEMBER(correlator.gain)},
    NonidealOption{"chip.correlator", "gain_mismatch", "", 0, 1, false, "rms between cells, relative", MEMBER(correlator.gain_mismatch)},
    NonidealOption{"chip.correlator", "side_gain", "", -0.99, 10, false, "gain of the positive side over that of the negative one, less 1", MEMBER(correlator.side_gain)},
    NonidealOption{"chip.correlator", "offset", "", -1000, 1000, false, "of every product, over its mean size in an ideal cycle (rms over the cells)", MEMBER(correlator.offset)},
    NonidealOption{"chip.correlator", "offset_mismatch", "", 0, 1000, false, "rms between cells, likewise", MEMBER(correlator.offset_mismatch)},
    NonidealOption{"chip.drift", "passes", "", 0, 1, false, "rms change of every device from one analog phase to the next, relative", MEMBER(drift)},
    NonidealOption{"chip.mismatch", "elements", "", 0, 0.3, false, "rms of every law parameter of the circuit, relative; the exact gradient is that of the circuit as built", MEMBER(element_mismatch)},
    NonidealOption{"chip.mismatch", "twin", "", 0, 0.3, false, "rms between an element and its twin, relative; passes = \"lockstep\"", MEMBER(twin_mismatch)},
    NonidealOption{"chip.programming", "range", "", 1.01, 1e6, false, "of a device: largest over first value, and first over smallest, where [train] bounds say nothing (default 10)", MEMBER(programming.range)},
    NonidealOption{"chip.programming", "bits", "", 1, 24, true, "levels of a device, evenly from its smallest to its largest value", MEMBER(programming.bits)},
    NonidealOption{"chip.programming", "write_noise", "", 0, 1, false, "rms of every write, in parts of the device's range", MEMBER(programming.write_noise)},
    NonidealOption{"chip.noise", "temperature", "K", 0, 1e4, false, "of all resistors: each carries Johnson noise of the two-sided density 2kTG", MEMBER(temperature)},
    NonidealOption{"chip.leakage", "conductance", "S", 0, 1e6, false, "across every capacitor; part of the circuit as built", MEMBER(parasitics.leakage)},
    NonidealOption{"chip.lines", "resistance", "ohm", 0, 1e12, false, "of a line from one element to the next; part of the circuit as built", MEMBER(parasitics.lines.resistance)},
    NonidealOption{"chip.lines", "capacitance", "F", 0, 1, false, "of the same piece to ground", MEMBER(parasitics.lines.capacitance)},
    NonidealOption{"chip.negative_conductance", "gain", "", -0.99, 10, false, "error of the flipped resistors of a gain-flip echo, relative", MEMBER(negative_conductance.gain)},
    NonidealOption{"chip.negative_conductance", "saturation", "V", 1e-12, 1e12, false, "at which they saturate, i = -G V tanh(v/V)", MEMBER(negative_conductance.saturation)},
    NonidealOption{"chip.energy", "stimulus", "J", 0, 1, false, "of a conversion of an input", MEMBER(energy.stimulus)},
    NonidealOption{"chip.energy", "drive", "J", 0, 1, false, "of a conversion of a nudge", MEMBER(energy.drive)},
    NonidealOption{"chip.energy", "probe", "J", 0, 1, false, "of a conversion of an output", MEMBER(energy.probe)},
    NonidealOption{"chip.energy", "trace_write", "J", 0, 1, false, "of a word into a trace memory", MEMBER(energy.trace_write)},
    NonidealOption{"chip.energy", "trace_read", "J", 0, 1, false, "of a word out of it", MEMBER(energy.trace_read)},
    NonidealOption{"chip.energy", "product", "J", 0, 1, false, "of a cell's correlator, a clock cycle of a nudged pass", MEMBER(energy.product)},
    NonidealOption{"chip.energy", "update", "J", 0, 1, false, "of an update of a parameter", MEMBER(energy.update)},
    NonidealOption{"chip.energy", "cycle", "J", 0, 1, false, "of the rest of the chip, a clock cycle", MEMBER(energy.cycle)},
};

#undef MEMBER

constexpr std::array choices{
    NonidealChoice{"chip", "passes", "sequential | lockstep", "the positive pass before the negative one, or both at once on an array and its twin"},
    NonidealChoice{"chip", "replay", "held | sampled | interpolated",
                   "a record is held for its clock cycle; or the correlator takes one product a cycle; or the replay goes straight from record to record"},
    NonidealChoice{"chip.programming", "curve", "FILE.csv", "measured pulses: columns value, up, down in parts of the device's range; absent: writes reach what they aim at"},
    NonidealChoice{"chip.lines", "nodes", "[\"row*\", ..]", "nodes that are lines: the one-ports on them stand along a wire, in the order of the deck"},
};

}  // namespace

std::span<const NonidealOption> nonideal_options() { return options; }
std::span<const NonidealChoice> nonideal_choices() { return choices; }

}  // namespace tellegen
