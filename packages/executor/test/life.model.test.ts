import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Life, type Whim } from './fixtures/life.ts'

const anyWhim = fc.constantFrom<Whim>(
  ...([
    'nothing',
    'nothing',
    'cancel',
    'abort',
    'reschedule',
    'submit',
    'pause',
    'resume',
    'resume',
    'close',
    'terminate',
  ] as const),
)
const anyTerms = fc.record({
  how: fc.constantFrom(
    'queue' as const,
    'queue' as const,
    'delay' as const,
    'at' as const,
    'every' as const,
  ),
  ms: fc.constantFrom(0, 1, 4, 9),
  urgency: fc.constantFrom(-1, 0, 0, 1, 7),
  key: fc.constantFrom(undefined, undefined, undefined, 1, 2),
  waitTimeout: fc.constantFrom(Infinity, Infinity, 3),
  runTimeout: fc.constantFrom(Infinity, Infinity, 4),
  retries: fc.constantFrom(0, 0, 1, 2),
  pauseMs: fc.constantFrom(0, 2, 5),
})
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('submit' as const), anyTerms) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('settle' as const), fc.nat(), fc.boolean()) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('advance' as const), fc.constantFrom(1, 3, 10)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('block' as const), fc.constantFrom(2, 30)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('disturb' as const), fc.nat(), anyWhim) },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

function take(life: Life, step: Step): void {
  if (step[0] === 'submit') life.submit(step[1])
  else if (step[0] === 'settle') life.settle(step[1], step[2])
  else if (step[0] === 'advance') life.advance(step[1])
  else if (step[0] === 'block') life.block(step[1])
  else life.disturb(step[1], step[2])
}

describe('an executor whose listeners do as they please', () => {
  it.each([
    ['few slots', { delayConcurrency: 1, queueConcurrency: 2 }],
    ['few places', { queueConcurrency: 1, queueCapacity: 1, whenFull: 'drop-oldest' as const }],
    ['few slots, and tasks that age', { delayConcurrency: 2, queueConcurrency: 1, ageingMs: 5 }],
    [
      'a rate limit',
      {
        delayConcurrency: Infinity,
        queueConcurrency: Infinity,
        rate: { tasks: 3, perMs: 10, burst: 1 },
      },
    ],
  ])('ends every task once, in order, with %s', (_, options) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 40, size: 'max' }),
        fc.array(anyWhim, { maxLength: 10 }),
        async (steps, whims) => {
          const life = new Life(options, whims)
          for (const step of steps) {
            take(life, step)
            await life.look()
          }
          await life.finish()
        },
      ),
      { numRuns: process.env['CUPOLA_SLOW'] === '1' ? 5000 : 150 },
    ),
  )
})
