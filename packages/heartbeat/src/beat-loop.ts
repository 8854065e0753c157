import type { Clock, Timer } from '@cupola/core'
import { type CallLimits, callInTime } from './call-in-time.ts'
import type { HeartbeatSenderEvents } from './sender-events.ts'
import type { Transport } from './transports/transport.ts'

/** How a {@link BeatLoop} beats. All durations are in milliseconds. */
export interface Rhythm {
  /** The longest time from one beat to the next. */
  readonly periodMs: number
  /** Which part of the period may be cut off by chance. */
  readonly jitter: number
  /** How long one call may take. */
  readonly timeoutMs: number
  /** After how long without success it is silent. */
  readonly silentAfterMs: number
}

/** What a {@link BeatLoop} beats with. */
export interface BeatLoopParts {
  readonly clock: Clock
  readonly transport: Transport
  readonly rhythm: Rhythm
  /** Writes the beat of that number. If it throws, that beat has failed. */
  messageOf(sequence: number): string
  readonly tell: Tell
}

/** Whom a loop tells. */
export type Tell = <Name extends keyof HeartbeatSenderEvents>(
  name: Name,
  event: HeartbeatSenderEvents[Name],
) => void

/** The first of several attempts after a failure comes after this part of a period. */
const FIRST_RETRY_SHARE = 1 / 8

/**
 * Sends beat after beat, one at a time, each with a time limit.
 *
 * After a failure it tries again sooner than a period, and then less and less soon up to a period: so
 * that one lost beat is made up for, and an outage does not bring more load than no outage.
 */
export class BeatLoop {
  readonly #clock: Clock
  readonly #parts: BeatLoopParts
  readonly #rhythm: Rhythm
  readonly #tell: Tell
  readonly #limits: CallLimits
  #sequence = 0
  #failures = 0
  #lastSuccess: number
  #isSilent = false
  #beat: Timer | undefined
  #silence: Timer | undefined
  #calling: Promise<void> = Promise.resolve()
  #hasEnded = false

  constructor(parts: BeatLoopParts) {
    const { clock, rhythm, tell } = parts
    this.#parts = parts
    this.#clock = clock
    this.#rhythm = rhythm
    this.#tell = tell
    this.#limits = { clock, timeoutMs: rhythm.timeoutMs, action: 'send a heartbeat' }
    this.#lastSuccess = clock.now()
    this.#watchSilence()
    this.#beatAfter(0)
  }

  /** Sends no more, once the call that is under way has settled or has taken too long. */
  async end(): Promise<void> {
    this.#hasEnded = true
    this.#beat?.cancel()
    this.#silence?.cancel()
    await this.#calling
    await this.#parts.transport.close()
  }

  #beatAfter(delayMs: number): void {
    if (this.#hasEnded) return
    this.#beat = this.#clock.setTimer(() => {
      this.#calling = this.#call()
    }, delayMs)
    this.#beat.unref()
  }

  /** Never rejects. */
  async #call(): Promise<void> {
    const begin = this.#clock.now()
    const sequence = ++this.#sequence
    try {
      const message = this.#parts.messageOf(sequence)
      await callInTime((signal) => this.#parts.transport.send(message, { signal }), this.#limits)
      this.#onSuccess(sequence, this.#clock.now() - begin)
    } catch (error) {
      this.#failures++
      this.#tell('failure', { sequence, error, failures: this.#failures })
    }
    // From one begin to the next, so that slow calls do not make the period longer.
    this.#beatAfter(Math.max(0, begin + this.#delayMs() - this.#clock.now()))
  }

  #onSuccess(sequence: number, tookMs: number): void {
    const now = this.#clock.now()
    const afterMs = now - this.#lastSuccess
    this.#lastSuccess = now
    this.#failures = 0
    this.#watchSilence()
    this.#tell('sent', { sequence, tookMs })
    if (!this.#isSilent) return
    this.#isSilent = false
    this.#tell('restored', { afterMs })
  }

  #delayMs(): number {
    const { periodMs, jitter } = this.#rhythm
    const retryMs = periodMs * FIRST_RETRY_SHARE * 2 ** (this.#failures - 1)
    const delayMs = this.#failures === 0 ? periodMs : Math.min(periodMs, retryMs)
    return delayMs * (1 - jitter * Math.random())
  }

  #watchSilence(): void {
    this.#silence?.cancel()
    if (this.#hasEnded) return
    const { silentAfterMs } = this.#rhythm
    this.#silence = this.#clock.setTimer(() => {
      this.#isSilent = true
      this.#tell('silent', { forMs: this.#clock.now() - this.#lastSuccess })
    }, silentAfterMs)
    this.#silence.unref()
  }
}
