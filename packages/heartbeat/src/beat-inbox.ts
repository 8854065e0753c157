import { types } from 'node:util'
import type { ListenOptions } from '@cupola/core'
import {
  Emitter,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import type { Beat, BeatOutcome } from './beat.ts'
import type { HeartbeatMonitor } from './heartbeat-monitor.ts'
import { type MessageOptions, type MessageProblem, readMessage } from './message.ts'
import { requireSecret } from './require-secret.ts'

/** Why a message did not count as a beat. */
export type Refusal =
  | MessageProblem
  | Extract<BeatOutcome, 'full' | 'replayed' | 'stale' | 'unknown'>
  | 'closed'

/** What became of a message. */
export type InboxOutcome = Exclude<BeatOutcome, Refusal> | Refusal

/** Which messages a `BeatInbox` takes. */
export interface BeatInboxOptions<Meta = unknown> extends MessageOptions {
  /**
   * Whether a beat may make a device known that is not.
   *
   * @defaultValue true
   */
  readonly register?: boolean | undefined
  /**
   * Checks and converts what a sender says of itself; if it throws, the message is malformed.
   *
   * @defaultValue it is taken as it is, and is `unknown` in truth
   */
  readonly parseMeta?: ((meta: unknown) => Meta) | undefined
}

/** Counts of a `BeatInbox`. */
export interface BeatInboxStats {
  readonly accepted: number
  /** How many were refused, by why. */
  readonly refused: Readonly<Partial<Record<Refusal, number>>>
}

/** Events of a `BeatInbox`. Observations only: nothing depends on a listener. */
export interface BeatInboxEvents {
  readonly refused: { readonly reason: Refusal }
}

/**
 * Takes messages for a monitor from wherever they come: it refuses what is no beat, and counts why.
 *
 * It does not throw, whatever it is given: what comes from a network must not end the program.
 *
 * Numbers and epochs of beats guard against messages that are recorded and sent again, as long as the
 * monitor remembers the device; a secret, against those that somebody else makes up.
 *
 * @example Bring a message
 * ```ts
 * import { BeatInbox, HeartbeatMonitor } from '@cupola/heartbeat'
 *
 * const inbox = new BeatInbox(new HeartbeatMonitor({ lostAfterMs: 10_000 }))
 * const message = '{"v":1,"key":"printer","epoch":1,"sequence":1}'
 *
 * inbox.accept(message) // => 'registered'
 * inbox.accept(message) // => 'replayed'
 * inbox.accept('hello?') // => 'malformed'
 * inbox.stats().refused // => { replayed: 1, malformed: 1 }
 * ```
 */
export class BeatInbox<Meta = unknown> {
  /** Whom the beats are for. */
  readonly monitor: HeartbeatMonitor<Meta>
  /** How many bytes a message may have. */
  readonly maxBytes: number
  readonly #options: BeatInboxOptions<Meta>
  readonly #register: boolean
  readonly #refused: Partial<Record<Refusal, number>> = {}
  readonly #events = new Emitter<BeatInboxEvents>()
  #accepted = 0

  /**
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(monitor: HeartbeatMonitor<Meta>, options: BeatInboxOptions<Meta> = {}) {
    requireObject('monitor', monitor)
    requireObject('options', options)
    const { secret, maxBytes = 8192, register = true, parseMeta } = options
    requireSecret(secret)
    if (parseMeta !== undefined) requireFunction('parseMeta', parseMeta)
    this.monitor = monitor
    this.maxBytes = requireInteger('maxBytes', maxBytes, 64, 65_536)
    this.#register = requireBoolean('register', register)
    this.#options = { ...options, maxBytes }
  }

  /** Takes a message, as text or as UTF-8. Never throws. */
  accept(message: unknown): InboxOutcome {
    const outcome = this.#take(message)
    if (isAccepted(outcome)) this.#accepted++
    else this.refuse(outcome)
    return outcome
  }

  /** Counts a message that a receiver refused before it had all of it. */
  refuse(reason: Refusal): void {
    this.#refused[reason] = (this.#refused[reason] ?? 0) + 1
    this.#events.emit('refused', { reason })
  }

  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof BeatInboxEvents>(
    name: Name,
    listener: (event: BeatInboxEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /** Counts, in O(1). */
  stats(): BeatInboxStats {
    return Object.freeze({ accepted: this.#accepted, refused: Object.freeze({ ...this.#refused }) })
  }

  #take(message: unknown): InboxOutcome {
    if (types.isUint8Array(message)) return this.#takeBytes(message)
    if (typeof message !== 'string') return 'malformed'
    const beat = readMessage(message, this.#options)
    if (typeof beat === 'string') return beat
    const checked = this.#check(beat)
    if (checked === undefined) return 'malformed'
    if (this.monitor.closed) return 'closed'
    return this.monitor.receive(checked, this.#register)
  }

  /** Bytes that are no text are replaced, and then are no JSON, or not what was signed. */
  #takeBytes({ buffer, byteOffset, byteLength }: Uint8Array): InboxOutcome {
    if (byteLength > this.maxBytes) return 'oversized'
    // None are left of a buffer that was transferred to another thread, and nobody may look for them there.
    if (byteLength === 0) return this.#take('')
    return this.#take(Buffer.from(buffer, byteOffset, byteLength).toString())
  }

  #check(beat: Beat): Beat<Meta> | undefined {
    const { parseMeta } = this.#options
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a check it is the caller who says what senders send
    if (parseMeta === undefined || beat.meta === undefined) return beat as Beat<Meta>
    try {
      return { ...beat, meta: parseMeta(beat.meta) }
    } catch {
      return undefined
    }
  }
}

/** Whether a message counted as a beat. */
export function isAccepted(outcome: InboxOutcome): outcome is 'ok' | 'recovered' | 'registered' {
  return outcome === 'ok' || outcome === 'recovered' || outcome === 'registered'
}
