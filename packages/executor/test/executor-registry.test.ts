import { VirtualClock } from '@cupola/core/testing'
import { ExecutorRegistry } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { gate } from './fixtures/set-up.ts'

describe('ExecutorRegistry.named()', () => {
  it('gives one executor for one name, to whoever asks alike or does not care', () => {
    const executors = new ExecutorRegistry()
    const options = { queueConcurrency: 2, rate: { tasks: 5, perMs: 1000 } }
    const mail = executors.named('mail', options)

    expect(executors.named('mail')).toBe(mail)
    expect(
      executors.named('mail', { queueConcurrency: 2, rate: { tasks: 5, perMs: 1000, burst: 5 } }),
    ).toBe(mail)
    expect(executors.named('news')).not.toBe(mail)
    expect(executors.names).toEqual(['mail', 'news'])
  })

  it.each([
    [{ queueConcurrency: 3 }, 'got 3, expected 2'],
    [{}, 'got none, expected 2'],
    [{ queueConcurrency: 2, rate: { tasks: 6, perMs: 1000 } }, 'expected none'],
    [{ queueConcurrency: 2, clock: new VirtualClock() }, 'a clock'],
  ])('refuses whoever asks for it with %o', (options, message) => {
    const executors = new ExecutorRegistry()
    executors.named('mail', { queueConcurrency: 2 })

    expect(() => executors.named('mail', options)).toThrow(message)
  })

  it('makes another when the first is closed', async () => {
    const executors = new ExecutorRegistry()
    const first = executors.named('mail', { queueConcurrency: 2 })
    await first.close()
    expect(executors.names).toEqual([])

    const second = executors.named('mail', { queueConcurrency: 9 })

    expect(second).not.toBe(first)
    await executors.close()
    expect(second.closed).toBe(true)
  })

  it('waits at its end for one that was replaced before it had come to its own', async () => {
    const executors = new ExecutorRegistry()
    const first = executors.named('mail')
    const run = gate()
    first.queueExec(run.fn)
    void first.close()
    executors.named('mail')

    const closing = executors.close()
    await expect(stateOf(closing)).resolves.toBe('pending')
    run.open(undefined)

    await closing
    expect(first.stats().open).toBe(0)
  })

  it('refuses what is no name, and has its executors apart from those of another registry', () => {
    const executors = new ExecutorRegistry()

    // @ts-expect-error -- a caller without a compiler
    expect(() => executors.named(5)).toThrow(TypeError)
    expect(new ExecutorRegistry().named('mail')).not.toBe(executors.named('mail'))
  })
})
