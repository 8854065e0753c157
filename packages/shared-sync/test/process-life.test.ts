import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

const program = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url)

describe('a process', () => {
  it('lives while somebody awaits a mutex that another thread holds', async () => {
    const outcome = await runProgram(program('await-mutex.ts'))

    expect(outcome).toEqual({ code: 0, stdout: 'acquired\n', stderr: '' })
  })

  it('ends although waits were given up that shared memory still knows', async () => {
    const outcome = await runProgram(program('give-up.ts'))

    expect(outcome).toEqual({ code: 0, stdout: 'gave up\n', stderr: '' })
  })
})
