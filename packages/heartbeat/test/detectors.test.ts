import { VirtualClock } from '@cupola/core/testing'
import {
  deadline,
  type Detector,
  HeartbeatMonitor,
  type Judge,
  missedBeats,
  phiAccrual,
  type PhiAccrualOptions,
} from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../../test/random.ts'

const TERMS = { lostAfterMs: 3000, periodMs: 1000 }

/** A judge whose window holds nothing but these gaps. */
function judgeOf(gaps: readonly number[], options: PhiAccrualOptions = {}): Judge {
  const judge = phiAccrual({ window: gaps.length, ...options }).judge(TERMS)
  for (const gapMs of gaps) judge.learn?.(gapMs)
  return judge
}

describe('phiAccrual()', () => {
  // Gaps of 900 and 1100 ms: mean 1000, deviation 100. With y = (t - 1000) / 100 the published
  // approximation gives φ = log10(1 + e^(1.5976 y + 0.070566 y³)), here worked out with 60 digits by a
  // program of its own.
  it.each([
    [1.12998130521038e-38, 0],
    [2.17689222242314e-8, 500],
    [0.0750330321409399, 900],
    [0.301029995663981, 1000],
    [0.79950832083956, 1100],
    [1.64282788548711, 1200],
    [2.90947532648495, 1300],
    [7.29994739446021, 1500],
    [10.7826008582957, 1600],
    [37.5847130528712, 2000],
    [1989.12431681058, 5000],
    [29736881.8491596, 100000],
  ])('has φ = %s after %i ms', (phi, silentMs) => {
    const judge = judgeOf([900, 1100], { minStdDevMs: 1 })

    expect(judge.suspicion(silentMs) / phi).toBeCloseTo(1, 9)
  })

  // Apart from any formula of ours: the chance that a gap is longer by so many deviations, as printed in
  // every table of the normal distribution, to which the approximation keeps within 0.00014.
  it.each([
    [0.99865, -3],
    [0.841345, -1],
    [0.691462, -0.5],
    [0.5, 0],
    [0.308538, 0.5],
    [0.158655, 1],
    [0.066807, 1.5],
    [0.02275, 2],
    [0.00621, 2.5],
    [0.00135, 3],
    [0.000032, 4],
  ])('takes the chance of %f for that of %f deviations', (chance, deviations) => {
    const judge = judgeOf([900, 1100], { minStdDevMs: 1 })

    const error = 10 ** -judge.suspicion(1000 + 100 * deviations) - chance

    expect(Math.abs(error)).toBeLessThan(0.000_141)
  })

  it('has a φ of 8 after 18.42 times the mean in the exponential form, as Cassandra has', () => {
    const judge = judgeOf([500, 1500], { form: 'exponential', threshold: 8 })

    expect(judge.lostAfterMs / 1000).toBeCloseTo(18.42, 2)
  })

  // φ = t / (mean × ln 10), mean 1000, worked out likewise.
  it.each([
    [0, 0],
    [0.868588963807, 2000],
    [3.474355855226, 8000],
    [8, 8000 * Math.LN10],
  ])('has φ = %s after %f ms in the exponential form', (phi, silentMs) => {
    const judge = judgeOf([500, 1500], { form: 'exponential' })

    expect(judge.suspicion(silentMs)).toBeCloseTo(phi, 9)
  })

  it.each(['normal', 'exponential'] as const)('is lost where φ is the threshold: %s', (form) => {
    for (const threshold of [0.1, 1, 3, 8, 12, 300, 1000]) {
      const judge = judgeOf([800, 1000, 1300], { form, threshold, acceptablePauseMs: 50 })

      expect(judge.suspicion(judge.lostAfterMs)).toBeCloseTo(threshold, 6)
      expect(judge.suspicion(judge.suspectAfterMs)).toBeCloseTo(threshold / 2, 6)
    }
  })

  it.each(['normal', 'exponential'] as const)('grows with silence, and is a number: %s', (form) => {
    const random = randomFrom(7)
    for (let round = 0; round < 200; round++) {
      const gaps = Array.from({ length: 20 }, () => 10 ** (random() * 12 - 3))
      const judge = judgeOf(gaps, { form, minStdDevMs: 10 ** (random() * 6 - 3) })
      const silences = [0, ...Array.from({ length: 50 }, () => 10 ** (random() * 18 - 3))]
      const suspicions = silences.sort((one, other) => one - other).map((ms) => judge.suspicion(ms))

      expect(suspicions.every((phi) => phi >= 0 && phi < Infinity)).toBe(true)
      expect(suspicions).toEqual(suspicions.toSorted((one, other) => one - other))
      expect(judge.suspectAfterMs).toBeLessThanOrEqual(judge.lostAfterMs)
    }
  })

  it('is no NaN for gaps of nothing', () => {
    for (const form of ['normal', 'exponential'] as const) {
      const judge = judgeOf([0, 0, 0], { form })

      expect([0, 1, 1e6].every((ms) => judge.suspicion(ms) >= 0)).toBe(true)
      expect(judge.lostAfterMs).toBeGreaterThan(0)
    }
  })

  it.each([
    ['one gap', [1000]],
    ['gaps that are all the same', [1000, 1000, 1000, 1000]],
    ['gaps that differ by nothing but rounding', [0.1 + 0.2, 0.3, 0.1 + 0.2]],
    ['time that stands still', [0, 0, 0, 0]],
    ['gaps of years, and none', [1e11, 0, 1e11, 0]],
    ['a gap that is longer than there is time', [Number.MAX_VALUE]],
  ])('is a number that grows, for %s', (_, gaps) => {
    for (const form of ['normal', 'exponential'] as const) {
      const judge = phiAccrual({ form, minStdDevMs: 1e-9 }).judge(TERMS)
      for (const gapMs of gaps) judge.learn?.(gapMs)
      const suspicions = [0, 1e-9, 1, 1e3, 1e6, 1e12, 1e300].map((ms) => judge.suspicion(ms))

      expect(suspicions.filter((phi) => Number.isNaN(phi) || phi < 0)).toEqual([])
      expect(suspicions).toEqual(suspicions.toSorted((one, other) => one - other))
      expect(judge.lostAfterMs).toBeGreaterThan(0)
      expect(judge.lostAfterMs).toBeLessThan(Infinity)
    }
  })

  it('is no NaN for a period that no device has', () => {
    for (const form of ['normal', 'exponential'] as const) {
      const judge = phiAccrual({ form }).judge({ lostAfterMs: 1000, periodMs: 1e308 })
      for (const gapMs of [1, Infinity, 1e308]) judge.learn?.(gapMs)

      expect(judge.lostAfterMs).toBeGreaterThan(0)
      expect([0, 1, 1e6].every((ms) => judge.suspicion(ms) >= 0)).toBe(true)
    }
  })

  it('follows when the period changes', () => {
    const judge = judgeOf(Array.from({ length: 50 }, () => 1000))
    const slowMs = judge.lostAfterMs

    for (let count = 0; count < 50; count++) judge.learn?.(100)

    expect(slowMs).toBeGreaterThan(1000)
    expect(judge.lostAfterMs).toBeCloseTo(slowMs - 900, 3)
  })

  it('tolerates a pause on top of what is usual', () => {
    const without = judgeOf([900, 1100])
    const tolerant = judgeOf([900, 1100], { acceptablePauseMs: 3000 })

    expect(tolerant.lostAfterMs - without.lostAfterMs).toBeCloseTo(3000, 6)
    expect(tolerant.suspicion(4000)).toBe(without.suspicion(1000))
  })

  it('begins with the period that a device says, or with a third of the limit', () => {
    const told = phiAccrual().judge(TERMS)
    const guessed = phiAccrual().judge({ lostAfterMs: 3000, periodMs: undefined })

    expect(told.lostAfterMs).toBe(guessed.lostAfterMs)
    expect(told.suspicion(1000)).toBeCloseTo(Math.log10(2), 9)
  })

  it.each([
    [{ threshold: 0 }, RangeError],
    [{ threshold: Number.NaN }, RangeError],
    [{ window: 1 }, RangeError],
    [{ minStdDevMs: 0 }, RangeError],
    [{ acceptablePauseMs: -1 }, RangeError],
    [{ suspectShare: 2 }, RangeError],
    [JSON.parse('{ "form": "bell" }'), TypeError],
  ])('refuses %j', (options, kind) => {
    expect(() => phiAccrual(options)).toThrow(kind)
  })
})

describe('HeartbeatMonitor with phiAccrual()', () => {
  async function monitorAfter(beats: number, detector: Detector) {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 3000, sweepMs: 10, detector, clock })
    const session = monitor.activate('a', undefined, { periodMs: 1000 })
    for (let count = 0; count < beats; count++) {
      await clock.advance(count % 2 === 0 ? 900 : 1100)
      session.refresh()
    }
    return { clock, monitor, session }
  }

  it('tells a loss when φ reaches the threshold, within a sweep', async () => {
    const detector = phiAccrual({ window: 10, minStdDevMs: 1 })
    const { clock, monitor } = await monitorAfter(20, detector)
    const limitMs = monitor.device('a')?.lostAfterMs ?? 0

    await clock.advance(Math.floor(limitMs))
    expect(monitor.takeLost()).toEqual([])
    await clock.advance(11)

    expect(limitMs).toBeCloseTo(1522.598664, 5)
    expect(monitor.takeLost()).toMatchObject([{ key: 'a', state: 'lost' }])
  })

  it.each(['normal', 'exponential'] as const)(
    'is not misled by time that stands still: %s',
    async (form) => {
      const { clock, monitor, session } = await monitorAfter(0, phiAccrual({ form, window: 5 }))
      for (let count = 0; count < 20; count++) session.refresh()
      expect(monitor.device('a')?.suspicion).toBeGreaterThanOrEqual(0)

      await clock.advance(3000)

      expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a'])
    },
  )

  it('does not learn the gap that ended an outage', async () => {
    const { clock, monitor, session } = await monitorAfter(20, phiAccrual({ window: 10 }))
    const limitMs = monitor.device('a')?.lostAfterMs

    await clock.advance(3_600_000)
    expect(session.refresh()).toBe('recovered')

    expect(monitor.device('a')?.lostAfterMs).toBe(limitMs)
    await clock.advance(1000)
    session.refresh()
    expect(monitor.device('a')?.lostAfterMs).not.toBe(limitMs)
  })

  it('tells earlier once a device beats faster', async () => {
    const { clock, monitor, session } = await monitorAfter(4, phiAccrual({ window: 4 }))
    for (let count = 0; count < 8; count++) {
      await clock.advance(20)
      session.refresh()
    }

    await clock.advance(700)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a'])
  })
})

describe('deadline()', () => {
  it('suspects after the share that it is told', () => {
    const judge = deadline({ suspectShare: 0.8 }).judge(TERMS)

    expect(judge).toMatchObject({ suspectAfterMs: 2400, lostAfterMs: 3000 })
    expect(judge.suspicion(1500)).toBe(0.5)
  })

  it('suspects one that came while another is suspect already', async () => {
    const clock = new VirtualClock()
    const detector = deadline({ suspectShare: 0.01 })
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, sweepMs: 10, detector, clock })
    monitor.activate('a')
    await clock.advance(500)

    monitor.activate('b')
    await clock.advance(20)

    expect(monitor.stats().suspect).toBe(2)
  })
})

describe('A detector of your own', () => {
  /** Gives up nobody while the limit is above ten seconds. */
  const patient: Detector = {
    judge(terms) {
      const limit = (): number => (terms.lostAfterMs > 10_000 ? Infinity : terms.lostAfterMs)
      return {
        get suspectAfterMs() {
          return limit() / 2
        },
        get lostAfterMs() {
          return limit()
        },
        suspicion: () => 0,
      }
    },
  }

  it.each([
    ['a device that beats no more', () => {}],
    ['one that beats once more', (monitor: HeartbeatMonitor) => monitor.refresh('a')],
  ])('loses %s once a limit that was endless is one', async (_, act) => {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 20_000, detector: patient, clock })
    monitor.activate('a')
    await clock.advance(60_000)
    expect(monitor.device('a')?.state).toBe('alive')

    monitor.setLostAfter(5000)
    act(monitor)
    await clock.advance(10_000)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a'])
  })
})

describe('missedBeats()', () => {
  it('counts the periods that a device says', () => {
    const judge = missedBeats(5).judge(TERMS)

    expect(judge.lostAfterMs).toBe(5000)
    expect(judge.suspicion(2500)).toBe(2.5)
  })

  it('counts those that are usual for one that says nothing', () => {
    const terms = { lostAfterMs: 3000, periodMs: undefined }

    expect(missedBeats(5, { periodMs: 100 }).judge(terms).lostAfterMs).toBe(500)
    expect(missedBeats(5).judge(terms).lostAfterMs).toBe(3000)
  })

  it('judges each by its own period', async () => {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, detector: missedBeats(3), clock })
    monitor.receive({ key: 'fast', epoch: 1, sequence: 1, periodMs: 100 })
    monitor.receive({ key: 'slow', epoch: 1, sequence: 1, periodMs: 1000 })

    await clock.advance(300)
    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['fast'])
    await clock.advance(2700)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['slow'])
  })

  it('refuses less than one beat', () => {
    expect(() => missedBeats(0)).toThrow(RangeError)
  })
})
