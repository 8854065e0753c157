// Tries work again that failed, later each time, and ends when all of it has come to an end: the items of
// a `DelayQueue` are not there before they are due, and `join()` knows what is still on its way.
import { DelayQueue } from '@cupola/queue'

interface Attempt {
  readonly url: string
  readonly number: number
}

const attempts = new DelayQueue<Attempt>({
  delayMs: ({ number }) => (number === 1 ? 0 : 5 * 2 ** number),
})
const log: string[] = []

/** A server that is out for a moment. */
async function fetchPage({ url, number }: Attempt): Promise<void> {
  if (url === '/busy' && number < 3) throw new Error(`${url} is busy`)
}

async function work(): Promise<void> {
  for await (const attempt of attempts) {
    try {
      await fetchPage(attempt)
      log.push(`${attempt.url} at attempt ${attempt.number}`)
    } catch {
      await attempts.put({ ...attempt, number: attempt.number + 1 })
    } finally {
      attempts.taskDone()
    }
  }
}

const workers = [work(), work()]
for (const url of ['/busy', '/home', '/help']) await attempts.put({ url, number: 1 })
await attempts.join({ timeout: 10_000 })
await attempts.close()
await Promise.all(workers)
console.log(`Fetched ${log.join(', ')}.`)
