// Checked by the compiler alone: each line compiles, or does not where it says so.
import { DelayQueue, LifoQueue, PriorityQueue, Queue } from '@cupola/queue'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

const queue = new Queue<string>()
const item = queue.get()
same<typeof item, Promise<string>>(true)
const maybe = queue.tryGet()
same<typeof maybe, string | undefined>(true)
const left = queue.terminate()
same<typeof left, Promise<string[]>>(true)

// Options may be forwarded as they came, `undefined` included.
declare const capacity: number | undefined
declare const signal: AbortSignal | undefined
void new Queue<string>({ capacity, clock: undefined, store: undefined }).put('', { signal })

// A queue in another order is a queue.
const queues: Queue<string>[] = [
  new LifoQueue<string>(),
  new PriorityQueue<string>({ priority: (text) => text.length }),
  new PriorityQueue<string>({ compare: (one, other) => one.localeCompare(other) }),
  new DelayQueue<string>({ delayMs: (text) => text.length }),
]
void queues

// @ts-expect-error an item of another type
void queue.put(1)
// @ts-expect-error neither priority nor compare
void new PriorityQueue<string>({})
// @ts-expect-error both
void new PriorityQueue<string>({ priority: () => 1, compare: () => 0 })
// @ts-expect-error no delay
void new DelayQueue<string>({})
// @ts-expect-error its order is its own
void new LifoQueue<string>({ store: undefined })
