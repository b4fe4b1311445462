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
    curve: [['#0b57a4', '#c4731a', '#1d7a4b', '#7a4b94', '#15181c', '#1a8fa6', '#a3231f', '#8a7a12'], 1.5, []],
    edge: [['#0b57a4', '#c4731a', '#1d7a4b', '#7a4b94', '#15181c', '#1a8fa6', '#a3231f', '#8a7a12'], 0.5, []],
    limit: [['#525b66'], 1, [4, 4]],
    dots: [['#0b57a4'], 0, []],
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
    var sparse = chart.x.name === 'epoch' || chart.marks;
    return chart.series.map(function (series) {
      var look = paint[series.role];
      var rank = seen[series.role] = (seen[series.role] === undefined ? 0 : seen[series.role] + 1);
      var colour = look[0][(series.rank === undefined ? rank : series.rank) % look[0].length];
      var marked = series.role === 'dots' || (sparse && series.values.length <= 60 && series.role !== 'edge' && series.role !== 'limit');
      return {
        label: series.label, stroke: colour, width: look[1], dash: look[2], value: withUnit(chart.y.unit), spanGaps: sparse,
        points: { show: marked, size: 5, fill: colour }, class: series.role === 'edge' ? 'edge' : null,
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

  // Ticks at the values that there are, as many as have room; their texts are the user's own.
  function ownTicks(chart, grid) {
    var room = 62;
    return {
      splits: function (plot) {
        var last = -Infinity;
        return grid.filter(function (value) {
          var at = plot.valToPos(value, 'x');
          if (at - last < room) return false;
          last = at;
          return true;
        });
      },
      filter: function (plot, splits) { return splits; },
      values: function (plot, splits) { return splits.map(function (value) { return chart.x.texts[grid.indexOf(value)]; }); },
    };
  }

  // Ticks of a logarithmic axis: whole decades, no more than have room; 1, 2 and 5 of each where there are few.
  function decadeSplits(room) {
    return function (plot, axis, low, high) {
      var length = (axis === 0 ? plot.bbox.width : plot.bbox.height) / devicePixelRatio;
      var first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9);
      var most = Math.max(2, Math.floor(length / room));
      var parts = last - first <= most / 3 ? [1, 2, 5] : [1];
      var stride = Math.max(1, Math.ceil((last - first + 1) / most));
      var splits = [];
      for (var decade = Math.ceil(first / stride) * stride; decade <= last; decade += parts.length > 1 ? 1 : stride)
        parts.forEach(function (part) {
          var value = +(part + 'e' + decade);
          if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) splits.push(value);
        });
      return splits;
    };
  }

  function logTexts(plot, values) {
    var plain = values.every(function (value) { return value >= 1e-3 && value < 1e4; });
    return values.map(function (value) {
      var exponent = Math.floor(Math.log10(value) + 1e-9);
      if (plain || value === 1) return String(+value.toPrecision(3));
      var part = Math.round(value / Math.pow(10, exponent));
      return (part === 1 ? '' : part + narrow + '×' + narrow) + '10' + superscript(exponent);
    });
  }

  function useLogTicks(axis, room) {
    Object.assign(axis, { splits: decadeSplits(room), filter: function (plot, splits) { return splits; }, values: logTexts });
  }

  // Air at both ends, so that the outer points stand clear of the frame.
  function withAir(chart) {
    return function (plot, low, high) {
      if (chart.x.log) {
        var factor = low === high ? 2 : Math.pow(high / low, 0.04);
        return [low / factor, high * factor];
      }
      var air = low === high ? 1 : (chart.x.words ? 0.2 : 0.04) * (high - low);
      return [low - air, high + air];
    };
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
    if (chart.x.own) Object.assign(horizontal, ownTicks(chart, grid));
    else if (chart.x.log) useLogTicks(horizontal, 42);
    if (chart.x.name === 'epoch') horizontal.incrs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000];
    var vertical = Object.assign({}, axis, {
      space: 34, size: 58, label: chart.y.name ? title(chart.y.name, chart.y.unit) : chart.y.unit || ' ', labelSize: 20, labelGap: 0,
      values: chart.y.log ? function (plot, values) { return decadeTexts(values); }
                          : function (plot, values, index, space, distance) { return tickTexts(values, distance); },
    });
    if (chart.marks && chart.y.log) useLogTicks(vertical, 22);
    var read = withUnit(chart.x.unit);
    var place = function (plot, value) {
      if (chart.x.texts) return chart.x.name + ' = ' + chart.x.texts[grid.indexOf(value)];
      return chart.x.unit ? read(plot, value) : chart.x.name + ' ' + value;
    };
    var result = {
      width: width, height: chart.x.title ? 258 : 228, padding: [8, chart.marks ? 24 : 8, 0, 0],
      scales: { x: { time: false, distr: chart.x.log ? 3 : 1, range: chart.marks ? withAir(chart) : wholeGrid(grid) }, y: chart.y.log ? { distr: 3, range: partDecades } : {} },
      axes: [horizontal, vertical],
      series: [{ label: chart.x.name, value: function (plot, value) { return value === null ? '' : 'at ' + place(plot, value); } }].concat(seriesOptions(chart)),
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 6 } },
      legend: { live: true, markers: { width: 2 } },
    };
    if (chart.bands) {
      result.bands = chart.bands.map(function (band) { return { series: band, fill: result.series[band[0]].stroke + (chart.bands.length > 3 ? '0c' : '22') }; });
    }
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
