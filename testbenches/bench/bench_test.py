#!/usr/bin/env python3
"""Laws of the benchmark scripts: decks, comparisons, ratios, the page. Nothing is timed."""
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

import comparison
import decks
import measure
import page
import results
import simulators
import table
import workloads

HERE = Path(__file__).resolve().parent
SHARED_DECKS = HERE.parents[2] / 'shared/bench/decks.py'


def times(median):
    return {'median': median, 'low': median, 'high': median, 'count': 1}


def peer(who, median):
    return {'who': who, 'samples': 1, 'source': 'measured', 'is_peer': True, 'us': times(median)}


def engine(samples, phase, median, rounds=None):
    return {'who': 'tellegen', 'samples': samples, 'phase': phase, 'source': 'measured', 'is_peer': False, 'us': times(median),
            'rounds': rounds or [median]}


def named(name):
    return next(workload for workload in workloads.WORKLOADS if workload.name == name)


class Decks(unittest.TestCase):
    @unittest.skipUnless(SHARED_DECKS.exists(), 'the decks of the first measurements are not beside this checkout')
    def test_decks_are_those_of_the_first_measurements(self):
        for kind, size, transient in [('rc', '3', True), ('rc', '100', True), ('rlc', '7', True), ('mesh', '5', True),
                                      ('dnn', '6-5-3', True), ('dnn', '6-5-4-3', False), ('dnn', '64-64-10', True)]:
            command = [sys.executable, str(SHARED_DECKS), kind, size, '--dialect', 'plain', '--points', '70']
            command += ['--tran'] * (kind == 'dnn' and transient)
            theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            deck = decks.make_deck(kind, size, transient)
            self.assertEqual(deck.text(decks.plain_analysis(deck, 70)), theirs, f'{kind} {size}')

    def test_a_diode_mesh_is_the_mesh_with_a_diode_at_every_node(self):
        plain, with_diodes = decks.make_deck('mesh', '4'), decks.make_deck('diode_mesh', '4')
        diodes = [card for card in with_diodes.cards if card.startswith('D')]
        self.assertEqual([card for card in with_diodes.cards if not re.match(r'D|\.model', card)], plain.cards)
        self.assertEqual(diodes, [f'D{4 * i + j} n{i}_{j} 0 DMOD' for i in range(4) for j in range(4)])

    def test_every_workload_has_its_own_deck_file_and_a_family(self):
        files = [workload.deck_file for workload in workloads.WORKLOADS]
        self.assertEqual(len(set(files)), len(files))
        families = {(kind, is_transient) for kind, is_transient, _, _ in workloads.FAMILIES}
        for workload in workloads.WORKLOADS:
            self.assertIn((workload.kind, workload.is_transient), families)
            decks.make_deck(workload.kind, workload.size if workload.kind != 'dnn' else '3-2', workload.is_transient)

    def test_a_kind_that_does_not_exist_is_refused_by_name(self):
        with self.assertRaisesRegex(ValueError, 'tree'):
            decks.make_deck('tree', '3')


class Comparing(unittest.TestCase):
    ours = {'time': [0.0, 1.0, 2.0], 'a': [0.0, 2.0, 4.0]}

    def test_the_same_line_on_other_times_does_not_differ(self):
        theirs = {'time': [0.0, 0.5, 1.5, 2.0], 'a': [0.0, 1.0, 3.0, 4.0]}
        self.assertEqual(comparison.wave_difference(self.ours, theirs, ['a']), 0)

    def test_a_difference_is_told_over_the_largest_value(self):
        theirs = {'time': [0.0, 1.0, 2.0], 'a': [0.0, 2.2, 4.0]}
        self.assertAlmostEqual(comparison.wave_difference(self.ours, theirs, ['a']), 0.05)
        self.assertAlmostEqual(comparison.point_difference({'a': 4.0, 'b': 1.0}, {'a': 4.0, 'b': 1.2}, ['a', 'b']), 0.05)

    def test_probes_that_never_moved_are_no_agreement(self):
        with self.assertRaisesRegex(ValueError, 'never moved'):
            comparison.wave_difference({'time': [0.0, 1.0], 'a': [0.0, 0.0]}, {'time': [0.0, 1.0], 'a': [0.0, 0.0]}, ['a'])


class GnucapNumbers(unittest.TestCase):
    def test_multiples_are_read_and_words_are_not(self):
        read = lambda word: simulators.Gnucap.number(simulators.Gnucap, word)
        for word, value in [('0.', 0), ('55.f', 55e-15), ('-9.1n', -9.1e-9), ('1.2Meg', 1.2e6), ('3e-5', 3e-5), ('.5', 0.5)]:
            self.assertAlmostEqual(read(word), value, delta=1e-12 * abs(value))
        for word in ('2017.10.03', '#Time', 'v(n1)', '5x'):
            self.assertIsNone(read(word))


class FakeSimulator:
    """Takes `base` seconds and `cost` for each of a few more steps than it was asked for."""
    name, version = 'fake', '1'

    def __init__(self, base, cost):
        self.base, self.cost, self.asked = base, cost, []

    def make_deck(self, kind, size, transient):
        return decks.make_deck(kind, size, transient)

    def transient(self, _, points):
        self.asked.append(points)
        return simulators.Run(self.base + self.cost * (points + 7), points + 7, '')

    operating_points = transient


class Clock(unittest.TestCase):
    def clock(self, base, cost, name='rc 100'):
        clock = measure.ProcessClock(FakeSimulator(base, cost), named(name), measure.FULL)
        clock.take_turn()
        return clock

    def test_time_per_step_does_not_contain_what_is_done_once(self):
        for name in ('rc 100', 'diode_mesh 30', 'dnn 64-64-10 op'):
            for base, cost in [(0.01, 1e-4), (5, 1e-2)]:
                self.assertAlmostEqual(self.clock(base, cost, name).samples.values[0], 1e6 * cost, delta=1e-3 * 1e6 * cost)

    def test_fast_simulators_take_more_steps_until_the_difference_counts(self):
        clock = self.clock(0.01, 1e-4)
        self.assertGreater(1e-4 * (clock.many - clock.few), 0.49 * measure.FULL.difference)

    def test_everyone_runs_the_same_part_of_a_nonlinear_transient(self):
        for cost in (1e-4, 1e-2):
            self.assertEqual(self.clock(0.01, cost, 'diode_mesh 30').simulator.asked, [20, 200])

    def test_steps_that_are_lost_in_what_is_done_once_give_no_time(self):
        with self.assertRaisesRegex(simulators.SimulatorFailed, 'lost'):
            self.clock(40, 1e-2)

    def test_a_clock_without_budget_ends_after_one_turn(self):
        clock = self.clock(2 * measure.FULL.budget, 1)
        self.assertEqual(len(clock.samples.values), 1)
        self.assertFalse(clock.has_turn())


class Ratios(unittest.TestCase):
    def verdicts(self, rows, floor=0.5):
        return {verdict['what']: verdict for verdict in results.judged(named('rc 100'), rows, floor)}

    def test_ratios_are_against_the_fastest_peer(self):
        found = self.verdicts([peer('slow', 90), peer('fast', 30), engine(1, 'forward', 10), engine(16, 'forward', 2),
                               engine(1, 'gradient', 40)])
        self.assertEqual(found['one sample']['against'], 'fast')
        told = {what: (verdict['measured'], verdict['met']) for what, verdict in found.items()}
        self.assertEqual(told, {'one sample': (3, True), '16 samples and more': (15, False), 'to the floor': (4, True),
                                'gradient, one sample': (4, False), 'gradient, 16 samples and more': (None, None)})

    def test_a_gradient_is_compared_with_the_forward_run_of_its_own_round(self):
        found = self.verdicts([engine(1, 'forward', 20, [10, 20, 30]), engine(1, 'gradient', 40, [30, 40, 90])])
        self.assertEqual(found['gradient, one sample']['measured'], 3)

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        found = self.verdicts([engine(1, 'forward', 10)], floor=None)
        self.assertTrue(all(verdict['met'] is None for verdict in found.values()))

    def test_known_peers_follow_ngspice_39_as_it_runs_here(self):
        rows = results.known_rows(named('rlc 1000'), {'rlc 1000': [peer('gnucap 1', 10), peer('ngspice 39.3', 387 / 2)]})
        self.assertEqual({row['who']: row['us']['median'] for row in rows}, {'ngspice 46 KLU': 205, 'SystemC-AMS ELN': 43.5})
        self.assertEqual(results.known_rows(named('rlc 1000'), {'rlc 1000': [peer('ngspice 44', 500)]}), [])

    def test_a_known_peer_may_stand_beside_another_workload(self):
        measured = {'mesh 100': [peer('ngspice 39', 1e6)], 'mesh 30': [peer('ngspice 39', results.middle([2510, 3046]))]}
        row, = results.known_rows(named('mesh 100'), measured)
        self.assertAlmostEqual(row['us']['median'], 1933, delta=0.1)
        self.assertEqual(results.known_rows(named('mesh 100'), {'mesh 100': measured['mesh 100']}), [])

    def test_every_known_row_names_a_workload_and_its_reference(self):
        for name, row in results.KNOWN_PEERS['rows'].items():
            self.assertTrue(named(name))
            self.assertTrue(named(row.get('beside', name)))
            self.assertIn('ngspice 39', row)


class Page(unittest.TestCase):
    def record(self):
        rows = [peer('ngspice 39', 20), engine(1, 'forward', 4), engine(16, 'forward', 0.3), engine(16, 'gradient', 0.7)]
        workload = {'name': 'rc 100', 'kind': 'rc', 'size': '100', 'analysis': 'tran', 'rows': rows, 'floor_us': 0.01,
                    'flops_per_step_sample': 812, 'verdicts': results.judged(named('rc 100'), rows, 0.01),
                    'agreement': [{'who': 'ngspice 39', 'difference': 1e-4, 'tolerance': 1e-2, 'agrees': True, 'remark': ''},
                                  {'who': '<gnucap>', 'difference': None, 'tolerance': 1e-2, 'agrees': False,
                                   'remark': 'left out: too slow'}]}
        machine = {'processor': 'A & B', 'cores': 2, 'system': '', 'load_average': 0.5, 'compiler': 'c++',
                   'instruction_set': 'avx2', 'peak_flops_per_second': 3e10, 'simulators': [{'name': 'ngspice', 'version': '39'}]}
        return {'machine': machine, 'quick': False, 'when': '2026-01-01', 'known_peers': '', 'workloads': [workload]}

    def test_series_of_the_plots_are_the_rows_that_solve(self):
        text = page.html(self.record())
        data = json.loads(re.search(r'id="chart-data">(.*?)</script>', text, re.DOTALL).group(1))
        series = {one['name']: one['values'] for one in data[0]['series']}
        self.assertEqual(series, {'ngspice 39': [20], 'tellegen, 1 sample': [4], 'tellegen, 16 samples': [0.3], 'floor': [0.01]})

    def test_foreign_text_is_made_safe_and_nothing_is_fetched(self):
        text = page.html(self.record())
        self.assertNotIn('<gnucap>', text)
        self.assertIn('A &amp; B', text)
        self.assertIsNone(re.search(r'<(?:script|link|img)[^>]*(?:src|href)=', text))

    def test_the_table_tells_every_time_and_every_verdict(self):
        text = table.markdown(self.record())
        self.assertIn('| rc 100 | one sample | at least 2.5 | 5 | ngspice 39 | met |', text)
        self.assertIn('left out: too slow', text)
        for cell in ('20.0 us', '4.00 us', '300 ns', '700 ns', '10.0 ns'):
            self.assertIn(cell, text)


if __name__ == '__main__':
    unittest.main()
