import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CALLS_AHEAD, Claims, slotOf } from '../src/claims.ts'

/** What may be so of a call that was sent. */
type State = 'offered' | 'begun' | 'finished' | 'taken back'

/** The two sides as they are meant to be: the pool may run ahead of what the thread has read. */
class TwoSides {
  readonly claims = new Claims()
  readonly #states = new Map<number, State>()
  /** Numbers in messages that the thread has not come to, in order. */
  readonly #unread: number[] = []
  #next: number
  #running: number | undefined

  constructor(first: number) {
    this.#next = first
  }

  /** Pool: sends a call if its place is free, however far behind the thread is. */
  offer(): void {
    const before = this.#states.get(this.#next - CALLS_AHEAD)
    if (before === 'offered' || before === 'begun') return
    this.claims.offer(this.#next)
    this.#states.set(this.#next, 'offered')
    this.#unread.push(this.#next++)
  }

  /** Pool: wants one of the last calls back, begun or not. */
  takeBack(ago: number): void {
    const number = this.#next - 1 - ago
    const state = this.#states.get(number)
    if (state === undefined) return
    must('take back', number, this.claims.takeBack(number), state === 'offered')
    if (state === 'offered') this.#states.set(number, 'taken back')
  }

  /** Thread: comes to the next call of a message, unless it is inside one. */
  begin(): void {
    if (this.#running !== undefined) return
    const number = this.#unread.shift()
    if (number === undefined) return
    const isOffered = this.#states.get(number) === 'offered'
    must('begin', number, this.claims.begin(number), isOffered)
    if (!isOffered) return
    this.#states.set(number, 'begun')
    this.#running = number
  }

  /** Thread: the call returns. */
  finish(): void {
    if (this.#running === undefined) return
    this.claims.finish(this.#running)
    this.#states.set(this.#running, 'finished')
    this.#running = undefined
  }

  /** Pool: knows of each call whether the thread is inside it. */
  check(): void {
    for (const [number, state] of [...this.#states].slice(-CALLS_AHEAD)) {
      must('be running', number, this.claims.isRunning(number), state === 'begun')
    }
  }
}

/** `expect` costs too much for so many. */
function must(what: string, number: number, is: boolean, should: boolean): void {
  if (is !== should) throw new Error(`Call ${number} ${should ? 'must' : 'must not'} ${what}`)
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'offer' as const, times: 1 }) },
    { weight: 1, arbitrary: fc.constant({ do: 'offer' as const, times: CALLS_AHEAD }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('takeBack' as const), ago: fc.nat(CALLS_AHEAD - 1) }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'takeBackAll' as const }) },
    { weight: 4, arbitrary: fc.constant({ do: 'begin' as const }) },
    { weight: 3, arbitrary: fc.constant({ do: 'finish' as const }) },
  ),
  { minLength: 20, maxLength: 300 },
)

/** Where the word of a number begins anew, and where a number no longer fits into 32 bits. */
const firsts = fc.oneof(
  fc.constant(0),
  ...[2 ** 30, 2 ** 31, 2 ** 32, 2 ** 45].map((edge) =>
    fc.integer({ min: edge - 2 * CALLS_AHEAD, max: edge }),
  ),
)

describe('Claims', () => {
  it('gives each call to one of the two sides, whatever the interleaving', () => {
    fc.assert(
      fc.property(firsts, steps, (first, script) => {
        const sides = new TwoSides(first)

        for (const step of script) {
          if (step.do === 'offer') for (let time = 0; time < step.times; time++) sides.offer()
          else if (step.do === 'takeBack') sides.takeBack(step.ago)
          else if (step.do === 'takeBackAll')
            for (let ago = 0; ago < CALLS_AHEAD; ago++) sides.takeBack(ago)
          else sides[step.do]()
          sides.check()
        }
      }),
      { numRuns: 300 },
    )
  })

  it('does not take a call that was taken back for a later one in the same place', () => {
    const claims = new Claims()
    claims.offer(0)
    claims.takeBack(0)
    claims.offer(CALLS_AHEAD)

    expect(slotOf(0)).toBe(slotOf(CALLS_AHEAD))
    expect(claims.begin(0)).toBe(false)
    expect(claims.begin(CALLS_AHEAD)).toBe(true)
  })

  it.each([2 ** 30 - 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - CALLS_AHEAD])(
    'has a word for the number %d',
    (number) => {
      const claims = new Claims()

      claims.offer(number)

      expect(claims.isRunning(number)).toBe(false)
      expect(claims.begin(number)).toBe(true)
      expect(claims.isRunning(number)).toBe(true)
      expect(claims.takeBack(number)).toBe(false)
      claims.finish(number)
      expect(claims.isRunning(number)).toBe(false)
      expect(claims.takeBack(number)).toBe(false)
    },
  )

  it('is shared by whoever has its buffer', () => {
    const pool = new Claims()
    const thread = new Claims(pool.buffer)
    pool.offer(3)

    expect(thread.begin(3)).toBe(true)
    expect(pool.isRunning(3)).toBe(true)
  })
})
