// Checked by the compiler alone: each line compiles, or does not where it says so.
import { InterruptibleWorker, type InterruptOutcome } from '@cupola/interruptible-worker'
import { currentTask, move } from '@cupola/interruptible-worker/task'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

interface Work {
  add(a: number, b: number): number
  read(path: string): Promise<Uint8Array>
  readonly version: string
}

const worker = new InterruptibleWorker<Work>('./work.js')
const any = new InterruptibleWorker('./work.js')

const sum = worker.run('add', [1, 2])
const bytes = worker.run('read', ['file'], { timeout: 5 })
const anything = any.run('any', [1, 'two'])
same<typeof sum, Promise<number>>(true)
same<typeof bytes, Promise<Uint8Array>>(true)
same<typeof anything, Promise<unknown>>(true)

// @ts-expect-error -- no such function
void worker.run('subtract', [1, 2])
// @ts-expect-error -- not a function
void worker.run('version', [])
// @ts-expect-error -- wrong arguments
void worker.run('add', ['1', 2])
// @ts-expect-error -- only a pool has priorities
void worker.run('add', [1, 2], { priority: 1 })

const outcome = worker.interrupt('why', { checkpointMs: 5 })
const ended = worker.terminate({ retries: 1, intervalMs: 5 })
same<typeof outcome, Promise<InterruptOutcome>>(true)
same<typeof ended, Promise<boolean>>(true)
// @ts-expect-error -- no such option
void worker.interrupt('why', { graceMs: 5 })

const seven = currentTask().uninterruptible(() => 7)
const moved = move(new Date(), [])
same<typeof seven, number>(true)
same<typeof moved, Date>(true)
