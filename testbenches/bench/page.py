"""The figures as one HTML page that fetches nothing, in the style of the reports."""
import json
from html import escape
from pathlib import Path

import charts
import table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
STYLES = [ROOT / 'scripts/report/uplot/uPlot.min.css', ROOT / 'runtime/report/page/report.css', HERE / 'page.css']
PLOTTER = ROOT / 'scripts/report/uplot/uPlot.iife.min.js'
LICENCE = ROOT / 'scripts/report/uplot/LICENSE'

GOALS = [('one sample', 'over the peer, 1 sample'),
         ('16 samples and more', 'over the peer, 16 samples'),
         ('to the floor', 'over the floor, 16 samples'),
         ('gradient, one sample', 'gradient over forward, 1 sample'),
         ('gradient, 16 samples and more', 'gradient over forward, 16 samples')]
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def micro(text):
    return escape(text).replace(' us', '\u00a0µs').replace(' ns', '\u00a0ns').replace(' ms', '\u00a0ms').replace(' s', '\u00a0s')


def time_cell(microseconds):
    return micro(table.time_text(microseconds))


def section(title, caption, body):
    if not body:
        return ''
    return f'<section>\n<header><h2>{escape(title)}</h2><p>{caption}</p></header>\n<div class="body">\n{body}</div>\n</section>\n'


def html_table(headings, rows, style=''):
    """Headings are texts, with a leading > for columns of numbers; cells are markup."""
    numeric = [heading.startswith('>') for heading in headings]
    cell = lambda tag, content, is_number: f'<{tag}{" class=number" if is_number else ""}>{content}</{tag}>'
    line = lambda tag, contents: '<tr>' + ''.join(cell(tag, *pair) for pair in zip(contents, numeric)) + '</tr>'
    head = line('th', [escape(heading.lstrip('>')) for heading in headings])
    body = ''.join(line('td', row) + '\n' for row in rows)
    return f'<div class="table"><table class="{style}"><thead>{head}</thead><tbody>\n{body}</tbody></table></div>\n'


def goal_cell(verdict):
    style = {True: 'met', False: 'missed-word', None: 'open-word'}[verdict['met']]
    measured = '–' if verdict['measured'] is None else f'{verdict["measured"]:g}'
    sign = '≥' if verdict['at_least'] else '≤'
    return f'<span class="{style}">{measured}</span> <span class="asked">{sign}\u202f{verdict["required"]:g}</span>'


def all_verdicts(record):
    found = [verdict for workload in record['workloads'] for verdict in workload['verdicts']]
    found += record.get('fractional', {}).get('verdicts', []) + record.get('batches', {}).get('verdicts', [])
    return found + [row['verdict'] for row in record.get('chip', {}).get('rows', []) if 'verdict' in row]


def summary(record):
    """The sentence on top, and its tone."""
    verdicts = all_verdicts(record)
    if not verdicts:
        return 'These workloads have no targets.', 'caution'
    counts = {state: sum(verdict['met'] is state for verdict in verdicts) for state in (True, False, None)}
    words = [f'{counts[True]} of {len(verdicts)} targets are met']
    words += [f'{counts[False]} missed'] * (counts[False] > 0) + [f'{counts[None]} not measured'] * (counts[None] > 0)
    return ', '.join(words) + '.', 'bad' if counts[False] else 'caution' if counts[None] else ''


def span_of(record, what):
    values = [verdict['measured'] for workload in record['workloads'] for verdict in workload['verdicts']
              if verdict['what'] == what and verdict['measured'] is not None]
    if not values:
        return 'not measured'
    return f'{min(values):g}' if len(values) == 1 else f'{min(values):g} to {max(values):g}'


def figures(record):
    entries = [('Over the fastest peer, one sample', span_of(record, 'one sample'), 'times as fast, by workload'),
               ('Over the fastest peer, 16 samples', span_of(record, '16 samples and more'), 'times as fast, by workload'),
               ('Gradient over forward run', span_of(record, 'gradient, one sample'), 'all parameters, one sample'),
               ('Peak of one core', table.peak_text(record['machine']), escape(record['machine']['instruction_set']))]
    cells = ''.join(f'<div><dt>{title}</dt><dd>{value}<small>{remark}</small></dd></div>' for title, value, remark in entries)
    return f'<dl class="figures" style="--columns: 4">{cells}</dl>\n'


def goals(record):
    rows = []
    for workload in record['workloads']:
        if not workload['verdicts']:
            continue
        by_name = {verdict['what']: verdict for verdict in workload['verdicts']}
        peers = [row for row in workload['rows'] if row['is_peer']]
        fastest = min(peers, key=lambda row: row['us']['median'], default=None)
        against = f'{escape(fastest["who"])} <small>{time_cell(fastest["us"]["median"])}</small>' if fastest else '–'
        rows.append([escape(workload['name']), against, *(goal_cell(by_name[what]) for what, _ in GOALS)])
    return html_table(['workload', 'fastest peer', *('>' + title for _, title in GOALS)], rows, 'goals') if rows else ''


def chart_places(titles, first, beside=''):
    places = ''.join(f'<figure class="chart"><h4>{escape(title)}</h4><div data-chart="{number}"></div></figure>\n'
                     for number, title in enumerate(titles, start=first))
    return '<div class="charts">\n' + places + f'<div>{beside}</div>' * bool(beside) + '</div>\n'


def verdict_table(verdicts):
    return html_table(['', '>measured'], [[escape(verdict['what']), goal_cell(verdict)] for verdict in verdicts])


def times(record):
    rows = [[escape(workload['name']), escape(row['who']), str(row['samples']), table.plain(row.get('phase', '')),
             time_cell(row['us']['median']), micro(table.spread_text(row['us'])), str(row['us']['count'] or ''), row['source']]
            for workload in record['workloads'] for row in workload['rows']]
    body = html_table(['workload', 'who', '>samples', 'work', '>median', '>range', '>rounds', 'source'], rows, 'times')
    return f'<details><summary>{len(rows)} times with their range</summary>\n{body}</details>\n'


def agreement(record):
    rows = [[escape(workload['name']), escape(check['who']), '–' if check['difference'] is None else f'{check["difference"]:g}',
             f'{check["tolerance"]:g}',
             f'<span class="{"" if check["agrees"] else "missed-word"}">{escape(check["remark"] or "agrees")}</span>']
            for workload in record['workloads'] for check in workload['agreement']]
    agreeing = sum(check['agrees'] for workload in record['workloads'] for check in workload['agreement'])
    body = html_table(['workload', 'who', '>difference', '>tolerance', ''], rows)
    return f'<details><summary>{agreeing} of {len(rows)} comparisons agree</summary>\n{body}</details>\n' if rows else ''


def chip(record):
    if 'chip' not in record:
        return ''
    rows = [[table.plain(row['circuit']), row['plant'], str(row['steps_per_clock']) if row['plant'] == 'chip' else '',
             time_cell(row['ns']['median'] / 1e3), micro(table.nanosecond_range(row['ns'])),
             goal_cell(row['verdict']) if 'verdict' in row else ''] for row in record['chip']['rows']]
    return html_table(['circuit', 'plant', '>steps per clock', '>a step', '>range', '>over the direct plant'], rows)


def batches(record):
    if 'batches' not in record:
        return ''
    headings = ['workload', *('>' + heading for heading in table.BATCH_HEADINGS[1:])]
    rows = [[micro(str(cell)) for cell in table.batch_cells(row)] for row in record['batches']['rows']]
    return html_table(headings, rows) + verdict_table(record['batches']['verdicts'])


def machine(record):
    rows = [[escape(str(cell)) for cell in line.strip('| ').split(' | ')] for line in table.machine_lines(record['machine'])[2:]]
    return html_table(['', ''], rows, 'plain')


def tolerance_text(record):
    tolerances = {check['tolerance'] for workload in record['workloads'] for check in workload['agreement']}
    return f'{max(tolerances):g} of their largest value' if tolerances else 'a tolerance'


def header(record):
    sentence, tone = summary(record)
    simulators = ', '.join(f'{one["name"]} {one["version"]}' for one in record['machine']['simulators'])
    quick = ' A quick run: few rounds of short runs.' if record['quick'] else ''
    return (f'<div class="maker"><span>Tellegen<i>benchmarks</i></span><span>{escape(record["when"])}</span></div>\n'
            '<h1>A time step, beside other simulators</h1>\n'
            f'<p class="subject">{escape(simulators)} <span>on</span> {escape(record["machine"]["processor"])}</p>\n'
            f'<div class="verdict {tone}"><p>{escape(sentence)}{quick}</p></div>\n')


def sections(record):
    """Markup of the page's body, and the data of its plots."""
    drawn = charts.family_charts(record)
    plots = [chart for _, chart in drawn]
    half_orders = ''
    if 'fractional' in record:
        half_orders = chart_places(['Each step of one element'], len(plots), verdict_table(record['fractional']['verdicts']))
        plots.append(charts.fractional_chart(record['fractional']['rows']))
    parts = [
        header(record), figures(record),
        section('Time against size',
                'CPU time of one core per time step and sample, medians; a bar is the range of all rounds. All run the same deck '
                f'at the same fixed step and agree within {tolerance_text(record)}.</p>'
                '<p>* not run here: its ratio to ngspice 39, measured once, times the time of ngspice here.</p>'
                '<p>Floor: the multiplications and additions that are done, at the peak of the core.',
                chart_places([title for title, _ in drawn], 0)),
        section('Targets',
                'Measured, and what is asked. Faster than the fastest peer by so much; within so much of the floor; a gradient '
                'in all parameters for the cost of so many forward runs.', goals(record)),
        section('Half orders',
                'Elements with a memory of their whole past: what one of them adds to a step, against the length of the run.',
                half_orders),
        section('Large batches', 'A forward run and the gradient in all parameters, by the clock on the wall; results are the same bits for any '
                'number of threads.', batches(record)),
        section('Chip', 'A learning cycle on the emulated chip over the same on the solver alone.', chip(record)),
        section('Agreement', 'Largest difference from tellegen over the largest value of each probe.', agreement(record)),
        section('Times',
                'Processes: the CPU time of many steps less that of few. Engine: its own clock.', times(record)
                + f'<p class="remark">Known ratios: {escape(record["known_peers"])}</p>\n'),
        section('Machine', 'What this was measured on.', machine(record)),
    ]
    return ''.join(parts), plots


def html(record):
    body, plots = sections(record)
    read = lambda path: path.read_text(encoding='utf-8')
    data = json.dumps(plots).replace('<', '\\u003c')
    return ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Tellegen benchmarks</title>\n'
            f'<style>\n{"".join(map(read, STYLES))}</style>\n</head>\n<body>\n<main>\n{body}'
            '<footer>The plots are drawn by uPlot 1.6.32, MIT licence.</footer>\n</main>\n'
            f'<script type="application/json" id="chart-data">{data}</script>\n<!-- uPlot\n{read(LICENCE)}\n-->\n'
            f'<script>\n{read(PLOTTER)}\n</script>\n<script>\n{read(HERE / "page.js")}\n</script>\n</body>\n</html>\n')
