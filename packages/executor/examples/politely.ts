// Fetches pages the way a polite robot does: two at a time, a hundred a second, one at a time from each
// server, three attempts, and what somebody waits for first.
import { setTimeout as sleep } from 'node:timers/promises'
import { Executor } from '@cupola/executor'

const executor = new Executor({ queueConcurrency: 2, rate: { tasks: 100, perMs: 1000, burst: 2 } })
executor.on('failure', ({ error }) => console.log(`given up: ${String(error)}`))

async function fetchPage(url: URL, attempt: number, signal: AbortSignal): Promise<string> {
  await sleep(5, undefined, { signal })
  if (url.pathname === '/flaky' && attempt < 3) throw new Error(`${url.href} is not feeling well`)
  if (url.pathname === '/gone') throw new Error(`${url.href} is gone`)
  return `${url.href} after ${attempt} attempt${attempt === 1 ? '' : 's'}`
}

const pages = ['http://a.test/1', 'http://a.test/flaky', 'http://b.test/gone', 'http://b.test/2']
for (const url of pages.map((page) => new URL(page))) {
  executor.queueExec(
    async ({ attempt, signal }) => console.log(await fetchPage(url, attempt, signal)),
    {
      key: url.host,
      urgency: url.pathname === '/2' ? 'high' : 'normal',
      retries: { times: 2, delayMs: 10 },
      runTimeout: 10_000,
    },
  )
}

await executor.close()
const { done, failed } = executor.stats()
console.log(`${done} done, ${failed} failed`)
