import type { Contestant } from './contestant.ts'

/** What every contestant's rounds gave. */
export type Outcome = ReadonlyMap<Contestant, readonly number[]>

/**
 * Lets the contestants' rounds take turns. A machine that gets slower does so for all, and each turn
 * begins with another contestant, so that nobody always follows the same one.
 *
 * @param operations - How many a round is.
 * @param round - Does one.
 * @returns Operations per second of each round.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
  operations: number,
  round: (contestant: Contestant) => Promise<void>,
): Promise<Outcome> {
  const rates = new Map(contestants.map((each) => [each, new Array<number>()]))
  for (let number = -warmUps; number < rounds; number++) {
    for (const contestant of rotated(contestants, number + warmUps)) {
      const start = performance.now()
      await round(contestant)
      const rate = (operations / (performance.now() - start)) * 1000
      if (number >= 0) rates.get(contestant)?.push(rate)
    }
  }
  return rates
}

function rotated<Element>(elements: readonly Element[], by: number): Element[] {
  const first = by % elements.length
  return [...elements.slice(first), ...elements.slice(0, first)]
}
