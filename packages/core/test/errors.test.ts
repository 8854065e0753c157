import { inspect } from 'node:util'
import {
  BrokenError,
  ClosedError,
  CupolaError,
  FullError,
  InterruptedError,
  InvariantError,
  TimeoutError,
} from '@cupola/core'
import { describe, expect, it } from 'vitest'

const cause = new Error('the disk is full')
const refused = { item: 7 }

const failures = [
  {
    name: 'TimeoutError',
    code: 'ERR_TIMEOUT',
    message: 'Cannot acquire the lock: waited 250 ms',
    create: () => new TimeoutError('acquire the lock', 250, { cause }),
  },
  {
    name: 'ClosedError',
    code: 'ERR_CLOSED',
    message: 'Cannot run the task: the thread pool is closed',
    create: () => new ClosedError('run the task', 'the thread pool', { cause }),
  },
  {
    name: 'BrokenError',
    code: 'ERR_BROKEN',
    message: 'Cannot run the task: its thread ended with exit code 1',
    create: () => new BrokenError('run the task', 'its thread ended with exit code 1', { cause }),
  },
  {
    name: 'FullError',
    code: 'ERR_FULL',
    message: 'Cannot put the item: all 100 places are taken',
    create: () => new FullError('put the item', 'all 100 places are taken', refused),
  },
  {
    name: 'InterruptedError',
    code: 'ERR_INTERRUPTED',
    message: 'Cannot finish the task: it was interrupted (checkpoint)',
    create: () => new InterruptedError('finish the task', 'checkpoint', { cause }),
  },
  {
    name: 'InvariantError',
    code: 'ERR_INVARIANT',
    message: 'Cannot go on: "a node is in one list at most" does not hold, please report this',
    create: () => new InvariantError('a node is in one list at most'),
  },
]

describe.each(failures)('$name', ({ name, code, message, create }) => {
  it('is a CupolaError and an Error', () => {
    const error = create()

    expect(error).toBeInstanceOf(CupolaError)
    expect(error).toBeInstanceOf(Error)
  })

  it('says what could not be done and why', () => {
    expect(create().message).toBe(message)
  })

  it('carries its code as an own property, so that console.log shows it', () => {
    const error = create()

    expect(error.code).toBe(code)
    expect(Object.keys(error)).toContain('code')
    expect(inspect(error)).toContain(`code: '${code}'`)
  })

  it('has its name on the prototype', () => {
    const error = create()

    expect(error.name).toBe(name)
    expect(Object.hasOwn(error, 'name')).toBe(false)
    expect(String(error)).toBe(`${name}: ${message}`)
  })

  it('has a stack that begins with name and message and tells who made it', () => {
    const [first, second] = (create().stack ?? '').split('\n')

    expect(first).toBe(`${name}: ${message}`)
    expect(second).toContain('errors.test.ts')
  })
})

describe('the data of errors', () => {
  it('includes the timeout that was exceeded', () => {
    expect(new TimeoutError('wait', 2 ** 31).timeout).toBe(2 ** 31)
  })

  it('includes what a FullError did not take, the very same object', () => {
    expect(new FullError('put the item', 'it is full', refused).refused).toBe(refused)
  })

  it('includes how far an interruption had to go', () => {
    expect(new InterruptedError('finish', 'thread').stage).toBe('thread')
  })

  it.each([
    new TimeoutError('wait', 1, { cause }),
    new ClosedError('wait', 'it', { cause }),
    new BrokenError('wait', 'it broke', { cause }),
    new InterruptedError('wait', 'signal', { cause }),
  ])('includes the cause of a $name, the very same object', (error) => {
    expect(error.cause).toBe(cause)
  })

  it('has no cause unless there is one', () => {
    expect('cause' in new TimeoutError('wait', 1)).toBe(false)
  })
})
