// The far end of `../bare-transport.ts`: answers each batch of calls with one batch of results.
import { parentPort } from 'node:worker_threads'
import { FUNCTIONS } from '../bare-transport.ts'
import { add, fail, keptBytes, spin, spinLong, spinShort, timeSpins, touch } from './tasks.ts'

const byName = { add, fail, keptBytes, spin, spinLong, spinShort, timeSpins, touch }
const functions = FUNCTIONS.map((name) => byName[name] as (argument: unknown) => unknown)

parentPort?.on('message', (batch: readonly unknown[]) => {
  const answers: unknown[] = []
  const moved: ArrayBuffer[] = []
  for (let index = 0; index < batch.length; index += 3) {
    const result = functions[batch[index + 1] as number]?.(batch[index + 2])
    if (result instanceof ArrayBuffer) moved.push(result)
    answers.push(batch[index], result)
  }
  parentPort?.postMessage(answers, moved)
})
