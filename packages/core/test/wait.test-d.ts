// Checked by the compiler alone: each line compiles, or does not where it says so.
import type { WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

declare const lock: Waitable<{ readonly guard: true }>
declare const permits: Waitable<'granted', number>

// A wait promises what its waitable gives, never NOT_YET.
const locked = wait(lock, undefined, undefined)
same<typeof locked, Promise<{ readonly guard: true }>>(true)
const granted = wait(permits, { timeout: 5 }, 3)
same<typeof granted, Promise<'granted'>>(true)

// Options may be forwarded as they came, `undefined` included.
declare const signal: AbortSignal | undefined
declare const timeout: number | undefined
void wait(lock, { signal, timeout }, undefined)
const options: WaitOptions = { signal: undefined, timeout: undefined }
void wait(lock, options, undefined)
void wait(lock, new AbortController(), undefined)

// @ts-expect-error -- a timeout is a number
void wait(lock, { timeout: '5' }, undefined)
// @ts-expect-error -- a timeout that is missing is undefined
void wait(lock, { timeout: null }, undefined)
// @ts-expect-error -- the options are an object
void wait(lock, 500, undefined)
// @ts-expect-error -- the options have no such member
void wait(lock, { timeoutMs: 500 }, undefined)
// @ts-expect-error -- a controller is not its signal
void wait(lock, { signal: new AbortController() }, undefined)
// @ts-expect-error -- the detail has the type that the waitable wants
void wait(permits, undefined, 'three')
// @ts-expect-error -- the detail cannot be left out
void wait(permits, undefined)
// @ts-expect-error -- options are read, never written
options.timeout = 5

// A waitable is complete, its fast path gives the result or NOT_YET, and it refuses with errors.
const queue = new LinkedList<Waiter<string>>()
const gate = { action: 'pass', refusal: () => undefined, queueOf: () => queue }
void ({ ...gate, tryNow: () => NOT_YET } satisfies Waitable<string>)
void ({ ...gate, tryNow: () => 'passed' } satisfies Waitable<string>)
// @ts-expect-error -- there is no fast path
void (gate satisfies Waitable<string>)
// @ts-expect-error -- the fast path gives something else
void ({ ...gate, tryNow: () => 5 } satisfies Waitable<string>)
// @ts-expect-error -- a refusal is an error
void ({ ...gate, tryNow: () => NOT_YET, refusal: () => 'closed' } satisfies Waitable<string>)

// A waiter is resolved with a result.
queue.first?.resolve('passed')
// @ts-expect-error -- of the right type
queue.first?.resolve(5)
