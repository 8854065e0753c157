// A pool beside a sum over an array of those who have buffers, whatever a few actors do.
import { BufferPool, type PooledBuffer } from '@cupola/buffer-pool'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Calls, eventLoopTurn, Waiting } from '../../../test/calls.ts'
import { interleavings, type Pair } from '../../../test/interleave.ts'
import { StepClock } from '../../../test/step-clock.ts'

const MAX_BLOCKS = 4

const atOnce = fc.boolean()
const blocks = fc.integer({ min: 1, max: MAX_BLOCKS + 1 })
const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('acquire' as const),
      blocks,
      timeout: fc.constantFrom(0, 1, 2, Infinity, Infinity),
      atOnce,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('tryAllocate' as const), blocks, atOnce }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom('release', 'release', 'abort'),
      choice: fc.nat(),
      atOnce,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('advance', 'trim', 'close'),
      choice: fc.constant(0),
      atOnce,
    }),
  },
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

/** A buffer that somebody has, and what he wrote into it. */
interface Owned {
  readonly buffer: PooledBuffer
  readonly blocks: number
  readonly text: string
}

class Pools implements Pair<Step> {
  readonly #clock = new StepClock()
  /** Slabs of two blocks, so that there are several. */
  readonly #pool = new BufferPool({
    blockSize: 2 ** 19,
    maxBlocks: MAX_BLOCKS,
    idleTimeoutMs: Infinity,
    clock: this.#clock,
  })
  readonly #calls = new Calls()
  readonly #outcomes = new Map<number, string>()
  readonly #waiting = new Waiting<number>()
  readonly #owned: Owned[] = []
  #used = 0
  #texts = 0
  #isClosed = false

  take(step: Step): void {
    if (step.kind === 'acquire') this.#acquire(step.blocks, step.timeout)
    else if (step.kind === 'tryAllocate') this.#tryAllocate(step.blocks)
    else if (step.kind === 'advance') this.#advance()
    else if (step.kind === 'trim') this.#pool.trim()
    else if (step.kind === 'close') this.#close()
    else if (step.kind === 'abort') this.#abort(step.choice)
    else this.#release(step.choice)
    this.#admit()
    expect(this.#pool.stats()).toMatchObject({
      used: this.#used,
      free: MAX_BLOCKS - this.#used,
      waiting: this.#waiting.size,
    })
    const { reserved } = this.#pool.stats()
    expect(reserved).toBeGreaterThanOrEqual(this.#used)
    expect(reserved).toBeLessThanOrEqual(MAX_BLOCKS)
    expect(this.#clock.pending).toBe(this.#waiting.limited)
  }

  async finish(): Promise<void> {
    await eventLoopTurn()
    while (this.#owned.length > 0) {
      this.#release(0)
      this.#admit()
      await eventLoopTurn()
    }
    expect(this.#calls.outcomes).toEqual(this.#outcomes)
    await this.#pool.close()
    expect(this.#pool.stats()).toMatchObject({ used: 0, waiting: 0, reserved: 0 })
    expect([this.#clock.pending, this.#calls.listeners]).toEqual([0, 0])
  }

  #acquire(count: number, timeout: number): void {
    const { next } = this.#calls
    this.#calls.begin(
      timeout,
      (options) => this.#pool.acquire(count, options),
      (buffer) => {
        this.#own(buffer, count)
        return 'granted'
      },
    )
    if (this.#isClosed) this.#outcomes.set(next, 'ERR_CLOSED')
    else if (count > MAX_BLOCKS) this.#outcomes.set(next, 'ERR_FULL')
    else this.#waiting.enter(next, this.#clock.now() + timeout, count)
    this.#admit()
    if (timeout === 0) this.#end(next, 'ERR_TIMEOUT')
  }

  #tryAllocate(count: number): void {
    if (this.#isClosed) {
      expect(() => this.#pool.tryAllocate(count)).toThrow('closed')
      return
    }
    const buffer = this.#pool.tryAllocate(count)
    expect(buffer !== undefined).toBe(this.#waiting.size === 0 && this.#fits(count))
    if (buffer === undefined) return
    this.#used += count
    this.#own(buffer, count)
  }

  /** Writes into every block what nobody else writes. */
  #own(buffer: PooledBuffer, count: number): void {
    const text = `owner ${this.#texts++}`
    for (const bytes of buffer.spare()) bytes.write(text)
    this.#owned.push({ buffer, blocks: count, text })
  }

  #release(choice: number): void {
    const [owned] = this.#owned.splice(choice % (this.#owned.length || 1), 1)
    if (owned === undefined) return
    for (const bytes of owned.buffer.spare()) {
      expect(bytes.toString('utf8', 0, owned.text.length)).toBe(owned.text)
    }
    owned.buffer.release()
    expect(() => owned.buffer.release()).toThrow('released already')
    this.#used -= owned.blocks
  }

  #abort(choice: number): void {
    const id = this.#calls.abort(choice)
    if (id !== undefined) this.#end(id, 'aborted')
  }

  #advance(): void {
    this.#clock.advance(1)
    for (const id of this.#waiting.expired(this.#clock.now())) {
      this.#end(id, 'ERR_TIMEOUT')
      this.#admit()
    }
  }

  #close(): void {
    void this.#pool.close()
    this.#isClosed = true
    for (const { id } of this.#waiting.all) this.#end(id, 'ERR_CLOSED')
  }

  /** First come, first served: nobody overtakes, however modest. */
  #admit(): void {
    let { first } = this.#waiting
    while (first !== undefined && this.#fits(first.detail)) {
      this.#used += first.detail
      this.#end(first.id, 'granted')
      first = this.#waiting.first
    }
  }

  #fits(count: number): boolean {
    return count <= MAX_BLOCKS - this.#used
  }

  #end(id: number, outcome: string): void {
    if (this.#waiting.leave(id)) this.#outcomes.set(id, outcome)
  }
}

describe('BufferPool beside its reference', () => {
  it('lends the same to the same, in order, whatever the interleaving', async () => {
    await fc.assert(
      interleavings(anyStep, () => new Pools()),
      { numRuns: 300 },
    )
  })
})
