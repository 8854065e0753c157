import { describe, expect, it } from 'vitest'
import { PauseHistogram } from '../src/buffers/pause-histogram.ts'

describe('PauseHistogram', () => {
  it('keeps the worst exactly, and the others within a twentieth', () => {
    const histogram = new PauseHistogram()
    for (let count = 0; count < 999; count++) histogram.add(0.001)
    histogram.add(7.5)

    const { p50, p99, p999, worst } = histogram.pausesUs()

    for (const quantile of [p50, p99, p999]) {
      expect(quantile).toBeGreaterThanOrEqual(1)
      expect(quantile).toBeLessThan(1.05)
    }
    expect(worst).toBe(7500)
  })

  it('takes what the clock cannot tell from nothing', () => {
    const histogram = new PauseHistogram()
    histogram.add(0)

    expect(histogram.pausesUs()).toEqual({ p50: 0, p90: 0, p99: 0, p999: 0, worst: 0 })
  })

  it('adds up what threads have seen', () => {
    const [one, other] = [new PauseHistogram(), new PauseHistogram()]
    one.add(0.001)
    other.add(0.1)
    other.add(0.1)
    one.merge(other)

    expect(one.pausesUs().worst).toBe(100)
    expect(one.pausesUs().p50).toBeGreaterThan(90)
  })
})
