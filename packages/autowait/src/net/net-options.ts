import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireInteger } from '@cupola/core/authoring'
import type { ClockOptions } from '../keep-looking.ts'
import { type PaceOptions, requireInterval } from '../pace.ts'

/** How the waits for ports and servers wait. */
export interface NetWaitOptions extends WaitOptions, PaceOptions, ClockOptions {
  /**
   * The first pause between two attempts, in milliseconds from 1 up. Each pause is half as long again
   * as the one before, up to `intervalMs`.
   *
   * @defaultValue 20
   */
  readonly firstIntervalMs?: number | undefined
  /**
   * The longest pause between two attempts, in milliseconds from 1 up.
   *
   * @defaultValue 500
   */
  readonly intervalMs?: number | undefined
  /**
   * How many milliseconds one attempt may take: a host that throws packets away would otherwise hold
   * up the next attempt for minutes.
   *
   * @defaultValue 5000
   */
  readonly attemptMs?: number | undefined
}

/** How {@link waitForPort} and {@link waitForPortFree} wait. */
export interface PortWaitOptions extends NetWaitOptions {
  /**
   * The host: a name, or an address without brackets. Of a name, all addresses are tried, IPv4 and
   * IPv6.
   *
   * @defaultValue `'localhost'`; to `waitForPortFree` on Linux, any address of this machine
   */
  readonly host?: string | undefined
}

/** Checks the options, and gives the pace. */
export function netPace(options: NetWaitOptions): NetPace {
  checkWaitOptions(options)
  const { firstIntervalMs = 20, intervalMs = 500, attemptMs = 5000 } = options
  requireInterval('firstIntervalMs', firstIntervalMs)
  requireInterval('intervalMs', intervalMs)
  requireInterval('attemptMs', attemptMs)
  return { firstIntervalMs, intervalMs, attemptMs }
}

/** Checks a host. No address, or one with brackets, would be looked up for ever. */
export function requireHost(host: string | undefined): string | undefined {
  if (host === undefined) return undefined
  if (typeof host === 'string' && host !== '' && !/[[\]\s]/.test(host)) return host
  const problem = typeof host === 'string' ? `"${host}"` : typeof host
  throw new TypeError(`Cannot use host: got ${problem}, expected a name or an address`)
}

type NetPace = {
  readonly firstIntervalMs: number
  readonly intervalMs: number
  readonly attemptMs: number
}

/** Checks a port. */
export function requirePort(port: number): number {
  return requireInteger('port', port, 1, 65_535)
}
