// Draws the plots of the benchmark page from the data that stand in it.
(function () {
  'use strict';
  var root = document.documentElement;
  window.addEventListener('error', function (event) { root.dataset.scriptError = event.message; });

  var paint = {
    'ngspice': { stroke: '#6f7b88', width: 1.5 },
    'ngspice KLU': { stroke: '#15181c', width: 1.5 },
    'gnucap': { stroke: '#7a4b94', width: 1.5 },
    'known 1': { stroke: '#9aa4ae', width: 1.25, dash: [6, 4] },
    'known 2': { stroke: '#c4731a', width: 1.25, dash: [6, 4] },
    'sim': { stroke: '#7db3df', width: 1.5 },
    'one': { stroke: '#0b57a4', width: 2.25 },
    'many': { stroke: '#1d6b3a', width: 2.25 },
    'floor': { stroke: '#15181c', width: 1, dash: [2, 3] },
    'limit': { stroke: '#a3231f', width: 1, dash: [2, 3] },
    'other 1': { stroke: '#7a4b94', width: 1.5 },
    'other 2': { stroke: '#c4731a', width: 1.5 },
  };
  var typeface = getComputedStyle(document.body).fontFamily;

  // Microseconds with a fitting unit.
  function timeText(microseconds) {
    var units = [[1e6, 's'], [1e3, 'ms'], [1, 'µs'], [1e-3, 'ns'], [1e-6, 'ps']];
    for (var k = 0; k < units.length; k++) {
      if (microseconds >= units[k][0] * (1 - 1e-9) || k + 1 === units.length) {
        return +(microseconds / units[k][0]).toPrecision(3) + '\u00A0' + units[k][1];
      }
    }
  }

  // What the legend says of the point under the pointer.
  function reading(text) {
    return function (plot, value) { return value === null || value === undefined ? '' : text(value); };
  }

  // Decades, with 2 and 5 between them where there are few.
  function ticks(plot, axis, low, high) {
    var steps = high / low < 50 ? [1, 2, 5] : [1];
    var found = [];
    for (var exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++)
      steps.forEach(function (step) { found.push(+(step + 'e' + exponent)); });
    return found.filter(function (value) { return value >= low && value <= high; });
  }

  // A logarithmic axis that ends a little outside of its data, for the points at the ends.
  function around(share) {
    return function (plot, low, high) {
      if (!(low > 0)) return [1, 10];
      var margin = Math.max(Math.pow(high / low, share), 1.15);
      return [low / margin, high * margin];
    };
  }

  // The range of all rounds as a bar through each point.
  function drawSpreads(chart) {
    return function (plot) {
      var context = plot.ctx;
      context.save();
      chart.series.forEach(function (series, index) {
        if (!series.low || !plot.series[index + 1].show) return;
        context.strokeStyle = paint[series.paint].stroke;
        context.lineWidth = devicePixelRatio;
        series.low.forEach(function (low, k) {
          if (low === null || !(series.high[k] > low) || !(low > 0)) return;
          var x = plot.valToPos(chart.x[k], 'x', true);
          context.beginPath();
          context.moveTo(x, plot.valToPos(low, 'y', true));
          context.lineTo(x, plot.valToPos(series.high[k], 'y', true));
          context.stroke();
        });
      });
      context.restore();
    };
  }

  function options(chart, width) {
    var axis = {
      stroke: '#39414b', font: '12px ' + typeface, labelFont: '12px ' + typeface,
      grid: { stroke: '#e6e9ed', width: 1 }, ticks: { stroke: '#aab1b9', width: 1, size: 5 },
    };
    var names = {};
    chart.x.forEach(function (x, k) { names[x] = chart.names[k]; });
    return {
      width: width, height: 290, padding: [8, 26, 0, 0],
      scales: { x: { time: false, distr: 3, range: around(0.06) }, y: { distr: 3, range: around(0.04) } },
      axes: [
        Object.assign({}, axis, {
          label: chart.abscissa, labelSize: 22, labelGap: 2, size: String(chart.names).indexOf('\n') < 0 ? 28 : 44,
          splits: function () { return chart.x; }, filter: function (plot, splits) { return splits; },
          values: function (plot, values) { return values.map(function (value) { return names[value] || ''; }); },
        }),
        Object.assign({}, axis, {
          size: 62, splits: ticks, filter: function (plot, splits) { return splits; },
          values: function (plot, values) { return values.map(function (value) { return timeText(value); }); },
        }),
      ],
      series: [{ label: 'size', value: reading(function (value) { return 'at ' + names[value].replace('\n', ''); }) }].concat(
        chart.series.map(function (series) {
          var look = paint[series.paint];
          return Object.assign({ label: series.name, spanGaps: true, value: reading(timeText),
            points: { show: series.paint !== 'limit', size: 6, fill: look.stroke } }, look);
        })),
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      legend: { live: true, markers: { width: 2 } },
      hooks: { draw: [drawSpreads(chart)] },
    };
  }

  var charts = JSON.parse(document.getElementById('chart-data').textContent);
  var plots = [];
  document.querySelectorAll('[data-chart]').forEach(function (place) {
    var chart = charts[+place.dataset.chart];
    var data = [chart.x].concat(chart.series.map(function (series) { return series.values; }));
    plots.push({ place: place, plot: new uPlot(options(chart, place.clientWidth), data, place) });
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
    fit(330);
  });
  window.addEventListener('afterprint', function () { fit(); });
  root.dataset.charts = String(plots.length);
})();
