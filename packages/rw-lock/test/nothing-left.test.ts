import { getEventListeners } from 'node:events'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { runProgram } from '../../../test/run-program.ts'

expectNoLeaks()

const kinds = ['read', 'upgradable', 'write', 'upgrade'] as const

const cases = kinds.flatMap((kind) => [[kind, false] as const, [kind, true] as const])

/** A lock under which a wait of any kind has to wait, the wait, and the way to let it in. */
async function waitOf(kind: (typeof kinds)[number], debug: boolean) {
  const clock = new VirtualClock()
  const controller = new AbortController()
  const options = { timeout: 10, signal: controller.signal }
  const lock = new RwLock({ clock, debug })
  const inTheWay = kind === 'upgrade' ? await lock.read() : await lock.write()
  const guard = kind === 'upgrade' ? await lock.upgradable() : undefined
  const wait = kind === 'upgrade' ? guard?.upgrade(options) : lock[kind](options)
  const outcome = Promise.resolve(wait).then(
    () => 'in',
    (reason: unknown) => String(reason).split(':')[0],
  )
  const left = () => [clock.pending, getEventListeners(controller.signal, 'abort').length]
  return { clock, controller, inTheWay, outcome, left }
}

describe.each(cases)('a wait of %s(), debug: %s', (kind, debug) => {
  it('has a timer and a listener while it waits, and neither when it is in', async () => {
    const { inTheWay, outcome, left } = await waitOf(kind, debug)
    const before = left()

    inTheWay.release()

    expect([before, left(), await outcome]).toEqual([[1, 1], [0, 0], 'in'])
  })

  it('has neither when it has timed out', async () => {
    const { clock, outcome, left } = await waitOf(kind, debug)

    await clock.advance(10)

    expect([left(), await outcome]).toEqual([[0, 0], 'TimeoutError'])
  })

  it('has neither when it is aborted', async () => {
    const { controller, outcome, left } = await waitOf(kind, debug)

    controller.abort('gone')

    expect([left(), await outcome]).toEqual([[0, 0], 'gone'])
  })
})

describe('a program', () => {
  it('ends by itself, though a lock is held and waited for', async () => {
    const program = new URL('./fixtures/held-for-ever.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout: 'held', stderr: '' })
  })
})
