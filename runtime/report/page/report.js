// Draws the charts of the page from the data that stand in it.
(function () {
  'use strict';
  var root = document.documentElement;
  window.addEventListener('error', function (event) { root.dataset.scriptError = event.message; });

  var paint = {
    input: [['#6f7b88', '#9aa4ae', '#b9c0c7'], 1, []],
    output: [['#0b57a4', '#3c8dcb', '#7db3df'], 1.5, []],
    target: [['#15181c', '#555b63', '#8b9097'], 1.25, [5, 4]],
    before: [['#c4731a', '#dd9c56', '#ecc396'], 1.25, []],
    baseline: [['#7a4b94', '#a37fb7', '#c7b2d3'], 1.25, []],
  };
  var narrow = '\u202F', minus = '\u2212';
  var superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  var typeface = getComputedStyle(document.body).fontFamily;

  function superscript(exponent) {
    return String(exponent).replace('+', '').replace('-', '⁻').replace(/\d/g, function (digit) { return superscripts[+digit]; });
  }

  // Four significant digits for read-outs; powers of ten where plain digits would be long.
  function readout(value) {
    if (value === 0) return '0';
    var size = Math.abs(value);
    var text;
    if (size >= 1e-3 && size < 1e5) {
      text = size.toPrecision(4);
      if (text.indexOf('e') >= 0) text = String(Math.round(size));
    } else {
      var parts = size.toExponential(3).split('e');
      text = parts[0] + narrow + '×' + narrow + '10' + superscript(parts[1]);
    }
    return (value < 0 ? minus : '') + text;
  }

  // Tick labels: as many decimals as the distance of the ticks asks for.
  function tickTexts(values, distance) {
    var decimals = Math.max(0, -Math.floor(Math.log10(distance) + 1e-9));
    return values.map(function (value) {
      if (value === null) return '';
      if (Math.abs(value) >= 1e6 || decimals > 6) return readout(value);
      return value.toFixed(decimals).replace('-', minus);
    });
  }

  function decadeTexts(values) {
    return values.map(function (value) {
      if (value === null) return '';
      var exponent = Math.round(Math.log10(value));
      if (Math.abs(value / Math.pow(10, exponent) - 1) > 1e-6) return '';
      return exponent >= -2 && exponent <= 3 ? String(+value.toPrecision(1)) : '10' + superscript(exponent);
    });
  }

  function abscissa(grid) {
    if (Array.isArray(grid)) return grid;
    var values = new Array(grid.count);
    for (var k = 0; k < grid.count; k++) values[k] = grid.start + k * grid.step;
    return values;
  }

  function withUnit(unit) {
    return function (plot, value) { return value === null || value === undefined ? '' : readout(value) + (unit ? '\u00A0' + unit : ''); };
  }

  function seriesOptions(chart) {
    var seen = {};
    var sparse = chart.x.name === 'epoch';
    return chart.series.map(function (series) {
      var look = paint[series.role];
      var rank = seen[series.role] = (seen[series.role] === undefined ? 0 : seen[series.role] + 1);
      var colour = look[0][rank % look[0].length];
      return {
        label: series.label, stroke: colour, width: look[1], dash: look[2], value: withUnit(chart.y.unit), spanGaps: sparse,
        points: { show: sparse && series.values.length <= 60, size: 5, fill: colour },
      };
    });
  }

  function title(name, unit) { return unit ? name + ' [' + unit + ']' : name; }

  // The grid starts one step after zero and ends at a round number; the axis shows both.
  function wholeGrid(grid) {
    var first = grid[0], last = grid[grid.length - 1];
    return function (plot, low, high) {
      return [low === first && first > 0 && first <= 2 * (grid[1] - first) ? 0 : low, high === last ? +last.toPrecision(9) : high];
    };
  }

  // A logarithmic axis may begin and end within a decade.
  function partDecades(plot, low, high) {
    if (!(low > 0)) return [1, 10];
    var lowest = Math.pow(10, Math.floor(Math.log10(low))), highest = Math.pow(10, Math.floor(Math.log10(high)));
    return [Math.floor(low / lowest) * lowest, Math.ceil(high / highest) * highest];
  }

  function options(chart, grid, width) {
    var axis = {
      stroke: '#39414b', font: '12px ' + typeface, labelFont: '12px ' + typeface,
      grid: { stroke: '#e6e9ed', width: 1 }, ticks: { stroke: '#aab1b9', width: 1, size: 5 },
    };
    var horizontal = Object.assign({}, axis, {
      space: 70, size: 28, values: function (plot, values, index, space, distance) { return tickTexts(values, distance); },
    });
    if (chart.x.title) Object.assign(horizontal, { label: title(chart.x.name, chart.x.unit), labelSize: 22, labelGap: 2 });
    if (chart.x.name === 'epoch') horizontal.incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];
    var vertical = Object.assign({}, axis, {
      space: 34, size: 58, label: chart.y.unit || ' ', labelSize: 20, labelGap: 0,
      values: chart.y.log ? function (plot, values) { return decadeTexts(values); }
                          : function (plot, values, index, space, distance) { return tickTexts(values, distance); },
    });
    var read = withUnit(chart.x.unit);
    var place = function (plot, value) { return chart.x.unit ? read(plot, value) : chart.x.name + ' ' + value; };
    var result = {
      width: width, height: chart.x.title ? 258 : 228, padding: [8, 8, 0, 0],
      scales: { x: { time: false, range: wholeGrid(grid) }, y: chart.y.log ? { distr: 3, range: partDecades } : {} },
      axes: [horizontal, vertical],
      series: [{ label: chart.x.name, value: function (plot, value) { return value === null ? '' : 'at ' + place(plot, value); } }].concat(seriesOptions(chart)),
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 6 } },
      legend: { live: true, markers: { width: 2 } },
    };
    if (chart.group) {
      result.cursor.sync = { key: chart.group, scales: ['x', null] };
    }
    return result;
  }

  var charts = JSON.parse(document.getElementById('chart-data').textContent);
  var plots = [];
  document.querySelectorAll('[data-chart]').forEach(function (place) {
    var chart = charts[+place.dataset.chart];
    var data = [abscissa(chart.grid)].concat(chart.series.map(function (series) { return series.values; }));
    plots.push({ chart: chart, place: place, plot: new uPlot(options(chart, data[0], place.clientWidth), data, place) });
  });

  function fit(width) {
    plots.forEach(function (one) {
      var wide = width || one.place.clientWidth;
      if (wide > 0 && wide !== one.plot.width) one.plot.setSize({ width: wide, height: one.plot.height });
    });
  }
  window.addEventListener('resize', function () { fit(); });
  window.addEventListener('beforeprint', function () {
    document.querySelectorAll('details').forEach(function (details) { details.open = true; });
    fit(660);
  });
  window.addEventListener('afterprint', function () { fit(); });
  root.dataset.charts = String(plots.length);
})();
