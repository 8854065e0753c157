// Checked by the compiler alone: each line compiles, or does not where it says so.
import { spawn } from 'node:child_process'
import {
  type FileMatch,
  waitForAll,
  waitForAny,
  waitForFile,
  waitForProcess,
  waitForProcessExit,
  waitForText,
  waitUntil,
} from '@cupola/autowait'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

// What is falsy has not been waited for.
declare const answer: () => Promise<'' | 'yes' | 0 | undefined | null | false>
const truthy = waitUntil(answer)
same<typeof truthy, Promise<'yes'>>(true)

// There is at least one match.
const [file] = await waitForFile('*.txt')
same<typeof file, FileMatch>(true)

// Each wait gives what it gives.
const all = waitForAll([async () => 1 as const, async () => 'a' as const])
same<typeof all, Promise<[1, 'a']>>(true)
const any = waitForAny([async (): Promise<number> => 1, async () => 2])
same<typeof any, Promise<number>>(true)

// What was found is a query, and so is a child.
const [found] = await waitForProcess({ name: 'node' })
void waitForProcessExit(found)
void waitForProcessExit(spawn('true'))

// Options may be forwarded as they came, `undefined` included.
declare const timeout: number | undefined
void waitForFile('a', { timeout, signal: undefined, until: undefined, clock: undefined })

// @ts-expect-error -- there is no such state
void waitForFile('a', { until: 'done' })
// @ts-expect-error -- a pattern is a text, an expression or a function
void waitForText('log', 5)
// @ts-expect-error -- a wait takes options, it is not begun yet
void waitForAll([waitForFile('a')])
