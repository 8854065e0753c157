import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Findings, Plot, Table } from '../findings.ts'
import { figureText } from '../figures.ts'
import type { Provenance } from '../provenance.ts'

/** What the page is made of beside the findings. They are not compiled, so they stay in `src`. */
const PAGE = new URL('../../src/page/', import.meta.url)

/**
 * Findings as a page of its own: it needs no network and no other file. It begins with the answer, draws
 * the plots, and has all of it as text.
 */
export async function htmlReport(findings: Findings, provenance: Provenance): Promise<string> {
  const [style, script, library] = await Promise.all([
    readFile(new URL('page.css', PAGE), 'utf8'),
    readFile(new URL('page.js', PAGE), 'utf8'),
    readFile(chartLibrary(), 'utf8'),
  ])
  const { comparison, question, summary, tables, plots } = findings
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>cupola bench ${text(comparison)}</title>
<style>
${style}</style>
</head>
<body>
<main>
<header>
<h1>${text(question)}</h1>
${headOf(findings)}
</header>
${summary === undefined ? '' : tableSection(summary)}
${plots.map(plotSection).join('\n')}
${tables.map(tableSection).join('\n')}
${provenanceSection(findings, provenance)}
</main>
<script type="application/json" id="findings">${json({ ...findings, provenance })}</script>
<script>
${code(library)}</script>
<script type="module">
${code(script)}</script>
</body>
</html>
`
}

/** Beside the module that `require` finds; the package does not export it. */
function chartLibrary(): string {
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve('chart.js')), 'chart.umd.min.js')
}

function headOf({
  answer: [first = '', ...others],
  complete,
  failures,
  missing,
}: Findings): string {
  const warnings = [
    ...(complete ? [] : ['It was interrupted: this is what there was by then.']),
    ...failures.map((failure) => `Failed: ${failure}`),
  ]
  return [
    `<p class="answer">${together(text(first))}</p>`,
    ...others.map((sentence) => `<p>${text(sentence)}</p>`),
    ...warnings.map((warning) => `<p class="warning">${text(warning)}</p>`),
    ...missing.map((sentence) => `<p>${text(sentence)}</p>`),
  ].join('\n')
}

function plotSection(plot: Plot, index: number): string {
  const { title, caption, kind } = plot
  return `<section>
<h2>${text(title)}</h2>
<p class="caption">${text(caption)}</p>
<ul class="legend" id="legend-${index}" aria-hidden="true"></ul>
<div class="plot ${kind}"><canvas id="plot-${index}" role="img" aria-label="${text(`${title}. ${caption}`)}" aria-details="table-${index}"></canvas></div>
<details id="table-${index}">
<summary>The same as a table</summary>
${tableOf(tableOfPlot(plot))}
</details>
</section>`
}

/** Of a long series, a few points: the JSON has all. */
const MOST_ROWS = 12

function tableOfPlot({ title, kind, x, y, series }: Plot): Table {
  if (kind === 'bars') {
    const rows = series.map(({ name, points }) => [name, figureText(points[0]?.[1] ?? Number.NaN)])
    return { title, columns: ['', y.label], rows }
  }
  const [longest = []] = series.map(({ points }) => points).sort((a, b) => b.length - a.length)
  const step = Math.ceil(longest.length / MOST_ROWS)
  const at = longest.filter((_, index) => index % step === 0).map(([value]) => value)
  return {
    title,
    columns: [x.label, ...series.map(({ name }) => name)],
    rows: at.map((value) => [
      x.names?.[value] ?? figureText(value),
      ...series.map(({ points }) => figureText(valueAt(points, value))),
    ]),
  }
}

/** The last that was measured by then. */
function valueAt(points: Plot['series'][number]['points'], x: number): number {
  return points.findLast(([at]) => at <= x)?.[1] ?? Number.NaN
}

function tableSection(table: Table): string {
  return `<section>
<h2>${text(table.title)}</h2>
${tableOf(table)}
</section>`
}

function tableOf({ title, columns, rows }: Table): string {
  const head = columns.map((column) => `<th scope="col">${text(column)}</th>`).join('')
  const body = rows.map(([name = '', ...cells]) => {
    const figures = cells.map((cell) => `<td>${text(cell)}</td>`).join('')
    return `<tr><th scope="row">${text(name)}</th>${figures}</tr>`
  })
  return `<div class="scroll" role="region" tabindex="0" aria-label="${text(title)}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table></div>`
}

function provenanceSection({ notes }: Findings, provenance: Provenance): string {
  const { machine, node, packages, date, commit, command } = provenance
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  const facts = [
    ['Machine', machine],
    ['Node.js', node],
    ['Packages', versions.join(', ')],
    ...(commit === undefined ? [] : [['Commit', commit]]),
    ['Date', date],
  ]
  return `<section>
<h2>How it was measured</h2>
${notes.map((note) => `<p>${text(note)}</p>`).join('\n')}
<p>To measure it again:</p>
<pre><code>${text(command)}</code></pre>
<dl>
${facts.map(([name = '', fact = '']) => `<dt>${text(name)}</dt><dd>${text(fact)}</dd>`).join('\n')}
</dl>
</section>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

function text(content: string): string {
  return content.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}

/** Nothing in it can end the element that it is in. */
function json(value: object): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`)
}

/** A figure and its unit stay on one line. */
function together(content: string): string {
  return content.replace(/(\d) (?=[A-Za-z])/g, '$1\u00A0')
}

function code(script: string): string {
  return script.replaceAll('</script', String.raw`<\/script`)
}
