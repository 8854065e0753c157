import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { waitForProcessExit } from '@cupola/autowait'
import pWaitFor from 'p-wait-for'
import { pollAsCup } from './contestants.ts'
import { BEFORE_MS, LIMIT_MS, SPREAD_MS } from './workloads.ts'

/** A process that runs, and how it can be known: a child by its handle, anybody by the pid. */
interface Running {
  readonly pid: number
  readonly child: ChildProcess | undefined
}

/** Waits for the end of a process; resolves when it is noticed. */
export interface ExitContestant {
  readonly name: string
  readonly settings: string
  wait(running: Running, timeout: number): Promise<unknown>
}

/** Processes that end when they are told to. */
export interface ExitWorkload {
  readonly name: string
  readonly title: string
  readonly requiredMs: number
  start(): Promise<Running>
}

const SLEEPER = ['sleep', '60'] as const

export const exitWorkloads: readonly ExitWorkload[] = [
  {
    name: 'child',
    title: 'A child of ours is killed.',
    requiredMs: 50,
    async start() {
      const [program, ...args] = SLEEPER
      const child = spawn(program, args, { stdio: 'ignore' })
      await once(child, 'spawn')
      return { pid: child.pid ?? 0, child }
    },
  },
  {
    name: 'stranger',
    title: 'A process that is not our child is killed.',
    requiredMs: 600,
    async start() {
      const script = `${SLEEPER.join(' ')} >/dev/null 2>&1 & echo $!`
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script])
      return { pid: Number(stdout), child: undefined }
    },
  },
]

/** Whether somebody has the pid; a zombie does. */
function hasPid(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Who waits for the end of a process. */
export const exitWaiters: readonly ExitContestant[] = [
  {
    name: '@cupola/autowait',
    settings: 'as it is',
    wait: async ({ pid, child }, timeout) => await waitForProcessExit(child ?? pid, { timeout }),
  },
  {
    name: 'p-wait-for',
    settings: 'kill(pid, 0) every 20 ms',
    wait: async ({ pid }, timeout) => await pWaitFor(() => !hasPid(pid), { timeout }),
  },
  {
    name: 'polling as CUP does',
    settings: 'kill(pid, 0) every 500 ms',
    wait: async ({ pid }, timeout) => await pollAsCup(async () => !hasPid(pid), 500, timeout),
  },
]

/** How long it took to notice the end, in milliseconds; `undefined` if it was missed. */
export async function runExitTrial(
  contestant: ExitContestant,
  { start }: ExitWorkload,
): Promise<number | undefined> {
  const running = await start()
  const noticed = contestant.wait(running, LIMIT_MS).then(
    () => performance.now(),
    () => undefined,
  )
  await sleep(BEFORE_MS + Math.random() * SPREAD_MS)
  const killed = performance.now()
  process.kill(running.pid, 'SIGKILL')
  const at = await noticed
  return at === undefined ? undefined : at - killed
}
