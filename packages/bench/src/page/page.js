// Draws the plots of the page that it is in. What they show is in the page as JSON, and beneath each of
// them as a table.
const { Chart } = globalThis
const { plots } = JSON.parse(document.getElementById('findings').textContent)

/** Besides colors: marks and dashes, for those who see no colors, and for paper. No two are the same. */
const MARKS = ['circle', 'rect', 'triangle', 'rectRot']
const DASHES = [[], [7, 4], [2, 3]]
const LOOKS = 9
const FONT = '12px system-ui, sans-serif'
const LABEL_HEIGHT = 15

/** Where a name has no room beside its line, its number stands there, and a legend tells whose it is. */
const narrow = matchMedia('(max-width: 40rem)')

/** A contestant looks the same in every plot. */
const numbers = new Map()
for (const { name, role } of plots.flatMap(({ series }) => series)) {
  if (role !== 'floor' && !numbers.has(name)) numbers.set(name, numbers.size % LOOKS)
}

Chart.defaults.animation = false
Chart.defaults.font.family = 'system-ui, sans-serif'

const charts = []
draw()

// The colors are those of the style sheet, which follows the reader's wishes at once.
for (const query of [matchMedia('(prefers-color-scheme: dark)'), matchMedia('print'), narrow]) {
  query.addEventListener('change', draw)
}

// Paper has no disclosure triangles.
addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details')) details.open = true
})

function draw() {
  for (const chart of charts.splice(0)) chart.destroy()
  for (const [index, plot] of plots.entries()) {
    const canvas = document.getElementById(`plot-${index}`)
    try {
      charts.push(new Chart(canvas, configOf(plot)))
      drawLegend(document.getElementById(`legend-${index}`), plot)
    } catch (error) {
      // One plot that fails is no reason to leave the others out, and its table is there.
      Chart.getChart(canvas)?.destroy()
      document.getElementById(`table-${index}`).open = true
      reportError(error)
    }
  }
  document.documentElement.dataset.drawn = String(charts.length)
}

function configOf(plot) {
  const isBars = plot.kind === 'bars'
  const labels = labelsOf(plot)
  return {
    type: isBars ? 'bar' : 'line',
    data: isBars ? barsOf(plot) : linesOf(plot),
    plugins: [{ afterDatasetsDraw: (chart) => drawLabels(chart, labels) }],
    options: {
      layout: { padding: { right: widestOf(labels) + (isBars ? 8 : 20), top: 8 } },
      indexAxis: isBars ? 'y' : 'x',
      maintainAspectRatio: false,
      normalized: true,
      parsing: isBars,
      interaction: { mode: 'nearest', intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { title: titleIn(plot), label: labelIn(plot) } },
      },
      scales: isBars
        ? { x: scaleOf(plot.y), y: categoriesOf(plot) }
        : { x: scaleOf(plot.x), y: scaleOf(plot.y) },
    },
  }
}

function linesOf({ series }) {
  return {
    datasets: series.map(({ name, role, points }) => {
      const { color, mark, dash, width } = lookOf({ name, role })
      const few = points.length < 20
      return {
        label: name,
        data: points.map(([x, y]) => ({ x, y })),
        borderColor: color,
        backgroundColor: color,
        borderDash: dash,
        borderWidth: width,
        pointStyle: mark,
        pointRadius: ({ dataIndex }) => (few || dataIndex === points.length - 1 ? 4 : 0),
        pointHitRadius: 12,
        // What lies on the edge is seen in full.
        clip: 8,
      }
    }),
  }
}

function barsOf({ series }) {
  const colors = series.map((each) => lookOf(each).color)
  return {
    labels: series.map(({ name }) => name),
    datasets: [{ data: series.map(({ points }) => points[0]?.[1]), backgroundColor: colors }],
  }
}

function lookOf({ name, role }) {
  if (role === 'floor') {
    return { color: styled('--series-floor'), mark: 'cross', dash: [3, 4], width: 1.5 }
  }
  const number = numbers.get(name)
  const color = styled(`--series-${number}`)
  const mark = MARKS[number % MARKS.length]
  const dash = DASHES[Math.floor(number / MARKS.length)]
  return { color, mark, dash, width: role === 'ours' ? 3 : 2 }
}

/** What stands beside each line: who it is, or the number of that. Beside a bar, its value. */
function labelsOf({ kind, series }) {
  if (kind === 'bars') return series.map(({ points }) => shortOf(points[0]?.[1] ?? 0))
  return series.map(({ name }, index) => (narrow.matches ? String(index + 1) : name))
}

function widestOf(labels) {
  const context = document.createElement('canvas').getContext('2d')
  context.font = FONT
  return Math.max(0, ...labels.map((label) => context.measureText(label).width))
}

function drawLabels(chart, labels) {
  const { ctx, chartArea, config } = chart
  ctx.save()
  ctx.font = FONT
  ctx.fillStyle = styled('--text')
  ctx.textBaseline = 'middle'
  if (config.type === 'bar') {
    for (const [index, bar] of chart.getDatasetMeta(0).data.entries()) {
      ctx.fillText(labels[index], bar.x + 6, bar.y)
    }
  } else {
    const ends = chart.data.datasets.flatMap(({ borderColor }, index) => {
      const point = chart.getDatasetMeta(index).data.at(-1)
      return point === undefined ? [] : [{ point, color: borderColor, label: labels[index] }]
    })
    for (const { point, color, label, y } of spreadOut(ends, chartArea)) {
      ctx.strokeStyle = color
      ctx.lineWidth = 1
      // A line that ends early must not seem to go on.
      ctx.setLineDash(chartArea.right - point.x > 40 ? [1, 4] : [])
      ctx.beginPath()
      ctx.moveTo(point.x + 5, point.y)
      ctx.lineTo(chartArea.right + 13, y)
      ctx.stroke()
      ctx.fillText(label, chartArea.right + 17, y)
    }
  }
  ctx.restore()
}

/** Each label as close to its line as the others let it, none over another. */
function spreadOut(ends, { top, bottom }) {
  const placed = ends.map((end) => ({ ...end, y: end.point.y })).sort((a, b) => a.y - b.y)
  for (const [index, each] of placed.entries()) {
    const above = placed[index - 1]
    each.y = Math.max(each.y, above === undefined ? top : above.y + LABEL_HEIGHT)
  }
  for (const [index, each] of [...placed.entries()].reverse()) {
    const below = placed[index + 1]
    each.y = Math.min(each.y, below === undefined ? bottom : below.y - LABEL_HEIGHT)
  }
  return placed
}

function scaleOf({ label, scale, names }) {
  const axis = {
    type: scale,
    title: { display: true, text: label, color: styled('--faint') },
    grid: { color: styled('--line') },
    border: { color: styled('--line') },
    ticks: { color: styled('--faint'), callback: (value) => names?.[value] ?? shortOf(value) },
  }
  if (names !== undefined) {
    const values = Object.keys(names).map(Number)
    const room = Math.max(...values) / Math.min(...values)
    const ticks = scale === 'logarithmic' && narrow.matches ? farApart(values, room) : values
    axis.afterBuildTicks = (built) => {
      built.ticks = ticks.map((value) => ({ value }))
    }
    axis.ticks.autoSkip = true
    axis.ticks.maxRotation = 60
    axis.min = scale === 'logarithmic' ? Math.min(...values) / room ** 0.04 : undefined
    axis.max = scale === 'logarithmic' ? Math.max(...values) * room ** 0.04 : undefined
  } else if (scale === 'logarithmic') {
    axis.afterBuildTicks = keepPowersOfTen
  }
  return axis
}

/** Those whose names do not lie over each other on a narrow screen: eight of them, if they are even. */
function farApart(values, room) {
  const kept = []
  for (const value of values) {
    if (kept.length === 0 || value / kept.at(-1) >= room ** (1 / 8)) kept.push(value)
  }
  return kept
}

function categoriesOf({ series }) {
  const width = 12 + widestOf(series.map(({ name }) => name))
  return {
    // It would not take more than half of the plot, and cut off names.
    afterFit: (axis) => {
      axis.width = width
    },
    grid: { display: false },
    border: { color: styled('--line') },
    ticks: { color: styled('--text'), autoSkip: false },
  }
}

/** Unless there is but one of them. */
function keepPowersOfTen(axis) {
  const powers = axis.ticks.filter(({ value }) => Number.isInteger(Math.log10(value)))
  if (powers.length > 1) axis.ticks = powers
}

function titleIn({ kind, x }) {
  return ([item]) =>
    kind === 'bars'
      ? item.label
      : `${x.names?.[item.raw.x] ?? shortOf(item.raw.x)} ${x.names ? '' : x.label}`
}

function labelIn({ kind, y }) {
  return ({ raw, dataset }) =>
    kind === 'bars'
      ? `${shortOf(raw)} ${y.label}`
      : `${dataset.label}: ${shortOf(raw.y)} ${y.label}`
}

function shortOf(value) {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(
    value,
  )
}

/** For narrow screens only. The chart's own would be drawn over its plot there. */
function drawLegend(list, { kind, series }) {
  if (list === null || kind === 'bars') return
  list.replaceChildren(
    ...series.map((each, index) => {
      const { color, dash, width, mark } = lookOf(each)
      const item = document.createElement('li')
      const line = `<line x1="0" y1="7" x2="30" y2="7" stroke="${color}" stroke-width="${width}" stroke-dasharray="${dash.join(' ')}"/>`
      item.innerHTML = `<svg viewBox="0 0 30 14" aria-hidden="true">${line}${markOf(mark, color)}</svg>`
      item.append(`${index + 1} ${each.name}`)
      return item
    }),
  )
}

function markOf(mark, color) {
  const shapes = {
    circle: 'M11 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0',
    rect: 'M11 3h8v8h-8z',
    triangle: 'M15 2l5 9h-10z',
    rectRot: 'M15 2l5 5l-5 5l-5-5z',
    cross: 'M14 3h2v8h-2z',
  }
  return `<path d="${shapes[mark]}" fill="${color}"/>`
}

function styled(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
