#!/usr/bin/env python3
"""Runs scripts/bench on its smallest workload and looks at what it wrote; no time is judged.

Exit code 77: something that it needs is not installed.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77


def check(condition, what):
    if not condition:
        sys.exit(f'smoke_test: {what}')


def main():
    programs = Path(sys.argv[1])
    if not (programs / 'bench_circuits').exists():
        print('skipped: there is no bench_circuits, because Google Benchmark is not installed or `benchmarks` is not built')
        return SKIPPED
    if not shutil.which('ngspice'):
        print('skipped: ngspice is not installed')
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / 'scripts/bench'), '--quick', '--workload', 'rc 10', '--programs', str(programs), '--output', folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        check(done.returncode == 0, f'scripts/bench ended with code {done.returncode}: {done.stdout}{done.stderr}')
        record = json.loads((Path(folder) / 'results.json').read_text())
        text = (Path(folder) / 'report.html').read_text(encoding='utf-8')
        markdown = (Path(folder) / 'results.md').read_text()

    check([workload['name'] for workload in record['workloads']] == ['rc 10'], 'results.json holds other workloads')
    workload = record['workloads'][0]
    agreeing = [one['who'] for one in workload['agreement'] if one['agrees']]
    check(any(who.startswith('ngspice') for who in agreeing), f'ngspice does not agree: {workload["agreement"]}')
    who = {(row['who'].split()[0], row.get('phase')) for row in workload['rows']}
    check({('ngspice', None), ('tellegen', 'forward'), ('tellegen', 'gradient')} <= who, f'rows are missing: {who}')
    check(all(row['us']['median'] > 0 for row in workload['rows']), 'a time is not positive')
    check(record['machine']['peak_flops_per_second'] > 0 and workload['floor_us'] > 0, 'there is no floor')
    data = json.loads(re.search(r'id="chart-data">(.*?)</script>', text, re.DOTALL).group(1))
    check(len(data) == 1 and data[0]['x'] == [10], 'the page draws something else')
    check('uPlot' in text and 'rc 10' in markdown, 'the page or the table is incomplete')
    return 0


if __name__ == '__main__':
    sys.exit(main())
