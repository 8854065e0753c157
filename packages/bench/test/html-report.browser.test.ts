import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buffersWith } from '../src/buffers/buffers.ts'
import { type Findings, htmlReport, type Plot } from '../src/index.ts'
import { CHROMIUM, startBrowser } from './fixtures/browser.ts'
import { FINDINGS, PROVENANCE } from './fixtures/findings.ts'
import { steadyRound } from './fixtures/rounds.ts'
import { undrawnIn } from './fixtures/undrawn.ts'

if (CHROMIUM === undefined) {
  console.warn('NOT TESTED: the page of `cupola bench`. Install Chromium to test it.')
}

const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
const buffersFile = join(folder, 'buffers.html')
const spoonsFile = join(folder, 'spoons.html')
let files = 0
/** A scale that no library draws. */
const UNKNOWN: Plot['y']['scale'] = JSON.parse('"spiral"')

describe.skipIf(CHROMIUM === undefined)('htmlReport in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    const comparison = buffersWith(async (cell) => ({ round: steadyRound(cell) }))
    writeFileSync(buffersFile, await htmlReport(await comparison.run(), PROVENANCE))
    writeFileSync(spoonsFile, await htmlReport(FINDINGS, PROVENANCE))
    browser = await startBrowser()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('draws everything of every plot, %s and %d pixels wide', async (scheme, width) => {
    const { page, problems } = await opened(buffersFile, scheme, width)

    expect(problems).toEqual([])
    expect(await page.evaluate(`document.querySelectorAll('canvas').length`)).toBeGreaterThan(4)
    expect(await undrawnIn(page)).toEqual([])
    await page.close()
  })

  it.each([360, 320])('does not scroll sideways at %d pixels', async (width) => {
    const { page } = await opened(buffersFile, 'light', width)
    await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`)

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.close()
  })

  it.each(['light', 'dark'] as const)('can be read, %s', async (scheme) => {
    const { page } = await opened(buffersFile, scheme, 360)
    await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`)

    const { texts, lines, surface } = await colorsOf(page)

    expect(luminanceOf(surface)).toSatisfy((is: number) =>
      scheme === 'dark' ? is < 0.05 : is > 0.9,
    )
    expect(texts.length).toBeGreaterThan(20)
    expect(texts.filter(({ color, on }) => contrast(color, on) < 4.5)).toEqual([])
    // As much as WCAG 2 asks of what is no text.
    expect(lines.length).toBeGreaterThanOrEqual(10)
    expect(lines.filter((color) => contrast(color, surface) < 3)).toEqual([])
    await page.close()
  })

  it('tells the lines apart by more than colors', async () => {
    const { page } = await opened(buffersFile, 'light', 1280)

    const looks = (await page.evaluate(`
      Chart.getChart('plot-0').data.datasets.map(({ pointStyle, borderDash }) =>
        pointStyle + ' ' + borderDash)`)) as readonly string[]

    expect(new Set(looks).size).toBe(looks.length)
    await page.close()
  })

  it('names each line where it ends, or by a number that a legend explains where there is no room', async () => {
    const { page } = await opened(buffersFile, 'light', 1280)
    const isShown = `getComputedStyle(document.getElementById('legend-0')).display`
    const texts = `[...document.querySelectorAll('#legend-0 li')].map((item) => item.textContent)`

    expect(await page.evaluate(isShown)).toBe('none')
    await page.setViewport({ width: 360, height: 800 })
    await page.waitForFunction(`${isShown} === 'flex'`)
    expect(await page.evaluate(texts)).toContain('6 BufferPool')
    await page.close()
  })

  it('says in words what each plot shows, and has the same as a table', async () => {
    const { page } = await opened(buffersFile, 'light', 1280)

    const plots = (await page.evaluate(`
      [...document.querySelectorAll('canvas')].map((canvas) => ({
        label: canvas.getAttribute('aria-label'),
        rows: document.querySelectorAll('#' + canvas.getAttribute('aria-details') + ' tbody tr').length,
      }))`)) as readonly { readonly label: string; readonly rows: number }[]

    expect(plots[0]?.label).toMatch(/^Throughput by size: .+ Higher is better\./)
    expect(plots.filter(({ rows }) => rows === 0)).toEqual([])
    await page.close()
  })

  it('follows the scheme when it changes', async () => {
    const { page } = await opened(buffersFile, 'light', 1100)
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    // In dark mode, the line that is black on white is white.
    await page.waitForFunction(
      `Chart.getChart('plot-0').data.datasets.some(({ borderColor }) => borderColor === '#ffffff')`,
    )

    expect(await undrawnIn(page)).toEqual([])
    await page.close()
  })

  it('is printed in light colors, whatever the scheme', async () => {
    const { page } = await opened(buffersFile, 'dark', 1100)
    await page.emulateMediaType('print')

    await page.waitForFunction(
      `Chart.getChart('plot-0').data.datasets.some(({ borderColor }) => borderColor === '#000000')`,
    )

    const { surface } = await colorsOf(page)
    expect(luminanceOf(surface)).toBeGreaterThan(0.9)
    await page.close()
  })

  it('draws bars, and runs nothing that stands in a name', async () => {
    const { page, problems } = await opened(spoonsFile, 'light', 1100)

    expect(problems).toEqual([])
    expect(await undrawnIn(page)).toEqual([])
    await page.close()
  })

  it('draws the other plots if one cannot be drawn, and opens the table of that', async () => {
    const file = await written(withPlot({ y: { label: 'per second', scale: UNKNOWN } }))
    const { page, problems } = await opened(file, 'light', 1100)

    expect(problems).toEqual(['Error: "spiral" is not a registered scale.'])
    expect(await undrawnIn(page)).toEqual(['Spoons by size: there is no chart'])
    expect(await page.evaluate(`document.getElementById('table-0').open`)).toBe(true)
    await page.close()
  })

  // What the others go by: these fail if it sees what is not there.
  it('sees that a series has no points', async () => {
    const [wood] = FINDINGS.plots[0]?.series ?? []
    const series = wood === undefined ? [] : [wood, { ...wood, name: 'tin', points: [] }]
    const { page } = await opened(await written(withPlot({ series })), 'light', 1100)

    expect(await undrawnIn(page)).toEqual(['Spoons by size, tin: it is not drawn'])
    await page.close()
  })

  it('sees that a canvas is empty', async () => {
    const { page } = await opened(spoonsFile, 'light', 1100)
    await page.evaluate(`for (const canvas of document.querySelectorAll('canvas'))
      canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height)`)

    expect(await undrawnIn(page)).toEqual([
      'Spoons by size, wood: it is not drawn',
      'Spoons by size, floor: it is not drawn',
      'Spoons by size: there are no names beside the lines',
      'All spoons, wood: it is not drawn',
      'All spoons, </script><script>alert(1)</script>: it is not drawn',
    ])
    await page.close()
  })

  it('sees that a line ends before it should', async () => {
    const { page } = await opened(spoonsFile, 'light', 1100)
    await page.evaluate(`{
      const { chartArea: { left, top, width, height }, ctx } = Chart.getChart('plot-0')
      ctx.clearRect(left + width * 0.1, top - 8, width * 0.9, height + 16)
    }`)

    expect(await undrawnIn(page)).toEqual([
      'Spoons by size, wood: it is not drawn',
      'Spoons by size, floor: it is not drawn',
    ])
    await page.close()
  })

  async function written(findings: Findings): Promise<string> {
    const file = join(folder, `${++files}.html`)
    writeFileSync(file, await htmlReport(findings, PROVENANCE))
    return file
  }

  async function opened(file: string, scheme: 'light' | 'dark', width: number) {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('dialog', (dialog) => {
      problems.push(dialog.message())
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) problems.push(request.url())
    })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    await page.setViewport({ width, height: 800 })
    await page.goto(pathToFileURL(file).href)
    await page.waitForFunction('document.documentElement.dataset.drawn !== undefined')
    return { page, problems }
  }
})

/** The spoons with something else in their first plot. */
function withPlot(part: Partial<Plot>): Findings {
  const [first, ...others] = FINDINGS.plots
  return { ...FINDINGS, plots: first === undefined ? [] : [{ ...first, ...part }, ...others] }
}

interface PageColors {
  readonly surface: string
  readonly texts: readonly { readonly text: string; readonly color: string; readonly on: string }[]
  /** Of the lines and bars, in every plot. */
  readonly lines: readonly string[]
}

/** Every text of the page, each with what is behind it, and every line. */
async function colorsOf(page: Page): Promise<PageColors> {
  return (await page.evaluate(`
    (() => {
      const behind = (element) => {
        const color = getComputedStyle(element).backgroundColor
        return color === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : color
      }
      const hasText = ({ childNodes }) =>
        [...childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '')
      const texts = [...document.querySelectorAll('main *')].filter(hasText).map((element) => ({
        text: element.textContent,
        color: getComputedStyle(element).color,
        on: behind(element),
      }))
      const rgb = (color) =>
        [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)).join(' ')
      const surface = behind(document.querySelector('canvas'))
      const charts = Object.values(Chart.instances)
      const onAxes = charts
        .flatMap(({ options: { scales } }) => [scales.x.ticks.color, scales.x.title.color])
        .map((color) => ({ text: 'on an axis', color: rgb(color), on: surface }))
      const lines = charts.flatMap(({ data }) =>
        data.datasets.flatMap(({ borderColor = [], backgroundColor }) =>
          [borderColor, backgroundColor].flat().map(rgb)))
      return { surface, texts: [...texts, ...onAxes], lines }
    })()`)) as PageColors
}

/** As of WCAG 2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance. */
function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(color: string, other: string): number {
  const [one, two] = [luminanceOf(color), luminanceOf(other)]
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
}
