import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buffersWith } from '../src/buffers/buffers.ts'
import { htmlReport } from '../src/index.ts'
import { CHROMIUM, startBrowser } from './fixtures/browser.ts'
import { FINDINGS, PROVENANCE } from './fixtures/findings.ts'
import { steadyRound } from './fixtures/rounds.ts'

if (CHROMIUM === undefined) {
  console.warn('NOT TESTED: the page of `cupola bench`. Install Chromium to test it.')
}

const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
const buffersFile = join(folder, 'buffers.html')
const spoonsFile = join(folder, 'spoons.html')

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
  ] as const)('draws every line of every plot, %s and %d pixels wide', async (scheme, width) => {
    const { page, problems } = await opened(buffersFile, scheme, width)

    const plots = await drawnPlots(page)

    expect(problems).toEqual([])
    expect(plots.length).toBeGreaterThanOrEqual(5)
    expect(plots.flatMap(({ colors }) => colors).length).toBeGreaterThanOrEqual(5 * 10)
    expect(plots.flatMap(({ colors }) => colors.filter(({ pixels }) => pixels === 0))).toEqual([])
    expect(plots.map(({ labelPixels }) => labelPixels > 100)).not.toContain(false)
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

    const plots = await drawnPlots(page)

    expect(plots.flatMap(({ colors }) => colors.filter(({ pixels }) => pixels === 0))).toEqual([])
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

    const plots = await drawnPlots(page)

    expect(problems).toEqual([])
    expect(plots.map(({ colors }) => colors.length)).toEqual([2, 2])
    expect(plots.flatMap(({ colors }) => colors.filter(({ pixels }) => pixels === 0))).toEqual([])
    await page.close()
  })

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

interface DrawnPlot {
  /** How much is drawn beside the lines or bars, where the labels are. */
  readonly labelPixels: number
  readonly colors: readonly { readonly color: string; readonly pixels: number }[]
}

/** How many pixels of each color that a plot should have are in it, by eye: a few shades do not count. */
async function drawnPlots(page: Page): Promise<readonly DrawnPlot[]> {
  const drawn: unknown = await page.evaluate(`
    [...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      const { data: { datasets }, chartArea } = Chart.getChart(canvas)
      const from = Math.ceil(chartArea.right * canvas.width / canvas.clientWidth) + 17
      let labelPixels = 0
      for (let at = 3; at < data.length; at += 4) {
        if (data[at] > 200 && Math.floor(at / 4) % canvas.width > from) labelPixels++
      }
      const colors = datasets.flatMap(({ backgroundColor }) => backgroundColor)
      return {
        labelPixels: datasets.length === 1 ? Infinity : labelPixels,
        colors: colors.map((color) => {
          const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
          let pixels = 0
          for (let at = 0; at < data.length; at += 4) {
            const isNear = wanted.every((value, part) => Math.abs(value - data[at + part]) < 12)
            if (isNear && data[at + 3] > 200) pixels++
          }
          return { color, pixels }
        }),
      }
    })`)
  return drawn as readonly DrawnPlot[]
}

interface PageColors {
  readonly surface: string
  readonly texts: readonly { readonly text: string; readonly color: string; readonly on: string }[]
  /** Of the lines, in every plot. */
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
      const lines = charts.flatMap(({ data }) => data.datasets.map(({ borderColor }) => rgb(borderColor)))
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
