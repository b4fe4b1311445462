#!/usr/bin/env python3
"""Makes training.csv and held_out.csv of this experiment from excerpt.csv, or from the whole record.

    python3 make_data.py [RECORD.csv]

excerpt.csv holds 39 s of the record, from EXCERPT_START on; RECORD.csv all of it. Both have one column `mv`, 360 samples a
second. Two parts, ten seconds each and apart in time, are brought to the grid of the bench and disturbed:

    t      s    time since the part's start
    input  V    what an ideal preamplifier (x1000: 1 mV at the electrode is 1 V) hands to the circuit
    clean  V    what the circuit is to give: the undisturbed record x1000, less its median, x OUTPUT_GAIN

Nothing here is drawn at random: the same record gives the same files, digit by digit.
"""

import math
import pathlib
import statistics
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
RECORD_RATE = 360.0  # Hz
EXCERPT_START = 251.0  # s
GRID_RATE = 1000.0  # Hz, [time] step of bench.toml
DURATION = 10.0  # s
OUTPUT_GAIN = 0.5  # a passive circuit between a source resistance and a load cannot give 1
HALF_WIDTH = 32  # record samples on either side of the interpolating kernel

# start    s          where the part begins in the record
# mains    Hz         true frequency of the mains, which strays by a few hundredths
# hum      1, mV, rad harmonic, peak and phase
# swell    1, Hz, rad slow change of the hum's amplitude: relative depth, frequency, phase
# wander   Hz, rad    lowest of the lines that make the baseline, and the angle that sets their phases
PARTS = {
    "training.csv": dict(
        start=252.3,
        mains=60.02,
        hum=((1, 0.30, 0.4), (3, 0.03, 1.1)),
        swell=(0.15, 0.37, 0.0),
        wander=(0.150, 0.7),
    ),
    "held_out.csv": dict(
        start=278.4,
        mains=59.97,
        hum=((1, 0.26, 2.9), (3, 0.04, 0.2)),
        swell=(0.20, 0.29, 1.7),
        wander=(0.157, 4.1),
    ),
}
WANDER_LINES = 8
WANDER_SPACING = 0.035  # Hz
WANDER_PEAK = 0.16  # mV, of each line
GOLDEN_ANGLE = 2.399963  # rad: its multiples fall on no pattern


def read_record(path):
    with open(path, encoding="ascii") as lines:
        if next(lines).strip() != "mv":
            sys.exit(f"{path}: the first line must be the name of the one column, mv")
        return [float(line) for line in lines]


def resampled(record, position):
    """Value of the band-limited signal at a position between samples: sinc under a Hann window."""
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
    """Breathing and drift: lines of one height from 0.15 to 0.4 Hz, so that no single frequency can be trapped."""
    lowest, angle = part["wander"]
    lines = ((lowest + WANDER_SPACING * k, GOLDEN_ANGLE * k * k + angle * (k + 1)) for k in range(WANDER_LINES))
    return WANDER_PEAK * sum(math.sin(2 * math.pi * f * t + phase) for f, phase in lines)


def write_part(path, record, record_start, part):
    times = [n / GRID_RATE for n in range(1, round(DURATION * GRID_RATE) + 1)]
    heart = [resampled(record, (part["start"] - record_start + t) * RECORD_RATE) for t in times]
    rest = statistics.median(heart)  # the isoelectric level: most of the time the heart is quiet
    with open(path, "w", encoding="ascii") as out:
        out.write("t,input,clean\n")
        for t, x in zip(times, heart):
            disturbed = x - rest + hum(part, t) + wander(part, t)
            out.write(f"{t:.3f},{disturbed:.4f},{OUTPUT_GAIN * (x - rest):.4f}\n")


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    whole = len(sys.argv) == 2
    record = read_record(sys.argv[1] if whole else FOLDER / "excerpt.csv")
    for name, part in PARTS.items():
        write_part(FOLDER / name, record, 0.0 if whole else EXCERPT_START, part)


if __name__ == "__main__":
    main()
