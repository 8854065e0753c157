import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it.each([
    ['turnstile.ts', 'Ada went in, then Bob; the others did not wait in vain.\n'],
    ['expiring-cache.ts', 'The weather of yesterday is forgotten.\n'],
  ])('run: %s', async (name, stdout) => {
    const program = new URL(`../examples/${name}`, import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
