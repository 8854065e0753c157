import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions } from '@cupola/core/authoring'
import type { ClockOptions } from '../keep-looking.ts'
import { type PaceOptions, requireInterval } from '../pace.ts'

/** How the waits for processes wait. */
export interface ProcessWaitOptions extends WaitOptions, PaceOptions, ClockOptions {
  /**
   * The first pause between two looks, in milliseconds from 1 up. Each pause is half as long again as
   * the one before, up to `intervalMs`.
   *
   * @defaultValue 10
   */
  readonly firstIntervalMs?: number | undefined
  /**
   * The longest pause between two looks, in milliseconds from 1 up.
   *
   * @defaultValue 500
   */
  readonly intervalMs?: number | undefined
}

/** Checks the options, and gives the pace. */
export function processPace(options: ProcessWaitOptions): Pauses {
  checkWaitOptions(options)
  const { firstIntervalMs = 10, intervalMs = 500 } = options
  requireInterval('firstIntervalMs', firstIntervalMs)
  requireInterval('intervalMs', intervalMs)
  return { firstIntervalMs, intervalMs }
}

type Pauses = { readonly firstIntervalMs: number; readonly intervalMs: number }
