/** How many calls to the system go on at a time: each may hold a descriptor. */
const AT_ONCE = 32

/** As `Promise.all(items.map(fn))`, a few at a time. The first that fails ends it. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  fn: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      const item = items[index]
      if (item !== undefined) results[index] = await fn(item)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return results
}
