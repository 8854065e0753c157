import { channel, tracingChannel, type TracingChannel } from 'node:diagnostics_channel'
import type { Emitter } from '@cupola/core/authoring'
import type { ThreadPoolEvents } from './thread-pool-events.ts'
import type { ThreadPool } from './thread-pool.ts'

/** What every message on a channel of `node:diagnostics_channel` says. */
export interface PoolDiagnostics {
  /** The pool. */
  readonly pool: Pick<ThreadPool, 'stats' | 'threadStats'>
  /** Its worker module. */
  readonly moduleUrl: string
}

/**
 * What the messages of one call say that travel on the tracing channel `cupola:thread-pool:call`:
 * `start` when it is made, `asyncEnd` when it has settled, with `result`, or after `error`.
 */
export interface CallDiagnostics extends PoolDiagnostics {
  /** The function. */
  readonly name: string
  /** Its arguments. */
  readonly args: readonly unknown[]
}

/** Their payload travels on channels called `cupola:thread-pool:threadStart` and so on. */
const PUBLISHED = ['threadStart', 'threadExit', 'recycle', 'interrupt', 'broken'] as const

/** The channel of the calls of all pools. */
export function callChannel(): TracingChannel<unknown, CallDiagnostics> {
  return tracingChannel('cupola:thread-pool:call')
}

/** Publishes what the pool tells its listeners, if anybody has subscribed. */
export function publish(events: Emitter<ThreadPoolEvents>, from: PoolDiagnostics): void {
  for (const name of PUBLISHED) {
    const subscribed = channel(`cupola:thread-pool:${name}`)
    events.on(name, (event) => {
      if (subscribed.hasSubscribers) subscribed.publish({ ...from, ...event })
    })
  }
}
