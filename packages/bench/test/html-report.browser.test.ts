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
    ['light', 1100],
    ['dark', 1100],
    ['light', 375],
    ['dark', 375],
  ] as const)('draws every line of every plot, %s and %d pixels wide', async (scheme, width) => {
    const { page, problems } = await opened(buffersFile, scheme, width)

    const plots = await drawnPlots(page)

    expect(problems).toEqual([])
    expect(plots.length).toBeGreaterThanOrEqual(6)
    expect(plots.flatMap(({ colors }) => colors).length).toBeGreaterThanOrEqual(6 * 9)
    expect(plots.flatMap(({ colors }) => colors.filter(({ pixels }) => pixels === 0))).toEqual([])
    await page.close()
  })

  it.each([375, 320])('does not scroll sideways at %d pixels', async (width) => {
    const { page } = await opened(buffersFile, 'light', width)

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.close()
  })

  it.each(['light', 'dark'] as const)('can be read, %s', async (scheme) => {
    const { page } = await opened(buffersFile, scheme, 375)

    const [background, ...texts] = await luminances(page)

    expect(background).toSatisfy((is: number) => (scheme === 'dark' ? is < 0.05 : is > 0.9))
    for (const text of texts) expect(contrast(background ?? 0, text)).toBeGreaterThan(4.5)
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

    const [background] = await luminances(page)
    expect(background).toBeGreaterThan(0.9)
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
  readonly colors: readonly { readonly color: string; readonly pixels: number }[]
}

/** How many pixels of each color that a plot should have are in it, by eye: a few shades do not count. */
async function drawnPlots(page: Page): Promise<readonly DrawnPlot[]> {
  const drawn: unknown = await page.evaluate(`
    [...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      const { datasets } = Chart.getChart(canvas).data
      const colors = datasets.flatMap(({ backgroundColor }) => backgroundColor)
      return {
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

/** Of the background of the page, and of its texts. */
async function luminances(page: Page): Promise<readonly number[]> {
  const colors = (await page.evaluate(`
    ['body', 'h1', '.answer', 'h2', '.caption', 'td', 'th', 'summary', 'dt', 'dd'].map((name, index) => {
      const style = getComputedStyle(document.querySelector(name))
      return index === 0 ? style.backgroundColor : style.color
    })`)) as readonly string[]
  return colors.map(luminanceOf)
}

/** As of WCAG 2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance. */
function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}
