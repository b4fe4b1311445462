#!/usr/bin/env python3
"""Makes training.csv and held_out.csv: input currents, and the voltage that the teacher's second neuron answers with.

usage: make_data.py PROGRAM      (the tellegen program; run in this folder)
"""
import math
import pathlib
import subprocess
import sys
import tempfile

STEP, STEPS = 25e-6, 1200


def current(t, amplitudes, rise=1e-3):
    """Two pulses with raised-cosine edges [A]."""
    total = 0.0
    for start, stop, amplitude in amplitudes:
        up = min(max((t - start) / rise, 0.0), 1.0)
        down = min(max((t - stop) / rise, 0.0), 1.0)
        total += amplitude * 0.5 * (math.cos(math.pi * down) - math.cos(math.pi * up))
    return total


def answer(program, samples):
    """Voltage of the teacher's second neuron at every step, from a gradient-free run of the program."""
    teacher = pathlib.Path("teacher.cir").read_text()
    points = " ".join(f"{n * STEP:.9g} {x:.12g}" for n, x in enumerate([0.0] + samples))
    deck = teacher.replace("I1 0 pre 0\n", f"I1 0 pre PWL({points})\n")
    deck = deck.replace(".end", f".options method=bdf2\n.tran {STEP} {STEP * STEPS} 0 {STEP}\n.save v(post)\n.end")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "teacher.cir")
        path.write_text(deck)
        out = pathlib.Path(folder, "out.csv")
        subprocess.run([program, "sim", path, "-o", out], check=True)
        rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
    by_step = {round(float(t) / STEP): float(v) for t, v in rows}
    return [by_step[n] for n in range(1, STEPS + 1)]


def write(name, program, pulses):
    samples = [current((n + 1) * STEP, pulses) for n in range(STEPS)]
    target = answer(program, samples)
    lines = ["t,current,post"] + [f"{(n + 1) * STEP:.9g},{samples[n]:.12g},{target[n]:.10g}" for n in range(STEPS)]
    pathlib.Path(name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write("training.csv", sys.argv[1], [(2e-3, 4e-3, 1.2e-9), (16e-3, 20e-3, 0.9e-9)])
    write("held_out.csv", sys.argv[1], [(3e-3, 6e-3, 1.0e-9), (18e-3, 21e-3, 1.3e-9)])
