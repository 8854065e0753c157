/**
 * In which order contestants have their turns, so that nobody always follows the same one: what is left of
 * a turn, garbage or a hot processor, is the next one's burden.
 *
 * Over as many rounds as there are contestants, twice as many if they are an odd number, each comes right
 * after each other one equally often. That is E. J. Williams, "Experimental designs balanced for the
 * estimation of residual effects of treatments", Australian Journal of Scientific Research A 2, 1949. To
 * let the first become the second and so on is not enough: each would still follow the same one.
 *
 * @param round - From 0 on.
 */
export function turnOrder(names: readonly string[], round: number): readonly string[] {
  const count = names.length
  const order = names.map((_, turn) => names[(zigzag(turn, count) + round) % count] ?? '')
  const isMirrored = count % 2 === 1 && Math.floor(round / count) % 2 === 1
  return isMirrored ? order.toReversed() : order
}

/** 0, then the last, then 1, then the last but one. */
function zigzag(turn: number, count: number): number {
  return turn % 2 === 0 ? turn / 2 : count - (turn + 1) / 2
}
