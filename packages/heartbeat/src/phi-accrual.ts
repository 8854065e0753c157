// Naohiro Hayashibara, Xavier Défago, Rami Yared and Takuya Katayama: "The φ Accrual Failure
// Detector", SRDS 2004. φ is how many decimal places it takes to write down the chance that a beat is
// still to come: at φ = 8 a device that is given up is alive in one case of a hundred million, if gaps
// are distributed as assumed.
//
// The normal form needs the tail of the normal distribution, which has no closed form. It uses the
// logistic approximation 1 / (1 + e^-(1.5976 y + 0.070566 y³)) of Shannon R. Bowling, Mohammad T.
// Khasawneh, Sittichai Kaewkuekool and Byung Rae Cho, 2009 (error below 0.00014), with the
// coefficients that Akka uses. With it φ = log10(1 + e^(1.5976 y + 0.070566 y³)), which can be solved
// for y: so each beat yields the moment of loss at once, and nobody has to look at φ again and again.
//
// The exponential form takes gaps to be distributed exponentially, as Avinash Lakshman and Prashant
// Malik did for Cassandra (2009): φ = gap / (mean × ln 10). It tolerates more.
//
// Deviations from the paper: a deviation is never taken for less than `minStdDevMs`, or a device that
// beats like a clock would be lost at the first hiccup; `acceptablePauseMs` is added to the mean, for
// garbage collections; and a window that begins empty begins with two guessed gaps.
import { requireDuration, requireInteger, requireObject } from '@cupola/core/authoring'
import type { Detector, Judge, Terms } from './detector.ts'
import { GapWindow } from './gap-window.ts'
import { requirePositive, requireShare } from './require-positive.ts'

/** What a phi-accrual detector assumes and tolerates. */
export interface PhiAccrualOptions {
  /**
   * How gaps are assumed to be distributed.
   *
   * @defaultValue 'normal'
   */
  readonly form?: 'normal' | 'exponential' | undefined
  /**
   * The suspicion at which a device is lost.
   *
   * @defaultValue 8
   */
  readonly threshold?: number | undefined
  /**
   * At which part of the threshold a device is suspect.
   *
   * @defaultValue 0.5
   */
  readonly suspectShare?: number | undefined
  /**
   * How many gaps are remembered.
   *
   * @defaultValue 200
   */
  readonly window?: number | undefined
  /**
   * The least deviation that is believed. Only the normal form needs it.
   *
   * @defaultValue 100
   */
  readonly minStdDevMs?: number | undefined
  /**
   * How much longer than usual a gap may be before it counts.
   *
   * @defaultValue 0
   */
  readonly acceptablePauseMs?: number | undefined
}

/**
 * A device is lost when its silence is too unlikely for one that beats as it did so far. Suspicion is
 * φ: 8 means that the chance of a mistake is 10⁻⁸.
 *
 * The first gaps are guessed from what the device says of its period, or as a third of `lostAfterMs`,
 * with a quarter of that as deviation; after that `lostAfterMs` has no say. The gap that ended an
 * outage is not learned, nor one in which the monitor stood still.
 *
 * Cost: O(1) for a beat, and 8 bytes for each gap of the window, for each device.
 *
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If a number is out of its range.
 */
export function phiAccrual(options: PhiAccrualOptions = {}): Detector {
  requireObject('options', options)
  const { form = 'normal', threshold = 8, suspectShare = 0.5 } = options
  const { window = 200, minStdDevMs = 100, acceptablePauseMs = 0 } = options
  if (form !== 'normal' && form !== 'exponential') {
    throw new TypeError(`Cannot use form: got ${String(form)}, expected "normal" or "exponential"`)
  }
  requirePositive('threshold', threshold)
  requireShare('suspectShare', suspectShare)
  requireInteger('window', window, 2, 1_000_000)
  requirePositive('minStdDevMs', minStdDevMs)
  requireDuration('acceptablePauseMs', acceptablePauseMs)
  const curve = form === 'normal' ? new NormalCurve(minStdDevMs) : EXPONENTIAL_CURVE
  const limits = { lost: curve.reach(threshold), suspect: curve.reach(threshold * suspectShare) }
  const parts = { curve, limits, pauseMs: acceptablePauseMs, window }
  return { judge: (terms) => new PhiJudge(parts, terms) }
}

/** How φ grows with silence. A reach is a number that a curve understands, made once. */
interface Curve {
  phi(silentMs: number, gaps: GapWindow): number
  /** What {@link silenceAt} needs to know of a φ. */
  reach(phi: number): number
  /** After how much silence that φ is reached. */
  silenceAt(reach: number, gaps: GapWindow): number
}

const LINEAR = 1.5976
const CUBIC = 0.070566

/** Above it e^x is too large for a number, and 1 + e^x long the same as e^x. */
const LARGEST_EXPONENT = 700

class NormalCurve implements Curve {
  readonly #minStdDevMs: number

  constructor(minStdDevMs: number) {
    this.#minStdDevMs = minStdDevMs
  }

  phi(silentMs: number, gaps: GapWindow): number {
    const y = (silentMs - gaps.meanMs) / this.#deviation(gaps)
    const exponent = y * (LINEAR + CUBIC * y * y)
    if (exponent > LARGEST_EXPONENT) return exponent * Math.LOG10E
    return Math.log1p(Math.exp(exponent)) * Math.LOG10E
  }

  /** How many deviations above the mean: the one real root of CUBIC y³ + LINEAR y = ln(10^φ − 1). */
  reach(phi: number): number {
    const power = phi * Math.LN10
    const exponent = power > LARGEST_EXPONENT ? power : Math.log(Math.expm1(power))
    const third = LINEAR / CUBIC / 3
    const half = exponent / CUBIC / 2
    return 2 * Math.sqrt(third) * Math.sinh(Math.asinh(half / third ** 1.5) / 3)
  }

  silenceAt(reach: number, gaps: GapWindow): number {
    return gaps.meanMs + reach * this.#deviation(gaps)
  }

  #deviation(gaps: GapWindow): number {
    return Math.max(gaps.deviationMs, this.#minStdDevMs)
  }
}

/** A device may beat several times in one millisecond. Nothing is divided by a mean of 0. */
const LEAST_MEAN_MS = 1

const EXPONENTIAL_CURVE: Curve = {
  phi: (silentMs, gaps) => silentMs / (Math.max(gaps.meanMs, LEAST_MEAN_MS) * Math.LN10),
  reach: (phi) => phi * Math.LN10,
  silenceAt: (reach, gaps) => reach * Math.max(gaps.meanMs, LEAST_MEAN_MS),
}

/** What all judges of a detector have in common. */
interface PhiParts {
  readonly curve: Curve
  /** As reaches of the curve. */
  readonly limits: { readonly lost: number; readonly suspect: number }
  readonly pauseMs: number
  readonly window: number
}

class PhiJudge implements Judge {
  readonly #parts: PhiParts
  readonly #gaps: GapWindow

  constructor(parts: PhiParts, { periodMs, lostAfterMs }: Terms) {
    this.#parts = parts
    this.#gaps = new GapWindow(parts.window)
    const guessMs = periodMs ?? lostAfterMs / 3
    this.#gaps.add(guessMs * 0.75)
    this.#gaps.add(guessMs * 1.25)
  }

  get suspectAfterMs(): number {
    return this.#silenceAt(this.#parts.limits.suspect)
  }

  get lostAfterMs(): number {
    return this.#silenceAt(this.#parts.limits.lost)
  }

  suspicion(silentMs: number): number {
    const { curve, pauseMs } = this.#parts
    return curve.phi(Math.max(0, silentMs - pauseMs), this.#gaps)
  }

  learn(gapMs: number): void {
    this.#gaps.add(gapMs)
  }

  /** A low φ may be reached before any silence begins. */
  #silenceAt(reach: number): number {
    const { curve, pauseMs } = this.#parts
    return Math.max(0, curve.silenceAt(reach, this.#gaps)) + pauseMs
  }
}
