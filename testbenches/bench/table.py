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
        name += f', {row["samples"]} sample{"s" * (row["samples"] > 1)}, {plain(row["phase"])}'
    return name


def workload_lines(record):
    lines = [f'{who_text(row):42} {time_text(row["us"]["median"]):>9}   {spread_text(row["us"])}'.rstrip()
             for row in record['rows']]
    for verdict in record['verdicts']:
        if verdict['measured'] is not None:
            against = f' times as fast as {verdict["against"]}' if verdict['against'] else ''
            measured = f'{verdict["measured"]:g}{against}'
            lines.append(f'{verdict["what"]}: {measured}, {required_text(verdict)}: {verdict_word(verdict)}')
    return lines


def rows_of(headings, rows):
    lines = ['| ' + ' | '.join(headings) + ' |', '|' + '---|' * len(headings)]
    return lines + ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows]


def verdict_rows(named_verdicts):
    return rows_of(['workload', 'what', 'asked', 'measured', 'against', ''],
                   [[name, verdict['what'], required_text(verdict), factor_text(verdict['measured']), verdict['against'],
                     verdict_word(verdict)] for name, verdict in named_verdicts])


def peak_text(machine):
    return f'{machine["peak_flops_per_second"] / 1e9:.3g} Gflop/s'


def machine_lines(machine):
    known = [('processor', machine['processor']), ('cores', machine['cores']), ('instruction set', machine['instruction_set']),
             ('peak of one core', peak_text(machine)), ('system', machine['system']),
             ('compiler', machine['compiler']), ('load when it began', f'{machine["load_average"]:.2g}'),
             ('simulators', ', '.join(f'{s["name"]} {s["version"]}' for s in machine['simulators']))]
    return rows_of(['', ''], known)


def plain(name):
    """A name of a row as words: "op_gradient" is "op with gradient", "half_order" is "half order"."""
    return name.replace('_gradient', ' with gradient').replace('_', ' ')


def times_table(workloads):
    rows = [[workload['name'], row['who'], row['samples'], plain(row.get('phase', '')), time_text(row['us']['median']),
             spread_text(row['us']), row['us']['count'] or '', row['source']]
            for workload in workloads for row in workload['rows']]
    rows += [[workload['name'], 'floor', '', '', time_text(workload['floor_us']), '', '',
              f'{workload["flops_per_step_sample"]:.4g} flops'] for workload in workloads if workload['floor_us']]
    return rows_of(['workload', 'who', 'samples', 'work', 'median', 'range', 'rounds', 'source'], rows)


def agreement_table(workloads):
    return rows_of(['workload', 'who', 'difference', 'tolerance', ''],
                   [[workload['name'], check['who'], '' if check['difference'] is None else check['difference'],
                     check['tolerance'], check['remark'] or 'agrees']
                    for workload in workloads for check in workload['agreement']])


def fractional_part(fractional):
    rows = [[plain(row['history']), row['lanes'], row['steps'], time_text(row['ns']['median'] / 1e3), nanosecond_range(row['ns'])]
            for row in fractional['rows']]
    return ['', '## Half orders', '', *rows_of(['history', 'lanes', 'steps', 'per step and element', 'range'], rows), '',
            *verdict_rows([('half orders', verdict) for verdict in fractional['verdicts']])]


def batch_cells(row):
    return [row['name'], row['parameters'], row['samples'], row['threads'], time_text(row['us']['median']), spread_text(row['us']),
            f'{row["speed"]:g}', row['mebibytes']]


BATCH_HEADINGS = ['workload', 'parameters', 'samples', 'threads', 'per step and sample', 'range', 'over one thread', 'MiB']


def batch_part(batches):
    return ['', '## Large batches', '', 'A forward run and the gradient in all parameters, by the clock on the wall.', '',
            *rows_of(BATCH_HEADINGS, [batch_cells(row) for row in batches['rows']]), '',
            *verdict_rows([('batches', verdict) for verdict in batches['verdicts']])]


def chip_part(chip):
    rows = [[row['plant'], plain(row['circuit']), row['steps_per_clock'], time_text(row['ns']['median'] / 1e3),
             nanosecond_range(row['ns'])] for row in chip['rows']]
    judged = [(f'chip, {plain(row["circuit"])}, steps per clock: {row["steps_per_clock"]}', row['verdict'])
              for row in chip['rows'] if 'verdict' in row]
    return ['', '## Chip over direct plant', '', *rows_of(['plant', 'circuit', 'steps per clock', 'per step', 'range'], rows), '',
            *verdict_rows(judged)]


def markdown(record):
    workloads = record['workloads']
    lines = ['# Benchmarks', '',
             'CPU time of one core per step and sample; medians, and the range of all rounds. Known ratio: not installed here, '
             f'its ratio to ngspice 39 times the time of ngspice here ({record["known_peers"]})', '',
             *machine_lines(record['machine']), '', '## Targets', '',
             *verdict_rows([(workload['name'], verdict) for workload in workloads for verdict in workload['verdicts']]), '',
             '## Times', '', *times_table(workloads), '', '## Agreement', '',
             'Largest difference from tellegen, over the largest value of a probe.', '', *agreement_table(workloads)]
    if 'fractional' in record:
        lines += fractional_part(record['fractional'])
    if 'batches' in record:
        lines += batch_part(record['batches'])
    if 'chip' in record:
        lines += chip_part(record['chip'])
    return '\n'.join(lines) + '\n'


def nanosecond_range(summary):
    return f'{time_text(summary["low"] / 1e3)} to {time_text(summary["high"] / 1e3)}'
