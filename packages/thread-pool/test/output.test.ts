import type { ThreadPoolEvents } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { runProgram } from '../../../test/run-program.ts'
import { until } from '../../../test/until.ts'
import { textPool } from './fixtures/pools.ts'

const TALKATIVE = `
  export const say = (...words) => { for (const word of words) console.log(word) }
  export const complain = (word) => console.error(word)
  export const sayAndExit = (word) => { console.log(word); process.exit(1) }
  export const sayAndSpin = (word, entered) => {
    console.log(word)
    Atomics.store(entered, 0, 1)
    for (;;);
  }
  export const whichThread = async () => (await import('node:worker_threads')).threadId`

function talkative() {
  const pool = textPool(TALKATIVE, {
    maxThreads: 1,
    workerOptions: { stdout: true, stderr: true },
  })
  const heard: ThreadPoolEvents['output'][] = []
  pool.on('output', (event) => heard.push(event))
  const said = (stream: 'stdout' | 'stderr') =>
    heard.flatMap((event) => (event.stream === stream ? [event.text] : [])).join('')
  return { pool, heard, said }
}

describe("the event 'output'", () => {
  it('tells what a thread writes, and which thread that is', async () => {
    const { pool, heard, said } = talkative()
    const threadId = await pool.run('whichThread', [])

    await pool.run('say', ['ä', 'b'])
    await pool.run('complain', ['c'])
    await until(() => said('stdout') === 'ä\nb\n' && said('stderr') === 'c\n')

    expect(new Set(heard.map((event) => event.threadId))).toEqual(new Set([threadId]))
  })

  it('tells everything that was written before the pool is closed', async () => {
    const { pool, said } = talkative()
    const words = Array.from({ length: 1000 }, (_, index) => `word ${index}`)

    await pool.run('say', words)
    await pool.close()
    await until(() => said('stdout').endsWith('word 999\n'))

    expect(said('stdout')).toBe(words.map((word) => `${word}\n`).join(''))
  })

  it('tells what was written just before the thread exits', async () => {
    const { pool, said } = talkative()

    await reasonOf(pool.run('sayAndExit', ['goodbye']))
    await until(() => said('stdout') !== '')

    expect(said('stdout')).toBe('goodbye\n')
  })

  it('tells what was written just before the thread is terminated', async () => {
    const { pool, said } = talkative()
    const entered = new Int32Array(new SharedArrayBuffer(4))
    const call = reasonOf(pool.run('sayAndSpin', ['goodbye', entered]))
    await until(() => entered[0] === 1)

    await pool.terminate()
    await call
    await until(() => said('stdout') !== '')

    expect(said('stdout')).toBe('goodbye\n')
  })
})

describe('what a thread writes', () => {
  it("goes to the process's own streams if nobody wants it otherwise", async () => {
    const program = new URL('fixtures/output-program.ts', import.meta.url)

    const { stdout, stderr, code } = await runProgram(program)

    expect({ stdout, stderr, code }).toEqual({ stdout: 'said\n', stderr: 'complained\n', code: 0 })
  })
})
