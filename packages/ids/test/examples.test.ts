import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'

describe('the examples', () => {
  it.each([
    [
      'numbered-by-threads.ts',
      'The main thread has 0\nThe threads have 1 2 3 4 5 6 7 8 9 10 11 12\nThey wrote to 12 different files\n',
    ],
    [
      'across-restarts.ts',
      'First run: 0 1 2, as 0a0000011f9000000000000000000000 and so on\n' +
        'Second run: 100 101 102, as 0a0000011f9000000000000000000064 and so on\n' +
        'Third run: 200 201 202, as 0a0000011f90000000000000000000c8 and so on\n',
    ],
  ])('run: %s', async (name, stdout) => {
    const program = new URL(`../examples/${name}`, import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout, stderr: '' })
  })
})
