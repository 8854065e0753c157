import { TimeoutError } from '@cupola/core'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Executor, Task, TaskRun } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { gate, setUp } from './fixtures/set-up.ts'

describe('runTimeout', () => {
  it('fails the task and aborts its signal, but keeps the slot until the function has settled', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    let reason: unknown
    const stuck = executor.queueExec(
      ({ signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason))
        return fn()
      },
      { runTimeout: 50 },
    )
    const next = executor.queueExec(() => 'next')

    await clock.advance(50)

    await expect(stuck.result).rejects.toBeInstanceOf(TimeoutError)
    expect(reason).toBeInstanceOf(TimeoutError)
    expect([stuck.state, next.state, executor.stats().running]).toEqual(['failed', 'queued', 1])
    open('late')
    await expect(next.result).resolves.toBe('next')
  })

  it('counts from the call of the function, and leaves no timer', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const first = gate()
    executor.queueExec(first.fn)
    const second = gate<string>()
    const task = executor.queueExec(second.fn, { runTimeout: 50 })
    await clock.advance(100)
    first.open(undefined)
    await clock.advance(49)

    second.open('in time')

    await expect(task.result).resolves.toBe('in time')
    expect(clock.pending).toBe(0)
  })

  it('is tried again once the function has settled', async () => {
    const { clock, executor } = setUp()
    const gates = [gate<string>(), gate<string>()]
    const task = executor.queueExec(({ attempt }) => gates[attempt - 1]?.fn(), {
      runTimeout: 50,
      retries: 1,
    })
    await clock.advance(50)
    expect(task.state).toBe('running')

    gates[0]?.open('too late')
    await clock.advance(0)
    gates[1]?.open('in time')

    await expect(task.result).resolves.toBe('in time')
  })

  it('fails at once a task that nothing tries again, and only later one that something does', async () => {
    const { clock, executor } = setUp()
    const { fn } = gate()
    const once = executor.queueExec(fn, { runTimeout: 50 })
    const twice = executor.queueExec(fn, { runTimeout: 50, retries: 1 })

    await clock.advance(50)

    expect([once.state, twice.state, executor.stats().running]).toEqual(['failed', 'running', 2])
    await expect(once.result).rejects.toBeInstanceOf(TimeoutError)
    await expect(stateOf(twice.result)).resolves.toBe('pending')
  })

  it('fails at() at once, as any task', async () => {
    const { clock, executor } = setUp()
    const task = executor.at(0, gate().fn, { runTimeout: 50 })

    await clock.advance(50)

    expect(task.state).toBe('failed')
    await expect(task.result).rejects.toBeInstanceOf(TimeoutError)
    expect(executor.stats()).toMatchObject({ open: 1, running: 1, failed: 1 })
  })
})

describe('retries', () => {
  it('tries again after pauses that double up to a limit', async () => {
    const { clock, executor } = setUp()
    const begun: number[] = []
    const task = executor.queueExec(
      ({ attempt }) => {
        begun.push(clock.now())
        throw new Error(`attempt ${attempt}`)
      },
      { retries: { times: 4, delayMs: 100, maxDelayMs: 300 } },
    )

    await clock.advance(10_000)

    expect(begun).toEqual([0, 100, 300, 600, 900])
    await expect(task.result).rejects.toThrow('attempt 5')
  })

  it('gives up an error that is not worth it, and one that is thrown when that is asked', async () => {
    const { executor } = setUp()
    const fail = () => Promise.reject(new Error('no'))
    const hopeless = executor.queueExec(fail, { retries: { times: 9, when: () => false } })
    const confused = executor.queueExec(fail, {
      retries: {
        times: 9,
        when() {
          throw new Error('who knows')
        },
      },
    })

    await expect(hopeless.result).rejects.toThrow('no')
    await expect(confused.result).rejects.toThrow('who knows')
  })

  it('frees the slot during a pause, in which the task can be cancelled', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const failing = executor.queueExec(() => Promise.reject(new Error('no')), {
      retries: { times: 9, delayMs: 100 },
    })
    const next = executor.queueExec(() => 'next')

    await expect(next.result).resolves.toBe('next')
    expect(failing.state).toBe('delayed')
    failing.cancel('enough')

    await expect(failing.result).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['cancels the task and wants another attempt', true, (task: Task) => task.cancel('over')],
    ['cancels the task and wants none', false, (task: Task) => task.cancel('over')],
    ['terminates', true, (_: Task, executor: Executor) => void executor.terminate('over')],
    ['aborts the signal', true, (_: Task, __: Executor, abort: () => void) => abort()],
  ])('end a task once if `when` %s', async (_, again, end) => {
    for (const runTimeout of [Infinity, 10]) {
      const { clock, executor } = setUp()
      const failures: unknown[] = []
      executor.on('failure', (event) => failures.push(event))
      const controller = new AbortController()
      const when = () => {
        end(task, executor, () => controller.abort('over'))
        return again
      }
      let calls = 0
      const fn = async ({ signal }: TaskRun) => {
        calls++
        if (runTimeout === Infinity) throw new Error('no')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      const options = { signal: controller.signal, runTimeout, retries: { times: 2, when } }
      const task: Task = executor.queueExec(fn, options)
      const reason = reasonOf(task.result)

      await clock.advance(100)

      await expect(reason).resolves.toBe('over')
      expect([task.state, calls, failures, clock.pending]).toEqual(['cancelled', 1, [], 0])
      expect(executor.stats()).toMatchObject({ open: 0, cancelled: 1, failed: 0 })
    }
  })
})

describe('the AsyncLocalStorage of whoever submitted a task', () => {
  it('is seen by `when`, by listeners of its signal and by those of its failure', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const user = new AsyncLocalStorage<string>()
    const seen: string[] = []
    const note = (what: string) => seen.push(`${what} ${user.getStore()}`)
    user.run('Zoe', () => executor.on('failure', () => note('failure')))
    user.run('Ada', () => executor.queueExec(() => Promise.resolve()))
    user.run('Bob', () => {
      const when = () => note('when') === 0
      executor.queueExec(() => Promise.reject(new Error('no')), { retries: { times: 1, when } })
    })
    user.run('Cy', () =>
      executor.queueExec(
        ({ signal }) => {
          signal.addEventListener('abort', () => note('abort'))
          return new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
        { runTimeout: 5 },
      ),
    )
    user.run('Eve', () => executor.every(3, () => {}))

    await clock.advance(10)

    expect(seen).toEqual(['when Bob', 'failure Bob', 'failure Cy', 'abort Cy'])
  })
})
