"""Measurements of one workload turned into rows, ratios and verdicts."""
import json
import math
import statistics
from pathlib import Path

KNOWN_PEERS = json.loads((Path(__file__).parent / 'known_peers.json').read_text())
MANY = 16  # samples at once, from which on an engine counts as one of many


def middle(value):
    """Geometric middle of a figure or of its two ends."""
    values = value if isinstance(value, list) else [value]
    return math.prod(values) ** (1 / len(values))


def known_rows(workload, measured):
    """Peers that are not installed here, by their ratio to ngspice 39 where that was measured here.

    `measured` are rows of peers by the name of their workload.
    """
    reference = f'{KNOWN_PEERS["reference"]} {KNOWN_PEERS["reference_version"]}'
    known = dict(KNOWN_PEERS['rows'].get(workload.name, {}))
    beside = measured.get(known.pop('beside', workload.name), [])
    here = next((row for row in beside if row['who'].split('.')[0] == reference), None)
    if here is None or not known:
        return []
    there = middle(known.pop(reference))
    rows = []
    for who, figure in known.items():
        us = {key: float(f'{here["us"][key] * middle(figure) / there:.5g}') for key in ('median', 'low', 'high')}
        rows.append({'who': who, 'samples': 1, 'source': 'known ratio', 'us': us | {'count': 0}})
    return rows


def verdict(what, required, measured, is_factor, against=''):
    """`is_factor`: at least so many times as fast; otherwise a cost of at most so much."""
    met = None if measured is None else (measured >= required if is_factor else measured <= required)
    rounded = None if measured is None else float(f'{measured:.3g}')
    return {'what': what, 'required': required, 'at_least': is_factor, 'measured': rounded, 'against': against, 'met': met}


def judged(workload, rows, floor):
    """Verdicts on a workload's targets."""
    targets = workload.targets
    peers = [row for row in rows if row['is_peer']]
    fastest = min(peers, key=lambda row: row['us']['median'], default=None)
    solve, gradient = ('forward', 'gradient') if workload.is_transient else ('op', 'op_gradient')

    def engine(phase, is_many):
        fits = lambda row: row.get('phase') == phase and (row['samples'] >= MANY if is_many else row['samples'] == 1)
        return min((row['us']['median'] for row in rows if fits(row)), default=None)

    def factor(is_many):
        ours = engine(solve, is_many)
        return fastest['us']['median'] / ours if fastest and ours else None

    def gradient_cost(is_many):
        """Median over the rounds, in each of which both ran in turn: the machine's speed drifts from round to round."""
        rounds = lambda phase: {row['samples']: row['rounds'] for row in rows
                                if row.get('phase') == phase and (row['samples'] >= MANY if is_many else row['samples'] == 1)}
        forward, whole = rounds(solve), rounds(gradient)
        return min((statistics.median(b / a for a, b in zip(forward[count], whole[count])) for count in forward if count in whole), default=None)

    against = fastest['who'] if fastest else ''
    many = engine(solve, True)
    return [verdict('one sample', targets.one, factor(False), True, against),
            verdict('16 samples and more', targets.many, factor(True), True, against),
            verdict('to the floor', targets.floor, many / floor if many and floor else None, False),
            verdict('gradient, one sample', targets.gradient, gradient_cost(False), False),
            verdict('gradient, 16 samples and more', targets.gradient, gradient_cost(True), False)]


def fractional_verdicts(rows, growth, nanoseconds):
    """Of half orders by exponentials: whether a step's cost stays, and what it is in lanes."""
    verdicts = []
    names = sorted({row['history'] for row in rows if row['history'].startswith('exponentials')})
    for name in names:
        single = {row['steps']: row['ns']['median'] for row in rows if row['history'] == name and row['lanes'] == 1}
        lanes = [row['ns']['median'] for row in rows if row['history'] == name and row['lanes'] > 1]
        shortest, longest = min(single), max(single)
        title = name.replace('_', ' ')
        growth_here = single[longest] / single[shortest]
        verdicts.append(verdict(f'{title}: a step of {longest} over one of {shortest}', growth, growth_here, False))
        verdicts.append(verdict(f'{title}: nanoseconds in lanes', nanoseconds, min(lanes, default=None), False))
    return verdicts


def with_speed_of_threads(rows):
    """Rows of batches get how many times as fast they are as one thread."""
    alone = {(row['name'], row['samples']): row['us']['median'] for row in rows if row['threads'] == 1}
    return [row | {'speed': float(f'{alone[row["name"], row["samples"]] / row["us"]["median"]:.3g}')} for row in rows]


def memory_verdicts(rows, mebibytes):
    most = {}
    for row in rows:
        key = f'{row["name"]}, {row["samples"]} samples: MiB of the process'
        most[key] = max(most.get(key, 0), row['mebibytes'])
    return [verdict(what, mebibytes, measured, False) for what, measured in most.items()]


def with_chip_verdicts(rows, limit):
    """Rows of chips get their cost over the direct plant on the same circuit."""
    direct = {row['circuit']: row['ns']['median'] for row in rows if row['plant'] == 'direct'}
    return [row | {'verdict': verdict('over the direct plant', limit, row['ns']['median'] / direct[row['circuit']], False)}
            if row['plant'] == 'chip' else row for row in rows]
