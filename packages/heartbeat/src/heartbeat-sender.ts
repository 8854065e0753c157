import type { ListenOptions } from '@cupola/core'
import { Emitter } from '@cupola/core/authoring'
import { BeatLoop, type Tell } from './beat-loop.ts'
import { writeMessage } from './message.ts'
import type { HeartbeatSenderEvents } from './sender-events.ts'
import {
  type HeartbeatSenderOptions,
  senderSettingsOf,
  type SenderSettings,
} from './sender-options.ts'
import { ThreadSender } from './thread-sender.ts'
import { isPortable, openTransport } from './transports/route.ts'

/** Counts of a `HeartbeatSender` at one moment. */
export interface HeartbeatSenderStats {
  /** How many beats were accepted, or have left. */
  readonly sent: number
  /** How many were not. */
  readonly failed: number
  /** Whether nothing was sent with success for too long. */
  readonly silent: boolean
}

/**
 * Beats for a device from when it is made until it is closed.
 *
 * Beats are a period apart at most, and less by chance; each has a time limit, and one is under way at a
 * time. What fails is an event, never an exception.
 *
 * In a thread of its own it beats on while this one is blocked, and says for how long it has been: so that
 * a monitor can tell a busy process from a dead one. Without, a blocked event loop sends nothing.
 *
 * It does not keep the process alive.
 *
 * @example Beat for a monitor in the same process
 * ```ts
 * import { VirtualClock } from '@cupola/core/testing'
 * import { BeatInbox, HeartbeatMonitor, HeartbeatSender } from '@cupola/heartbeat'
 *
 * const clock = new VirtualClock()
 * const monitor = new HeartbeatMonitor({ lostAfterMs: 3000, clock })
 * const route = { over: 'inbox', inbox: new BeatInbox(monitor) } as const
 * const sender = new HeartbeatSender({ key: 'a', lostAfterMs: 3000, route, clock })
 *
 * await clock.advance(60_000)
 * monitor.device('a')?.state // => 'alive'
 * await sender.close()
 * await clock.advance(60_000)
 * monitor.takeLost().map(({ key }) => key) // => ['a']
 * ```
 */
export class HeartbeatSender implements AsyncDisposable {
  /** Who it beats for. */
  readonly key: string
  /** Its session. */
  readonly epoch: number
  readonly #events = new Emitter<HeartbeatSenderEvents>()
  readonly #beating: { end(): Promise<void> }
  #sent = 0
  #failed = 0
  #isSilent = false
  #closing: Promise<void> | undefined

  /**
   * @throws TypeError If an option has the wrong type, or does not go with `thread`.
   * @throws RangeError If a number is out of its range.
   * @throws BrokenError If there is no such way from here.
   */
  constructor(options: HeartbeatSenderOptions) {
    const settings = senderSettingsOf(options)
    const { key, epoch, route, thread } = settings
    this.key = key
    this.epoch = epoch
    const tell: Tell = (name, event) => this.#onEvent(name, event)
    this.#beating =
      thread && isPortable(route) ? new ThreadSender(settings, route, tell) : loopOf(settings, tell)
  }

  /** Whether {@link close} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** Calls `listener` at each event of that name, until the result is disposed. */
  on<Name extends keyof HeartbeatSenderEvents>(
    name: Name,
    listener: (event: HeartbeatSenderEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    return this.#events.on(name, listener, options)
  }

  /** Counts, in O(1). */
  stats(): HeartbeatSenderStats {
    return Object.freeze({ sent: this.#sent, failed: this.#failed, silent: this.#isSilent })
  }

  /** Beats no more, once the beat that is under way has arrived or failed. */
  close(): Promise<void> {
    this.#closing ??= this.#beating.end()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #onEvent<Name extends keyof HeartbeatSenderEvents>(
    name: Name,
    event: HeartbeatSenderEvents[Name],
  ): void {
    if (name === 'sent') this.#sent++
    else if (name === 'failure') this.#failed++
    else this.#isSilent = name === 'silent'
    this.#events.emit(name, event)
  }
}

function loopOf(
  { key, epoch, route, rhythm, meta, secret, clock }: SenderSettings,
  tell: Tell,
): BeatLoop {
  const { periodMs } = rhythm
  return new BeatLoop({
    clock,
    transport: openTransport(route),
    rhythm,
    messageOf: (sequence) =>
      writeMessage({ key, epoch, sequence, periodMs, meta: meta?.() }, secret),
    tell,
  })
}
