import { Worker } from 'node:worker_threads'
import { BrokenError, systemClock } from '@cupola/core'
import type { Rhythm, Tell } from './beat-loop.ts'
import { type PortableError, unpackError } from './portable-error.ts'
import { Pulse } from './pulse.ts'
import type { HeartbeatSenderEvents } from './sender-events.ts'
import type { SenderSettings } from './sender-options.ts'
import type { PortableRoute } from './transports/route.ts'

/** What the thread needs to know at the start. */
export interface SenderBoot {
  readonly key: string
  readonly epoch: number
  readonly secret: string | Uint8Array | undefined
  readonly route: PortableRoute
  readonly rhythm: Rhythm
  readonly pulse: SharedArrayBuffer
  readonly tickMs: number
  readonly metaText: string | undefined
}

/** What the thread is told later. */
export type SenderOrder = 'end' | { readonly metaText: string | undefined }

/** What the thread tells. */
type SenderReport =
  | {
      [Name in Exclude<keyof HeartbeatSenderEvents, 'failure'>]: {
        readonly name: Name
        readonly event: HeartbeatSenderEvents[Name]
      }
    }[Exclude<keyof HeartbeatSenderEvents, 'failure'>]
  | {
      readonly name: 'failure'
      readonly event: HeartbeatSenderEvents['failure'] & { readonly error: PortableError }
    }

/** It has the extension of this file: `.js` once built, `.ts` as source. */
const ENTRY = new URL(`./sender-thread${import.meta.url.slice(-3)}`, import.meta.url)

/** How long the thread may take to end after its last call has. */
const END_GRACE_MS = 1000

/** A {@link BeatLoop} in a thread of its own. Neither keeps the process alive. */
export class ThreadSender {
  readonly #worker: Worker
  readonly #pulse: Disposable
  readonly #exit: Promise<void>
  readonly #timeoutMs: number
  #isEnding = false

  constructor(settings: SenderSettings, route: PortableRoute, tell: Tell) {
    const { key, epoch, secret, rhythm, meta } = settings
    this.#timeoutMs = rhythm.timeoutMs
    const tickMs = rhythm.periodMs / 4
    const pulse = new Pulse(tickMs)
    const metaText = textOf(meta, tell)
    const shared = { pulse: pulse.buffer, tickMs }
    const boot: SenderBoot = { key, epoch, secret, route, rhythm, ...shared, metaText }
    const transferList = route.over === 'port' ? [route.port] : []
    this.#worker = new Worker(ENTRY, { workerData: boot, transferList, name: 'heartbeat' })
    this.#worker.on('message', ({ name, event }: SenderReport) => {
      if (name === 'failure') tell(name, { ...event, error: unpackError(event.error) })
      else tell(name, event)
    })
    // Not before somebody listens: whoever does refs it again.
    this.#worker.unref()
    this.#exit = this.#watch(tell)
    this.#pulse = pulse.start(() => {
      const order: SenderOrder = { metaText: textOf(meta, tell) }
      if (meta !== undefined) this.#worker.postMessage(order)
    })
  }

  /** As {@link BeatLoop.end}. Terminates a thread that does not end. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#pulse[Symbol.dispose]()
    const order: SenderOrder = 'end'
    this.#worker.postMessage(order)
    this.#worker.ref()
    const end = (): void => void this.#worker.terminate()
    const timer = systemClock.setTimer(end, this.#timeoutMs + END_GRACE_MS)
    await this.#exit
    timer.cancel()
  }

  #watch(tell: Tell): Promise<void> {
    let cause: unknown
    this.#worker.on('error', (error) => (cause = error))
    return new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#pulse[Symbol.dispose]()
        const error = new BrokenError('send heartbeats', 'the thread that does has died', { cause })
        if (!this.#isEnding) tell('failure', { sequence: 0, error, failures: Infinity })
        resolve()
      })
    })
  }
}

/** Text, because what JSON can hold is less than what another thread can be sent, and something else. */
function textOf(meta: (() => unknown) | undefined, tell: Tell): string | undefined {
  try {
    return JSON.stringify(meta?.())
  } catch (error) {
    tell('failure', { sequence: 0, error, failures: 1 })
    return undefined
  }
}
