import type { Contestant, OpenPool } from './contestant.ts'
import { checkContract } from './contract.ts'

/** Many times what the slowest step of the slowest contestant takes. */
const PATIENCE_MS = 60_000

/** Seen with poolifier 5.3.2 on a busy machine: now and then its `destroy()` never resolves. */
const CLOSING_PATIENCE_MS = 5000

/** A contestant with its threads, and whether it can move a result out of a thread. */
export interface Entrant {
  readonly contestant: Contestant
  readonly pool: OpenPool
  readonly movesOut: boolean
}

/** What every contestant's rounds gave, in the order of the rounds. */
export type Outcome<Measure> = ReadonlyMap<Contestant, readonly Measure[]>

/**
 * Opens the contestants, has them pass the contract, lets their rounds take turns, and closes them.
 * A machine that gets slower does so for all, and each turn begins with another contestant, so that
 * nobody always follows the same one. No collection of garbage is forced in between: that is no part of
 * anybody's work.
 *
 * @param round - Measures one round. The rounds before the first that counts warm up.
 */
export async function takeTurns<Measure>(
  contestants: readonly Contestant[],
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
  round: (entrant: Entrant, isWarmUp: boolean) => Promise<Measure>,
): Promise<Outcome<Measure>> {
  const entrants: Entrant[] = []
  const measures = new Map(contestants.map((each) => [each, new Array<Measure>()]))
  try {
    for (const contestant of contestants) entrants.push(await open(contestant))
    for (let number = -warmUps; number < rounds; number++) {
      for (const entrant of rotated(entrants, number + warmUps)) {
        const measure = await inTime(entrant.contestant, 'a round', round(entrant, number < 0))
        if (number >= 0) measures.get(entrant.contestant)?.push(measure)
      }
    }
  } finally {
    await Promise.all(entrants.map(close))
  }
  return measures
}

async function open(contestant: Contestant): Promise<Entrant> {
  const pool = await inTime(contestant, 'opening', contestant.open())
  const movesOut = await inTime(contestant, 'the contract', checkContract(contestant, pool))
  return { contestant, pool, movesOut }
}

/** A pool that does not close has idle threads that stay: worth a word, not the whole run. */
async function close({ contestant, pool }: Entrant): Promise<void> {
  try {
    await inTime(contestant, 'closing', pool.close(), CLOSING_PATIENCE_MS)
  } catch (error) {
    console.warn(error instanceof Error ? error.message : error)
  }
}

/**
 * Names the one that hangs. Its timer also keeps the process alive, which would else end without a
 * word when a pool has calls open and nothing referenced.
 */
async function inTime<Result>(
  { name }: Contestant,
  what: string,
  work: Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`Cannot measure ${name}: ${what} does not end`))
    timer = setTimeout(giveUp, patienceMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function rotated<Element>(elements: readonly Element[], by: number): Element[] {
  const first = by % elements.length
  return [...elements.slice(first), ...elements.slice(0, first)]
}
