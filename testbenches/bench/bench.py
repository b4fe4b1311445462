#!/usr/bin/env python3
"""Measures tellegen and the installed simulators on the same decks; scripts/bench calls it when everything is built."""
import argparse
import fnmatch
import json
import sys
import tempfile
import time
from pathlib import Path

import comparison
import decks
import machine
import measure
import page
import results
import simulators
import table
from workloads import BATCH_MEBIBYTES, BATCH_WORKLOADS, CHIP_OVER_DIRECT, FRACTIONAL_GROWTH, FRACTIONAL_NANOSECONDS, WORKLOADS

STARTED = time.monotonic()


def say(text):
    print(f'[{time.monotonic() - STARTED:4.0f} s] {text}', flush=True)


def chosen_workloads(patterns, quick):
    """Those whose name fits one of the patterns; of a quick run the small ones."""
    if not patterns:
        return [workload for workload in WORKLOADS if not quick or workload.name in QUICK_NAMES]
    return [workload for workload in WORKLOADS if any(fnmatch.fnmatch(workload.name, pattern) for pattern in patterns)]


QUICK_NAMES = ('rc 10', 'rc 100', 'rc 1000', 'rlc 100', 'mesh 10', 'mesh 30', 'diode_mesh 10', 'dnn 16-16-4', 'dnn 64-64-10',
               'dnn 16-16-4 op', 'dnn 64-64-10 op')


def write_decks(workloads, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob('*.cir'):
        stale.unlink()
    for workload in workloads:
        deck = decks.make_deck(workload.kind, workload.size, workload.is_transient)
        (folder / workload.deck_file).write_text(deck.text(decks.plain_analysis(deck, workload.points, 'method=trap')))


def agreeing(workload, ours, peers):
    """Clockable peers, and how far each is from our results."""
    checks, taking_part = [], []
    for peer in peers:
        check = {'who': f'{peer.name} {peer.version}', 'difference': None, 'tolerance': comparison.TOLERANCE, 'agrees': False,
                 'remark': ''}
        try:
            difference = comparison.difference(workload, ours, peer)
            check |= {'difference': float(f'{difference:.2g}'), 'agrees': difference <= comparison.TOLERANCE}
            if check['agrees']:
                taking_part.append(peer)
            else:
                check['remark'] = 'results differ: no ratio'
        except simulators.SimulatorFailed as failure:
            check['remark'] = f'left out: {failure}'
        checks.append(check)
        if check['remark']:
            say(f'{workload.name}: {check["who"]} {check["remark"]}')
    return taking_part, checks


def measure_workload(workload, ours, peers, engine, effort, peak, measured):
    """Record of one workload; `measured` gets its peers' rows, by its name."""
    say(f'{workload.name}: comparing results')
    taking_part, checks = agreeing(workload, ours, peers)
    clocks = [measure.ProcessClock(simulator, workload, effort) for simulator in taking_part]
    if workload.is_transient:  # an operating point in `sim` is lost in the time that its deck takes
        clocks.append(measure.ProcessClock(ours, workload, effort))
    say(f'{workload.name}: measuring')
    for _ in range(effort.rounds):
        engine.take_turn()
        for clock in list(clocks):
            try:
                if clock.has_turn():
                    clock.take_turn()
            except simulators.SimulatorFailed as failure:
                clocks.remove(clock)
                who = f'{clock.simulator.name} {clock.simulator.version}'
                say(f'{workload.name}: {who} left out: {failure}')
                for check in checks:
                    if check['who'] == who:
                        check['remark'] = f'agrees, left out: {failure}'

    peer_rows = [{'who': f'{clock.simulator.name} {clock.simulator.version}', 'samples': 1, 'source': 'measured', 'is_peer': True,
                  'us': clock.samples.summary()} for clock in clocks if clock.simulator is not ours]
    measured[workload.name] = peer_rows
    rows = peer_rows + [row | {'is_peer': True} for row in results.known_rows(workload, measured)]
    rows += [{'who': 'tellegen sim', 'samples': 1, 'source': 'measured', 'is_peer': False, 'us': clock.samples.summary()}
             for clock in clocks if clock.simulator is ours]
    rows += [{'who': 'tellegen', 'samples': at_once, 'phase': phase, 'source': 'measured', 'is_peer': False,
              'us': samples.summary(), 'rounds': samples.values}
             for (at_once, phase), samples in sorted(engine.samples.items())]
    flops = engine.flops.get(max(engine.flops, default=0))
    floor = 1e6 * flops / peak if flops and peak else None
    record = {'name': workload.name, 'kind': workload.kind, 'size': workload.size,
              'analysis': 'tran' if workload.is_transient else 'op', 'agreement': checks, 'rows': rows,
              'flops_per_step_sample': flops, 'floor_us': floor and float(f'{floor:.4g}'),
              'verdicts': results.judged(workload, rows, floor) if workload.targets else []}
    for line in table.workload_lines(record):
        print('         ' + line, flush=True)
    return record


def measure_fractional(programs, effort):
    say('half orders against the length of the run')
    samples, _ = measure.repeated_program(programs / 'bench_fractional', 'ns_per_step_element', effort)
    rows = []
    for name, values in samples.items():
        _, history, lanes, steps = name.split('/')
        rows.append({'history': history, 'lanes': int(lanes), 'steps': int(steps), 'ns': values.summary()})
    return {'rows': rows, 'verdicts': results.fractional_verdicts(rows, FRACTIONAL_GROWTH, FRACTIONAL_NANOSECONDS)}


def measure_chip(programs, effort):
    say('the chip over the direct plant')
    samples, _ = measure.repeated_program(programs / 'bench_chip', 'ns_per_step', effort)
    rows = []
    for name, values in samples.items():
        _, plant, circuit, steps_per_clock = name.split('/')
        rows.append({'plant': plant, 'circuit': circuit, 'steps_per_clock': int(steps_per_clock), 'ns': values.summary()})
    return {'rows': results.with_chip_verdicts(rows, CHIP_OVER_DIRECT)}


def measure_batches(programs, folder, effort):
    say('large batches over threads')
    write_decks(BATCH_WORKLOADS, folder)
    names = [f'{workload.kind} {workload.size}' for workload in BATCH_WORKLOADS]
    rows = {}
    for _ in range(effort.rounds):
        for workload in BATCH_WORKLOADS:  # a process each, so that the most memory is that workload's
            arguments = ['--decks', str(folder), f'--benchmark_filter=^scaling/{workload.kind}/{workload.size}/']
            found, _ = measure.run_benchmark_program(programs / 'bench_scaling', arguments, effort)
            for name, row in found.items():
                _, kind, size, samples, threads, *_ = name.split('/')
                kept = rows.setdefault((f'{kind} {size}', int(samples), int(threads)),
                                       {'us': measure.Samples(), 'parameters': int(row['parameters']), 'mebibytes': 0.0})
                kept['us'].values.append(row['us_per_step_sample'])
                kept['mebibytes'] = max(kept['mebibytes'], round(row['peak_mib']))
    order = sorted(rows, key=lambda key: (names.index(key[0]), key[1:]))
    listed = [{'name': name, 'samples': samples, 'threads': threads, **rows[name, samples, threads],
               'us': rows[name, samples, threads]['us'].summary()} for name, samples, threads in order]
    return {'rows': results.with_speed_of_threads(listed), 'verdicts': results.memory_verdicts(listed, BATCH_MEBIBYTES)}


def save(record, folder):
    """After every workload: a long run that is stopped keeps what it has."""
    (folder / 'results.json').write_text(json.dumps(record, indent=1) + '\n')
    (folder / 'results.md').write_text(table.markdown(record))
    (folder / 'report.html').write_text(page.html(record))


def parse_arguments():
    parser = argparse.ArgumentParser(prog='scripts/bench', description=__doc__)
    parser.add_argument('--programs', type=Path, required=True, help='folder of tellegen and the bench_ programs')
    parser.add_argument('--output', type=Path, required=True, help='where results.json, results.md and report.html go')
    parser.add_argument('--workload', action='append', default=[], metavar='PATTERN')
    parser.add_argument('--quick', action='store_true')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    effort = measure.QUICK if arguments.quick else measure.FULL
    workloads = chosen_workloads(arguments.workload, arguments.quick)
    if not workloads:
        names = ', '.join(f'"{workload.name}"' for workload in WORKLOADS)
        print(f'scripts/bench: no workload fits; known: {names}', file=sys.stderr)
        return 2
    arguments.output.mkdir(parents=True, exist_ok=True)
    deck_folder = arguments.output / 'decks'
    write_decks(workloads, deck_folder)
    with tempfile.TemporaryDirectory() as folder:
        simulators.Simulator.limit = 1.5 * effort.budget
        ours = simulators.Tellegen((arguments.programs / 'tellegen').resolve(), folder)
        peers = simulators.installed_peers(folder, say)
        peaks, context = measure.repeated_program(arguments.programs / 'bench_peak', 'flops_per_second', effort)
        peak = max(max(samples.values) for samples in peaks.values())
        record = {'machine': machine.describe(arguments.programs, context, peak, [ours, *peers]), 'quick': arguments.quick,
                  'when': time.strftime('%Y-%m-%d', time.gmtime()), 'known_peers': results.KNOWN_PEERS['source'], 'workloads': []}
        measured = {}
        for workload in workloads:
            engine = measure.EngineClock(arguments.programs / 'bench_circuits', deck_folder, workload, effort)
            record['workloads'].append(measure_workload(workload, ours, peers, engine, effort, peak, measured))
            save(record, arguments.output)
    if not arguments.workload:
        record['fractional'] = measure_fractional(arguments.programs, effort)
        record['batches'] = measure_batches(arguments.programs, deck_folder / 'batches', effort)
        record['chip'] = measure_chip(arguments.programs, effort)
    save(record, arguments.output)
    say(f'report: {(arguments.output / "report.html").resolve()}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
