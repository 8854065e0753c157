import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CALLS_AHEAD, Claims, slotOf } from '../src/claims.ts'

/** What may be so of a call that was sent. */
type State = 'offered' | 'begun' | 'awaiting' | 'seized' | 'finished' | 'taken back'

/** Those in which the thread is inside the call. */
const RUNNING: ReadonlySet<State> = new Set(['begun', 'awaiting', 'seized'])

/** The two sides as they are meant to be: the owner may run ahead of what the thread has read. */
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

  /** Owner: sends a call if its place is free, however far behind the thread is. */
  offer(): void {
    const before = this.#states.get(this.#next - CALLS_AHEAD)
    if (before === 'offered' || (before !== undefined && RUNNING.has(before))) return
    this.claims.offer(this.#next)
    this.#states.set(this.#next, 'offered')
    this.#unread.push(this.#next++)
  }

  /** Owner: wants one of the last calls back, begun or not. */
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

  /** Thread: the call returns. Where it is seized it has to wait to be hit instead. */
  finish(): void {
    if (this.#running === undefined) return
    const state = this.#states.get(this.#running)
    must('be seized', this.#running, this.claims.isSeized(this.#running), state === 'seized')
    if (state === 'begun') this.claims.finish(this.#running)
    else if (state === 'awaiting') this.claims.settle(this.#running)
    if (state !== 'seized') this.#end()
  }

  /** Thread: the call returns a promise. */
  promise(): void {
    if (this.#running === undefined || this.#states.get(this.#running) !== 'begun') return
    this.claims.promise(this.#running)
    this.#states.set(this.#running, 'awaiting')
  }

  /** Owner: wants to hit one of the last calls, in whatever state it is. */
  seize(ago: number): void {
    const number = this.#next - 1 - ago
    const state = this.#states.get(number)
    if (state === undefined) return
    must('be seized by the owner', number, this.claims.seize(number), state === 'begun')
    if (state === 'begun') this.#states.set(number, 'seized')
  }

  /** Owner: wants to undo that, whether it was done or not. */
  release(): void {
    if (this.#running === undefined) return
    this.claims.release(this.#running)
    if (this.#states.get(this.#running) === 'seized') this.#states.set(this.#running, 'begun')
  }

  /** Thread: has been hit, which only a seized call can be. */
  hit(): void {
    if (this.#running === undefined || this.#states.get(this.#running) !== 'seized') return
    this.claims.clear(this.#running)
    this.#end()
  }

  #end(): void {
    if (this.#running !== undefined) this.#states.set(this.#running, 'finished')
    this.#running = undefined
  }

  /** Owner: knows of each call whether the thread is inside it, and how. */
  check(): void {
    for (const [number, state] of [...this.#states].slice(-CALLS_AHEAD)) {
      must('be running', number, this.claims.isRunning(number), RUNNING.has(state))
      must('be awaiting', number, this.claims.isAwaiting(number), state === 'awaiting')
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
    { weight: 1, arbitrary: fc.constant({ do: 'promise' as const }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('seize' as const), ago: fc.nat(8) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'release' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'hit' as const }) },
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
          else if (step.do === 'takeBack' || step.do === 'seize') sides[step.do](step.ago)
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
