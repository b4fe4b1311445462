"""What is measured, and what is asked of it."""
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Targets:
    """Factors over the fastest peer for one sample and for 16 and more; the distance from the machine's floor at 16 and more; the
    cost of a gradient in forward runs."""
    one: float
    many: float
    floor: float
    gradient: float


@dataclass(frozen=True)
class Workload:
    kind: str
    size: str
    points: int                # steps of the transient that tellegen's engine runs; 0: an operating point
    targets: Optional[Targets] = None
    is_linear: bool = True     # then a step costs the same at any time, and peers run as many as their clock needs
    comparison_points: int = 100
    comparison_step: float = 0  # [s] where results are compared; 0: the deck's own
    comparison_probes: tuple = field(default=())  # nodes that have moved by then; empty: the deck's own

    @property
    def is_transient(self):
        return self.points > 0

    @property
    def name(self):
        return f'{self.kind} {self.size}' + ('' if self.is_transient else ' op')

    @property
    def deck_file(self):
        return f'{self.kind}.{self.size}.{"tran" if self.is_transient else "op"}.cir'


LADDER = Targets(one=2.5, many=20, floor=8, gradient=3)
MESH = Targets(one=2, many=20, floor=4, gradient=2.5)
DIODE_MESH = Targets(one=6, many=40, floor=4, gradient=2.5)
NETWORK = Targets(one=30, many=200, floor=2, gradient=2)
NETWORK_POINT = Targets(one=100, many=500, floor=3, gradient=1.4)


def ladder(kind, sections, targets=LADDER):
    near = ('n1', 'n2') if sections < 20 else ('n5', 'n10')
    return Workload(kind, str(sections), points=200, targets=targets, comparison_probes=near,
                    comparison_points=100 if sections <= 1000 else 30)


def grid(kind, side, targets):
    return Workload(kind, str(side), points=200 if side < 100 else 30, targets=targets, is_linear=kind == 'mesh',
                    comparison_probes=('n1_1', 'n3_3'), comparison_points=100 if side < 100 else 10)


def network(size, points, targets=NETWORK):
    # The inputs rise within a nanosecond and the nodes follow within a few; the deck's step of 10 ns is for the time after that.
    return Workload('dnn', size, points=points, targets=targets, is_linear=False, comparison_step=2e-10, comparison_points=50)


def network_point(size, targets=NETWORK_POINT):
    return Workload('dnn', size, points=0, targets=targets, is_linear=False)


# Sizes without targets draw the lines of the plots a little further.
WORKLOADS = [
    ladder('rc', 10, None), ladder('rc', 100), ladder('rc', 1000), ladder('rc', 10000),
    ladder('rlc', 10, None), ladder('rlc', 100), ladder('rlc', 500), ladder('rlc', 1000),
    grid('mesh', 10, None), grid('mesh', 30, MESH), grid('mesh', 100, MESH),
    grid('diode_mesh', 10, None), grid('diode_mesh', 30, DIODE_MESH),
    network('16-16-4', 520, None), network('64-64-10', 520), network('256-100-10', 120), network('784-100-10', 50),
    network_point('16-16-4', None), network_point('64-64-10'), network_point('256-100-10'), network_point('784-100-10'),
]

# Batches of 128 samples over threads, forward and gradient in all parameters, and the memory [MiB] that a process may take.
BATCH_WORKLOADS = [network('784-100-10', 200, None), grid('mesh', 30, None)]
BATCH_MEBIBYTES = 1024

# Half orders: how much the cost of a step may grow from the shortest to the longest run, and what it may be in lanes.
FRACTIONAL_GROWTH = 2.0
FRACTIONAL_NANOSECONDS = 5.0
CHIP_OVER_DIRECT = 2.0

FAMILIES = [
    ('rc', True, 'RC ladders', 'sections'),
    ('rlc', True, 'RLC lines', 'sections'),
    ('mesh', True, 'Linear meshes', 'nodes'),
    ('diode_mesh', True, 'Meshes with a diode at every node', 'nodes'),
    ('dnn', True, 'Deep networks, transient', 'resistors'),
    ('dnn', False, 'Deep networks, operating point', 'resistors'),
]


def abscissa(workload):
    """Size as a number that grows with the circuit: sections, nodes, or the resistors of a network."""
    if workload.kind in ('mesh', 'diode_mesh'):
        return int(workload.size) ** 2
    if workload.kind == 'dnn':
        widths = [int(width) for width in workload.size.split('-')]
        return sum((below + 1) * width for below, width in zip(widths, widths[1:]))
    return int(workload.size)
