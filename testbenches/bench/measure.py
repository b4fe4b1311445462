"""CPU time per step: of processes by difference, of the Google Benchmark programs by their own clock.

    time per step = ( CPU(many steps) - CPU(few steps) ) / ( steps(many) - steps(few) )

so that reading the deck, ordering the matrix and printing cancel.
"""
import json
import os
import statistics
import subprocess
from dataclasses import dataclass, field

from simulators import ONE_THREAD, SimulatorFailed


@dataclass(frozen=True)
class Effort:
    """How long to look."""
    rounds: int          # of every workload, in which each simulator has its turn
    difference: float    # [s] of CPU between a run of many steps and one of few
    budget: float        # [s] of CPU for one simulator on one workload; rounds end when it is spent, after one at least
    program_time: float  # [s] of a row of a Google Benchmark program, each round


FULL = Effort(rounds=5, difference=0.8, budget=60, program_time=0.2)
QUICK = Effort(rounds=2, difference=0.1, budget=5, program_time=0.02)


@dataclass
class Samples:
    """Repeated measurements of one quantity."""
    values: list = field(default_factory=list)

    def summary(self, digits=5):
        values = [float(f'{value:.{digits}g}') for value in self.values]
        median = float(f'{statistics.median(values):.{digits}g}')
        return {'median': median, 'low': min(values), 'high': max(values), 'count': len(values)}


class ProcessClock:
    """Time per step of one simulator on one workload."""
    most_steps = 20000
    least_share = 0.05  # of what is done once, which varies by some percent from run to run

    def __init__(self, simulator, workload, effort):
        self.simulator = simulator
        self.workload = workload
        self.effort = effort
        self.deck = simulator.make_deck(workload.kind, workload.size, workload.is_transient)
        self.samples = Samples()
        self.spent = 0.0
        # Where a step's cost changes along the run, everyone runs the same part of it.
        self.few = 2 if workload.is_linear else 20
        self.many = 12 if workload.is_linear else workload.points
        if not workload.is_transient:
            self.few, self.many = 1, 3

    def has_turn(self):
        return not self.samples.values or self.spent < self.effort.budget

    def take_turn(self):
        few, many = self.run(self.few), self.run(self.many)
        while not self.samples.values and self.grow(few, many):
            few, many = self.run(self.few), self.run(self.many)
        apart, steps = many.seconds - few.seconds, many.steps - few.steps
        if apart <= self.least_share * few.seconds:
            raise SimulatorFailed(f'{steps} steps are lost in what it does once, which takes {few.seconds:.3g} s of CPU')
        self.samples.values.append(1e6 * apart / steps)

    def grow(self, few, many):
        """Whether the difference of two runs was too short to be trusted, and the next one will be longer."""
        can_grow = self.workload.is_linear or not self.workload.is_transient
        apart = many.seconds - few.seconds
        wanted = max(self.effort.difference, 0.3 * few.seconds)
        if not can_grow or apart >= 0.5 * wanted or self.many >= self.most_steps or self.spent >= self.effort.budget:
            return False
        growth = min(20.0, 1.2 * wanted / apart) if apart > 0 else 20.0
        self.many = min(self.most_steps, self.few + max(int(growth * (self.many - self.few)), self.many))
        return True

    def run(self, steps):
        run = self.simulator.transient if self.workload.is_transient else self.simulator.operating_points
        result = run(self.deck, steps)
        self.spent += result.seconds
        return result


def run_benchmark_program(program, arguments, effort):
    """Rows of a Google Benchmark program: {name: {counter: value}}, and its context."""
    command = [str(program), *arguments, '--benchmark_format=json', f'--benchmark_min_time={effort.program_time}']
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, **ONE_THREAD},
                          check=False)
    if done.returncode != 0:
        raise SimulatorFailed(f'{program.name} ended with code {done.returncode}: {done.stderr.strip()}')
    if '{' not in done.stdout:
        raise SimulatorFailed(f'{program.name} has no row for {" ".join(arguments)}')
    report = json.loads(done.stdout[done.stdout.index('{'):])  # SystemC prints its banner first
    return {row['name']: row for row in report['benchmarks'] if not row.get('error_occurred')}, report['context']


class EngineClock:
    """All rows of bench_circuits for one workload."""

    def __init__(self, program, deck_folder, workload, effort):
        self.program, self.effort = program, effort
        self.prefix = f'circuit/{workload.kind}/{workload.size}/'
        phases = 'forward|gradient' if workload.is_transient else 'op|op_gradient'
        self.arguments = ['--decks', str(deck_folder), f'--benchmark_filter=^{self.prefix}[0-9]+/({phases})$']
        self.samples = {}  # by (samples at once, phase)
        self.flops = {}    # by samples at once
        self.context = {}

    def take_turn(self):
        rows, context = run_benchmark_program(self.program, self.arguments, self.effort)
        self.context = context or self.context
        for name, row in rows.items():
            at_once, phase = name[len(self.prefix):].split('/')
            self.samples.setdefault((int(at_once), phase), Samples()).values.append(row['us_per_step_sample'])
            if phase in ('forward', 'op') and 'flops_per_step_sample' in row:
                self.flops[int(at_once)] = row['flops_per_step_sample']


def repeated_program(program, counter, effort, arguments=()):
    """{row name: Samples of a counter} of a Google Benchmark program run in rounds, and its context."""
    samples, context = {}, {}
    for _ in range(effort.rounds):
        rows, context = run_benchmark_program(program, list(arguments), effort)
        for name, row in rows.items():
            samples.setdefault(name, Samples()).values.append(row[counter])
    return samples, context
