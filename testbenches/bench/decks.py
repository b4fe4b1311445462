#!/usr/bin/env python3
"""Reference circuits of the benchmarks as SPICE decks, made from their sizes.

| kind       | size        | circuit                                                                                        |
|------------|-------------|------------------------------------------------------------------------------------------------|
| rc         | sections    | ladder of 100 ohm and 1 pF, step at its end                                                    |
| rlc        | sections    | lossy line of 2.5 nH, 1 pF and 0.1 ohm between 50 ohm, step at its end                         |
| mesh       | side        | square of 100 ohm between neighbours, 1 pF at every node, step at a corner                     |
| diode_mesh | side        | the same with a diode from every node to ground                                                |
| dnn        | widths n0-n1-.. | deep resistive network: dense conductances, a diode pair and an amplifier at every hidden node |

A deck's cards do not depend on the simulator, save for one spelling of gnucap's; what differs is the analysis at its end.
"""
import argparse
import random
import sys
from dataclasses import dataclass, field

DIODE = '.model DMOD D(IS=1e-9 N=1.0)'


@dataclass
class Deck:
    """Cards of a circuit, the nodes that are looked at, and the step [s] of its transient; no step: an operating point."""
    title: str
    cards: list = field(default_factory=list)
    probes: list = field(default_factory=list)
    step: float = 0.0

    def add(self, card):
        self.cards.append(card)

    def text(self, analysis):
        """The whole deck; `analysis` are the lines between the circuit and .end."""
        return '\n'.join([self.title, *self.cards, *analysis, '.end']) + '\n'


def rc_ladder(sections):
    deck = Deck(f'rc ladder {sections}', step=1e-10, probes=[f'n{sections // 10 or 1}', f'n{sections}'])
    deck.add('V1 n0 0 PULSE(0 1 0 1n 1n 1 2)')
    for i in range(sections):
        deck.add(f'R{i} n{i} n{i + 1} 100')
        deck.add(f'C{i} n{i + 1} 0 1p')
    return deck


def rlc_line(sections):
    deck = Deck(f'rlc ladder {sections}', step=2e-11, probes=[f'n{sections // 10 or 1}', f'n{sections}'])
    deck.add('V1 s 0 PULSE(0 1 0 1n 1n 1 2)')
    deck.add('RS s n0 50')
    for i in range(sections):
        deck.add(f'L{i} n{i} m{i} 2.5n')
        deck.add(f'R{i} m{i} n{i + 1} 0.1')
        deck.add(f'C{i} n{i + 1} 0 1p')
    deck.add(f'RL n{sections} 0 50')
    return deck


def mesh(side, with_diodes=False):
    deck = Deck(f'mesh {side}x{side}' + (' with diodes' if with_diodes else ''), step=1e-10,
                probes=[f'n{side // 2}_{side // 2}', f'n{side - 1}_{side - 1}'])
    deck.add('V1 s 0 PULSE(0 1 0 1n 1n 1 2)')
    deck.add('RS s n0_0 50')
    resistors = 0
    for i in range(side):
        for j in range(side):
            deck.add(f'C{i * side + j} n{i}_{j} 0 1p')
            if with_diodes:
                deck.add(f'D{i * side + j} n{i}_{j} 0 DMOD')
            neighbours = [(i, j + 1)] * (j + 1 < side) + [(i + 1, j)] * (i + 1 < side)
            for row, column in neighbours:
                deck.add(f'R{resistors} n{i}_{j} n{row}_{column} 100')
                resistors += 1
    if with_diodes:
        deck.add(DIODE)
    return deck


def deep_network(widths, transient, seed, for_gnucap):
    """A transient steps the inputs and has 1 pF at hidden and output nodes."""
    draw = random.Random(seed)
    deck = Deck('kendall-type network ' + '-'.join(str(width) for width in widths), step=1e-8 if transient else 0.0)
    for i in range(widths[0]):
        level = draw.uniform(-1, 1)
        deck.add(f'VI{i} x0_{i} 0 ' + (f'PULSE(0 {level:.6f} 0 1n 1n 1 2)' if transient else f'{level:.6f}'))
    deck.add('VB xb 0 1.0')
    below = [f'x0_{i}' for i in range(widths[0])] + ['xb']
    resistors = 0
    for layer, width in enumerate(widths[1:], start=1):
        is_output = layer == len(widths) - 1
        outputs = []
        for j in range(width):
            node, place = f'h{layer}_{j}', f'{layer}_{j}'
            for source in below:
                deck.add(f'R{resistors} {source} {node} {1 / draw.uniform(1e-7, 1e-5):.6g}')
                resistors += 1
            if transient:
                deck.add(f'CC{place} {node} 0 1p')
            if is_output:
                deck.probes.append(node)
                deck.add(f'RO{place} {node} 0 ' + ('1e6' if for_gnucap else '1meg'))
                continue
            # Diodes to two bias sources bend the node's voltage; an amplifier drives the next layer and takes a share of its
            # current back, so that the network is reciprocal.
            deck.add(f'DU{place} {node} bu DMOD')
            deck.add(f'DD{place} bd {node} DMOD')
            deck.add(f'EA{place} a{place} 0 {node} 0 4')
            deck.add(f'VS{place} a{place} o{place} 0')
            deck.add(f'FA{place} 0 {node} VS{place} -0.25')
            outputs.append(f'o{place}')
        below = outputs + ['xb']
    deck.add('VU bu 0 0.2')
    deck.add('VD bd 0 -0.2')
    deck.add(DIODE)
    return deck


def make_deck(kind, size, transient=True, seed=1, for_gnucap=False):
    """Deck of a kind and size; `transient` matters to deep networks alone, whose operating points are worth a measure."""
    if kind == 'rc':
        return rc_ladder(int(size))
    if kind == 'rlc':
        return rlc_line(int(size))
    if kind in ('mesh', 'diode_mesh'):
        return mesh(int(size), kind == 'diode_mesh')
    if kind == 'dnn':
        return deep_network([int(width) for width in size.split('-')], transient, seed, for_gnucap)
    raise ValueError(f'there is no circuit of kind "{kind}"; known: rc, rlc, mesh, diode_mesh, dnn')


def plain_analysis(deck, points, options=''):
    """Lines that any SPICE reads: the voltages of the probes over `points` steps, or at the operating point."""
    voltages = ' '.join(f'v({probe})' for probe in deck.probes)
    lines = [f'.options {options}'] if options else []
    lines.append('.save ' + voltages)
    if deck.step:
        return lines + [f'.tran {deck.step:g} {deck.step * points:g} 0 {deck.step:g}', '.print tran ' + voltages]
    return lines + ['.op', '.print op ' + voltages]


def main():
    parser = argparse.ArgumentParser(description='Writes the deck of a reference circuit.', epilog=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kind')
    parser.add_argument('size')
    parser.add_argument('--points', type=int, default=1000, help='steps of the transient (default 1000)')
    parser.add_argument('--tran', action='store_true', help='a transient of a deep network, not its operating point')
    parser.add_argument('--options', default='', help='text of an .options line')
    parser.add_argument('--seed', type=int, default=1, help='of the conductances and inputs of a deep network (default 1)')
    arguments = parser.parse_args()
    try:
        deck = make_deck(arguments.kind, arguments.size, arguments.tran, arguments.seed)
    except ValueError as mistake:
        parser.error(str(mistake))
    sys.stdout.write(deck.text(plain_analysis(deck, arguments.points, arguments.options)))


if __name__ == '__main__':
    main()
