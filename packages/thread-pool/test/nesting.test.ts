import { BrokenError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { errorOf } from '../../../test/reason-of.ts'
import type * as Nesting from './fixtures/nesting.ts'
import { poolOf } from './fixtures/pools.ts'

const moduleUrl = new URL('./fixtures/nesting.ts', import.meta.url)
const nestingPool = () => poolOf<typeof Nesting>(moduleUrl, { maxThreads: 1 })

describe('a pool of the module that its thread runs', () => {
  it('is refused when it is called, with an error that says why', async () => {
    const pool = nestingPool()

    const error = await errorOf(pool.run('callSelf', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toBe(
      'Cannot call "whichThread": ' +
        `it would start threads of ${moduleUrl.href} inside a thread of that module`,
    )
  })

  it('is refused as well if the thread runs another module, in a thread of that module', async () => {
    const pool = nestingPool()

    const error = await errorOf(pool.run('callSelfThroughAnother', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toContain('inside a thread of that module')
  })

  it('starts no thread when the module is imported, whatever minThreads says', async () => {
    const pool = nestingPool()

    const { started, error } = await pool.run('fare', [])

    expect(started).toBe(0)
    expect(String(error)).toContain('inside a thread of that module')
    expect(liveThreads()).toBe(1)
  })

  it('does not keep the module from being used', async () => {
    const pool = nestingPool()

    await expect(pool.run('whichThread', [])).resolves.toBeGreaterThan(0)
  })
})

describe('a pool of another module inside a thread', () => {
  it('works', async () => {
    const pool = nestingPool()

    await expect(pool.run('callAnother', [])).resolves.toBe(42)
  })
})
