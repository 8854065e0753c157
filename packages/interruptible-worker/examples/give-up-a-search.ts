// Ends code that would never end by itself, and goes on in the same thread, with what it knows.
import { InterruptibleWorker } from '@cupola/interruptible-worker'
import type * as Search from './search.ts'

const module = new URL('./search.ts', import.meta.url)
const worker = new InterruptibleWorker<typeof Search>(module)
worker.on('interrupt', ({ name, stage }) => console.log(`"${name}" was ended: ${stage}`))
const { threadId } = worker

await worker.run('search', ['[a-z]+', 'some words'])

// A timeout: catastrophic backtracking, which no checkpoint can be put into.
try {
  await worker.run('search', ['^(a+)+$', `${'a'.repeat(60)}b`], { timeout: 100 })
} catch (error) {
  console.log(error instanceof Error ? error.name : error)
}

// By hand: a function that minds its checkpoints decides what it returns.
const counting = worker.run('count', [])
setTimeout(() => void worker.interrupt('enough'), 100)
console.log(await counting)

console.log(await worker.run('results', []), worker.threadId === threadId)
await worker.close()
