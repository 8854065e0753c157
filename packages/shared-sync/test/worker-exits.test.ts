import { SharedMutex } from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { ENDED, LIFE, SEATS_USED, seatWord } from '../src/lot-layout.ts'
import { WorkerExits } from '../src/worker-exits.ts'
import { SharedWords } from '../src/words.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'

describe('WorkerExits', () => {
  it('marks the seats of a thread that was started here and has ended, and no others', async () => {
    const mutex = new SharedMutex()
    const { handle } = mutex
    const words = new SharedWords(handle.buffer)
    new WorkerExits().watch(words)
    const ending = new Actor(handle)
    await ending.ask('ready')
    await using staying = new Actor(handle)
    await staying.ask('ready')
    const lives = (): number[] =>
      Array.from({ length: words.load(SEATS_USED) }, (_, seat) => words.load(seatWord(seat, LIFE)))

    await ending.thread.terminate()

    expect(lives()).toHaveLength(3)
    expect(lives().filter((life) => life === ENDED)).toHaveLength(1)
    expect(lives()[1]).toBe(ENDED)
    // Or its seat might have been given back.
    expect(mutex.locked).toBe(false)
  })
})
