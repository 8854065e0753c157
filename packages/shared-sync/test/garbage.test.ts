import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

const program = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url)

describe('a thread that has kept nothing but the handle', () => {
  it('can attach again at any time, and has one seat', async () => {
    const outcome = await runProgram(program('attach-again.ts'))

    expect(outcome).toEqual({ code: 0, stdout: 'true\nfalse\n', stderr: '' })
  })
})

describe('a mutex that was waited for in vain', () => {
  it('is collected when nobody uses it any more', async () => {
    const outcome = await runProgram(program('drop-after-waiting.ts'))

    expect(outcome).toEqual({ code: 0, stdout: '0\n', stderr: '' })
  })
})

describe('a guard that is dropped', () => {
  it('leaves the mutex held, and not broken, while its thread uses that', async () => {
    const outcome = await runProgram(program('drop-guard.ts'))

    expect(outcome).toEqual({ code: 0, stdout: 'true false\n', stderr: '' })
  })
})
