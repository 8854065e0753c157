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
  /** The host: a name or an address. Of a name, all addresses are tried, IPv4 and IPv6. */
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

type NetPace = {
  readonly firstIntervalMs: number
  readonly intervalMs: number
  readonly attemptMs: number
}

/** Checks a port. */
export function requirePort(port: number): number {
  return requireInteger('port', port, 1, 65_535)
}
