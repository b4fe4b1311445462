#!/usr/bin/env python3
"""Makes training.csv and held_out.csv of this experiment from lead MLII of record 208.

    python3 make_data.py ECG208_CSV

ECG208_CSV has one column `mv`, 360 samples a second. Two parts of it, ten seconds each and apart in time, are brought
to the grid of the bench and disturbed. The output has the columns

    t      s    time since the part's start
    input  V    what the ideal preamplifier (x1000: 1 mV at the electrode is 1 V) hands to the circuit
    clean  V    what the circuit is to give: the undisturbed record x1000 x OUTPUT_GAIN

Nothing here is random: the same record gives the same files, to the last digit.
"""

import math
import pathlib
import statistics
import sys

RECORD_RATE = 360.0  # Hz
GRID_RATE = 1000.0  # Hz, [time] step of bench.toml
DURATION = 10.0  # s
OUTPUT_GAIN = 0.5  # V at the circuit's output per V at its input: a passive circuit between resistors cannot give 1
HALF_WIDTH = 32  # record samples on either side of the interpolating kernel

# start      s    where the part begins in the record
# mains      Hz   true frequency of the mains, which wanders by a few hundredths
# hum        mV   peak of the fundamental and of its third harmonic
# swell      1    slow change of the hum's amplitude: relative depth, Hz, rad
# wander     mV of each of the eight sinusoids of the baseline, 0.15 to 0.4 Hz
# shift      Hz   added to their frequencies, so that no part shares them with another
# phase      rad  sets their phases
PARTS = {
    "training.csv": dict(
        start=252.30,
        mains=60.02,
        hum=((1, 0.30, 0.4), (3, 0.03, 1.1)),
        swell=(0.15, 0.37, 0.0),
        wander=0.16, shift=0.0, phase=0.7,
    ),
    "held_out.csv": dict(
        start=268.30,
        mains=59.97,
        hum=((1, 0.26, 2.9), (3, 0.04, 0.2)),
        swell=(0.20, 0.29, 1.7),
        wander=0.16, shift=0.011, phase=2.3,
    ),
}


def read_record(path):
    with open(path, encoding="ascii") as lines:
        if next(lines).strip() != "mv":
            sys.exit(f"{path}: the first line must be the column name mv")
        return [float(line) for line in lines]


def resampled(record, position):
    """Value of the band-limited signal between the samples: sinc under a Hann window."""
    first = math.floor(position) - HALF_WIDTH + 1
    total = 0.0
    for k in range(first, first + 2 * HALF_WIDTH):
        x = position - k
        kernel = 1.0 if x == 0 else math.sin(math.pi * x) / (math.pi * x)
        total += record[k] * kernel * (0.5 + 0.5 * math.cos(math.pi * x / HALF_WIDTH))
    return total


def hum(part, t):
    depth, rate, phase = part["swell"]
    swell = 1 + depth * math.sin(2 * math.pi * rate * t + phase)
    return swell * sum(a * math.sin(2 * math.pi * n * part["mains"] * t + p) for n, a, p in part["hum"])


def wander(part, t):
    lines = [(0.15 + 0.035 * k + part["shift"], part["wander"], 2.399963 * k * k + part["phase"] * (k + 1)) for k in range(8)]
    return sum(a * (math.sin(2 * math.pi * f * t + p)) for f, a, p in lines)


def write_part(path, record, part):
    times = [n / GRID_RATE for n in range(round(DURATION * GRID_RATE) + 1)]
    clean = [resampled(record, (part["start"] + t) * RECORD_RATE) for t in times]
    rest = statistics.median(clean)  # the isoelectric level: most of the time the heart is quiet
    with open(path, "w", encoding="ascii") as out:
        out.write("t,input,clean\n")
        for t, x in zip(times, clean):
            disturbed = x - rest + hum(part, t) + wander(part, t)
            out.write(f"{t:.3f},{disturbed:.5f},{OUTPUT_GAIN * (x - rest):.5f}\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    record = read_record(sys.argv[1])
    folder = pathlib.Path(__file__).resolve().parent
    for name, part in PARTS.items():
        write_part(folder / name, record, part)


if __name__ == "__main__":
    main()
