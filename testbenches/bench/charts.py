"""Data of the page's plots: time against size, one series a simulator."""
from workloads import FAMILIES, FRACTIONAL_NANOSECONDS, WORKLOADS, abscissa
from results import MANY

BY_NAME = {workload.name: workload for workload in WORKLOADS}
ORDER = ['ngspice', 'ngspice KLU', 'gnucap', 'known 1', 'known 2', 'sim', 'one', 'many', 'floor']


def series_of(row):
    """Name and paint of the series that a row belongs to; nothing for rows that are not drawn."""
    if row['who'] == 'tellegen sim':
        return 'tellegen sim', 'sim'
    if row['who'] == 'tellegen':
        if row['phase'] not in ('forward', 'op'):
            return None
        if row['samples'] == 1:
            return 'tellegen, 1 sample', 'one'
        return (f'tellegen, {row["samples"]} samples', 'many') if row['samples'] >= MANY else None
    if row['source'] == 'known ratio':
        return row['who'] + ' *', 'known 1' if row['who'].startswith('ngspice') else 'known 2'
    return row['who'], next(name for name in ('ngspice KLU', 'ngspice', 'gnucap') if row['who'].startswith(name))


def size_name(workload):
    if workload.kind in ('mesh', 'diode_mesh'):
        return f'{workload.size}×{workload.size}'
    return workload.size.replace('-', '-\n', 1)  # long names of neighbours would run into each other


def empty_parts(length):
    return {part: [None] * length for part in ('values', 'low', 'high')}


def family_chart(records, unit):
    """One plot of all sizes of a kind."""
    records = sorted(records, key=lambda record: abscissa(BY_NAME[record['name']]))
    series = {}
    for place, record in enumerate(records):
        points = [(series_of(row), row['us']) for row in record['rows'] if series_of(row)]
        if record['floor_us']:
            points.append((('floor', 'floor'), {'median': record['floor_us'], 'low': None, 'high': None}))
        for key, value in points:
            one = series.setdefault(key, {'name': key[0], 'paint': key[1], **empty_parts(len(records))})
            one['values'][place], one['low'][place], one['high'][place] = value['median'], value['low'], value['high']
    return {'abscissa': unit, 'x': [abscissa(BY_NAME[record['name']]) for record in records],
            'names': [size_name(BY_NAME[record['name']]) for record in records],
            'series': sorted(series.values(), key=lambda one: ORDER.index(one['paint']))}


def family_charts(record):
    """[(title, chart)] of the families that were measured."""
    found = []
    for kind, is_transient, title, unit in FAMILIES:
        records = [one for one in record['workloads'] if one['kind'] == kind and (one['analysis'] == 'tran') == is_transient]
        if records:
            found.append((title, family_chart(records, unit)))
    return found


def fractional_chart(rows):
    looks = {('direct', False): 'ngspice', ('fft', False): 'other 1', ('exponentials_20', False): 'one',
             ('exponentials_32', False): 'sim', ('exponentials_20', True): 'many', ('exponentials_32', True): 'other 2'}
    steps = sorted({row['steps'] for row in rows})
    series = {}
    for row in rows:
        look = looks.get((row['history'], row['lanes'] > 1))
        if look is None:
            continue
        name = row['history'].replace('_', ', ') + (f', {row["lanes"]} lanes' if row['lanes'] > 1 else '')
        one = series.setdefault(name, {'name': name, 'paint': look, **empty_parts(len(steps))})
        place = steps.index(row['steps'])
        for part, key in (('values', 'median'), ('low', 'low'), ('high', 'high')):
            one[part][place] = row['ns'][key] / 1e3
    limit = {'name': f'asked of lanes: {FRACTIONAL_NANOSECONDS:g} ns', 'paint': 'limit',
             'values': [FRACTIONAL_NANOSECONDS / 1e3] * len(steps)}
    return {'abscissa': 'steps of the run', 'x': steps, 'names': [f'{count:,}'.replace(',', '\u202f') for count in steps],
            'series': [*series.values(), limit]}
