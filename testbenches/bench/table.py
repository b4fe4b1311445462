"""The figures as text: Markdown tables, and lines for the terminal."""


def time_text(microseconds):
    """Three significant digits with a fitting unit."""
    for limit, factor, unit in ((1, 1e3, 'ns'), (1e3, 1, 'us'), (1e6, 1e-3, 'ms'), (float('inf'), 1e-6, 's')):
        if microseconds < limit:
            value = microseconds * factor
            return f'{value:.{max(0, 2 - len(str(int(value))) + (value >= 1))}f} {unit}' if value >= 1 else f'{value:.3g} {unit}'
    return ''


def spread_text(summary):
    if summary['count'] < 2:
        return ''
    return f'{time_text(summary["low"])} to {time_text(summary["high"])}'


def factor_text(value):
    return 'not measured' if value is None else f'{value:.3g}'


def verdict_word(verdict):
    return {True: 'met', False: 'missed', None: 'not measured'}[verdict['met']]


def required_text(verdict):
    return f'{"at least" if verdict["at_least"] else "at most"} {verdict["required"]:g}'


def who_text(row):
    name = row['who']
    if row.get('phase'):
        name += f', {row["samples"]} sample{"s" * (row["samples"] > 1)}, {row["phase"].replace("_", " with ")}'
    return name


def workload_lines(record):
    lines = [f'{who_text(row):42} {time_text(row["us"]["median"]):>9}   {spread_text(row["us"])}'.rstrip() for row in record['rows']]
    for verdict in record['verdicts']:
        if verdict['measured'] is not None:
            against = f' times as fast as {verdict["against"]}' if verdict['against'] else ''
            lines.append(f'{verdict["what"]}: {verdict["measured"]:g}{against}, {required_text(verdict)}: {verdict_word(verdict)}')
    return lines


def rows_of(headings, rows):
    lines = ['| ' + ' | '.join(headings) + ' |', '|' + '---|' * len(headings)]
    return lines + ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows]


def verdict_rows(named_verdicts):
    return rows_of(['workload', 'what', 'asked', 'measured', 'against', ''],
                   [[name, verdict['what'], required_text(verdict), factor_text(verdict['measured']), verdict['against'], verdict_word(verdict)]
                    for name, verdict in named_verdicts])


def machine_lines(machine):
    known = [('processor', machine['processor']), ('cores', machine['cores']), ('instruction set', machine['instruction_set']),
             ('peak of one core', f'{machine["peak_flops_per_second"] / 1e9:.3g} Gflop/s'), ('system', machine['system']),
             ('compiler', machine['compiler']), ('load when it began', f'{machine["load_average"]:.2g}'),
             ('simulators', ', '.join(f'{s["name"]} {s["version"]}' for s in machine['simulators']))]
    return rows_of(['', ''], known)


def markdown(record):
    lines = ['# Benchmarks', '', 'CPU time of one core per step and sample; medians, and the range of all rounds. Known ratio: not installed here, its measured '
             'ratio to ngspice 39 times the time of ngspice here.', '', *machine_lines(record['machine']), '', '## Targets', '']
    lines += verdict_rows([(workload['name'], verdict) for workload in record['workloads'] for verdict in workload['verdicts']])
    lines += ['', '## Times', '']
    lines += rows_of(['workload', 'who', 'samples', 'work', 'median', 'range', 'rounds', 'source'],
                     [[workload['name'], row['who'], row['samples'], row.get('phase', '').replace('_', ' with '), time_text(row['us']['median']),
                       spread_text(row['us']), row['us']['count'] or '', row['source']] for workload in record['workloads'] for row in workload['rows']]
                     + [[workload['name'], 'floor', '', '', time_text(workload['floor_us']), '', '', f'{workload["flops_per_step_sample"]:.4g} flops']
                        for workload in record['workloads'] if workload['floor_us']])
    lines += ['', '## Agreement', '', 'Largest difference from tellegen, over the largest value of a probe.', '']
    lines += rows_of(['workload', 'who', 'difference', 'tolerance', ''],
                     [[workload['name'], check['who'], '' if check['difference'] is None else check['difference'], check['tolerance'],
                       'agrees' if check['agrees'] else check['remark']] for workload in record['workloads'] for check in workload['agreement']])
    if 'fractional' in record:
        lines += ['', '## Half orders', '']
        lines += rows_of(['history', 'lanes', 'steps', 'per step and element', 'range'],
                         [[row['history'].replace('_', ' '), row['lanes'], row['steps'], time_text(row['ns']['median'] / 1e3), nanosecond_range(row['ns'])]
                          for row in record['fractional']['rows']])
        lines += [''] + verdict_rows([('half orders', verdict) for verdict in record['fractional']['verdicts']])
    if 'chip' in record:
        lines += ['', '## Chip over direct plant', '']
        lines += rows_of(['plant', 'circuit', 'steps per clock', 'per step', 'range'],
                         [[row['plant'], row['circuit'].replace('_', ' '), row['steps_per_clock'], time_text(row['ns']['median'] / 1e3), nanosecond_range(row['ns'])]
                          for row in record['chip']['rows']])
        lines += [''] + verdict_rows([('chip', verdict) for verdict in record['chip']['verdicts']])
    return '\n'.join(lines) + '\n'


def nanosecond_range(summary):
    return f'{time_text(summary["low"] / 1e3)} to {time_text(summary["high"] / 1e3)}'
