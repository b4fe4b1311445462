"""Circuit simulators as processes: what each is asked to do, and the CPU time and steps that it took.

A simulator has

| member                             | meaning                                                                                 |
|------------------------------------|-----------------------------------------------------------------------------------------|
| name, version                      | "ngspice", "39"                                                                         |
| transient(deck, points)            | Run of that many steps at the deck's fixed step; nothing is printed that can be left out |
| operating_points(deck, count)      | Run that finds the operating point that often, 0 times for what the rest of it costs    |
| waves(deck, points)                | {'time': [..], probe: [..]}                                                             |
| point(deck)                        | {probe: value}                                                                          |
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import decks

# A simulator that takes two threads would still be charged for both, but not run as one core would.
ONE_THREAD = {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'}


class SimulatorFailed(Exception):
    """A simulator ended badly or printed nothing that can be read."""


@dataclass
class Run:
    seconds: float  # of CPU, user and system
    steps: int      # accepted time steps, or operating points
    output: str


def run_process(command, folder, limit=60):
    """CPU seconds and output, with what went to standard error, of a process that may take so many seconds of CPU."""
    with tempfile.TemporaryFile() as output:
        seconds = int(limit) + 1
        stop_in_time = lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   env={**os.environ, **ONE_THREAD}, preexec_fn=stop_in_time)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors='replace')
    if -process.returncode in (signal.SIGXCPU, signal.SIGKILL):
        raise SimulatorFailed(f'took more than {limit:.0f} s of CPU')
    if process.returncode != 0:
        raise SimulatorFailed(f'{Path(command[0]).name} ended with code {process.returncode}: {last_lines(text)}')
    return usage.ru_utime + usage.ru_stime, text


def last_lines(text, count=3):
    return ' / '.join(line.strip() for line in text.strip().splitlines()[-count:])


def number_after(pattern, text, who):
    found = re.search(pattern + r'\s*=\s*(\d+)', text, re.IGNORECASE)
    if not found:
        raise SimulatorFailed(f'{who} did not say its number of {pattern}: {last_lines(text)}')
    return int(found.group(1))


class Simulator:
    """A program that reads decks from a folder of its own."""
    limit = 60  # [s] of CPU, for one run

    def __init__(self, program, folder):
        self.program = str(program)
        self.folder = Path(tempfile.mkdtemp(prefix=f'{self.name}-', dir=folder))

    def run(self, deck_text, *arguments):
        deck = self.folder / 'deck.cir'
        deck.write_text(deck_text)
        return run_process([self.program, *arguments, deck.name], self.folder, self.limit)

    def make_deck(self, kind, size, transient):
        return decks.make_deck(kind, size, transient)


class Tellegen(Simulator):
    """`tellegen sim`, by the trapezoidal rule as the others."""
    name = 'tellegen'

    def __init__(self, program, folder):
        super().__init__(program, folder)
        self.version = run_process([self.program, '--version'], folder)[1].split()[-1]

    def transient(self, deck, points):
        seconds, output = self.run(deck.text(decks.plain_analysis(deck, points, 'method=trap')), 'sim')
        return Run(seconds, points, output)

    def operating_points(self, deck, count):
        seconds, output = self.run(deck.text(decks.plain_analysis(deck, 0) * count), 'sim')
        return Run(seconds, count, output)

    def waves(self, deck, points):
        self.run(deck.text(decks.plain_analysis(deck, points, 'method=trap')), 'sim', '-o', 'waves.csv')
        lines = (self.folder / 'waves.csv').read_text().split()
        return dict(zip(['time', *deck.probes], zip(*(map(float, line.split(',')) for line in lines[1:]))))

    def point(self, deck):
        self.run(deck.text(decks.plain_analysis(deck, 0)), 'sim', '-o', 'point.csv')
        values = (self.folder / 'point.csv').read_text().split()[-1].split(',')
        return dict(zip(deck.probes, map(float, values)))


class Ngspice(Simulator):
    """ngspice in batch mode, driven by a .control block; `with_klu` asks for its other matrix package."""
    name = 'ngspice'

    def __init__(self, program, folder, with_klu=False):
        super().__init__(program, folder)
        self.version = re.search(r'ngspice-(\S+)', run_process([self.program, '--version'], folder)[1]).group(1)
        self.with_klu = with_klu
        if with_klu:
            self.name = 'ngspice KLU'

    def knows_klu(self):
        """Whether it took the option; releases before 42 pass over it in silence."""
        output = self.control(decks.make_deck('rc', '3'), ['op'])[1]
        return 'KLU' in output

    def control(self, deck, commands):
        lines = ['.options klu'] if self.with_klu else []
        lines += ['.save ' + ' '.join(f'v({probe})' for probe in deck.probes), '.control', 'set noaskquit', 'set wr_singlescale',
                  'set numdgt=12', *commands, 'quit', '.endc']
        return self.run(deck.text(lines), '-b')

    @staticmethod
    def transient_command(deck, points):
        return f'tran {deck.step:g} {deck.step * points:g} 0 {deck.step:g}'

    def transient(self, deck, points):
        seconds, output = self.control(deck, [self.transient_command(deck, points), 'rusage all'])
        return Run(seconds, number_after('accepted timepoints', output, self.name), output)

    def operating_points(self, deck, count):
        loop = [f'repeat {count}', 'op', 'destroy all', 'end'] if count else []
        seconds, output = self.control(deck, loop)
        return Run(seconds, count, output)

    def waves(self, deck, points):
        voltages = ' '.join(f'v({probe})' for probe in deck.probes)
        self.control(deck, [self.transient_command(deck, points), 'wrdata waves.data ' + voltages])
        rows = [list(map(float, line.split())) for line in (self.folder / 'waves.data').read_text().splitlines()]
        return dict(zip(['time', *deck.probes], zip(*rows)))

    def point(self, deck):
        output = self.control(deck, ['op', *(f'print v({probe})' for probe in deck.probes)])[1]
        return {probe: float(re.search(rf'^v\({probe}\) = (\S+)', output, re.MULTILINE).group(1)) for probe in deck.probes}


class Gnucap(Simulator):
    """gnucap in batch mode. Its steps are its own choice within the deck's, so they are counted, not assumed."""
    name = 'gnucap'
    multiples = {'T': 1e12, 'G': 1e9, 'Meg': 1e6, 'K': 1e3, 'm': 1e-3, 'u': 1e-6, 'n': 1e-9, 'p': 1e-12, 'f': 1e-15}

    def __init__(self, program, folder):
        super().__init__(program, folder)
        found = re.search(r'version:.*?([\d.]+)', run_process([self.program, '--version'], folder)[1])
        self.version = found.group(1) if found else ''

    def make_deck(self, kind, size, transient):
        return decks.make_deck(kind, size, transient, for_gnucap=True)

    def transient(self, deck, points):
        seconds, output = self.run(deck.text([self.transient_card(deck, points), '.status']), '-b')
        return Run(seconds, number_after('accepted', output, self.name), output)

    def operating_points(self, deck, count):
        seconds, output = self.run(deck.text(['.op'] * count), '-b')
        return Run(seconds, count, output)

    def waves(self, deck, points):
        voltages = ' '.join(f'v({probe})' for probe in deck.probes)
        _, output = self.run(deck.text(['.options numdgt=9', '.print tran ' + voltages, self.transient_card(deck, points)]), '-b')
        return dict(zip(['time', *deck.probes], zip(*self.rows(output, 1 + len(deck.probes)))))

    def point(self, deck):
        voltages = ' '.join(f'v({probe})' for probe in deck.probes)
        _, output = self.run(deck.text(['.options numdgt=9', '.print op ' + voltages, '.op']), '-b')
        return dict(zip(deck.probes, self.rows(output, 1 + len(deck.probes))[-1][1:]))

    @staticmethod
    def transient_card(deck, points):
        return f'.tran {deck.step:g} {deck.step * points:g}'

    def rows(self, output, width):
        """Rows of numbers such as 0.5, 12.5n or 1.2Meg."""
        rows = []
        for line in output.splitlines():
            numbers = [self.number(word) for word in line.split()]
            if len(numbers) == width and None not in numbers:
                rows.append(numbers)
        if not rows:
            raise SimulatorFailed(f'gnucap printed no values: {last_lines(output)}')
        return rows

    def number(self, word):
        found = re.fullmatch(r'([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(T|G|Meg|K|m|u|n|p|f)?', word)
        return float(found.group(1)) * self.multiples.get(found.group(2), 1.0) if found else None


def installed_peers(folder, say):
    """The simulators that this machine has."""
    peers = []
    if program := shutil.which('ngspice'):
        peers.append(Ngspice(program, folder))
        with_klu = Ngspice(program, folder, with_klu=True)
        if with_klu.knows_klu():
            peers.append(with_klu)
        else:
            say(f'ngspice {peers[0].version} has no KLU')
    else:
        say('ngspice is not installed: left out')
    if program := shutil.which('gnucap'):
        peers.append(Gnucap(program, folder))
    else:
        say('gnucap is not installed: left out')
    return peers
