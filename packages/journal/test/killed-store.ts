import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Store } from '@cupola/journal'
import { killMany, linesUntilKilled } from './killed-process.ts'
import type { KillingReport } from './killing.ts'

const SETTER = new URL('./fixtures/setter.ts', import.meta.url)

/** What is known of a key: one change was acknowledged last, and one may have been begun since. */
interface Known {
  last: string
  begun: string | undefined
}

/** Kills processes that change a store and a file, again and again, and looks for what is wrong then. */
export async function killSetters(kills: number, random: () => number): Promise<KillingReport> {
  const report: KillingReport = { kills: 0, acknowledged: 0, problems: [] }
  await killMany(kills, async (share) => {
    const directory = await mkdtemp(join(tmpdir(), 'cupola-store-'))
    const known = new Map<string, Known>()
    try {
      for (let round = 0; round < share; round++) {
        report.acknowledged += await killOne(directory, round, random, known)
        report.kills++
        report.problems.push(...(await problemsIn(directory, known)))
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
  return report
}

/** Lets it come some way, further than the next compaction mostly. Returns how many changes were kept. */
async function killOne(
  directory: string,
  round: number,
  random: () => number,
  known: Map<string, Known>,
): Promise<number> {
  const characters = Math.floor(random() ** 2 * 20_000)
  const lines = await linesUntilKilled(SETTER, [directory, String(round)], characters)
  let acknowledged = 0
  for (const line of lines) {
    const [what, key = '', value = ''] = line.split(' ')
    const { last = 'deleted' } = known.get(key) ?? {}
    if (what === 'begin') known.set(key, { last, begun: value })
    if (what !== 'end') continue
    known.set(key, { last: value, begun: undefined })
    acknowledged++
  }
  return acknowledged
}

async function problemsIn(directory: string, known: Map<string, Known>): Promise<string[]> {
  const problems: string[] = []
  const store = await Store.open<string, string>(directory, { recovery: 'torn-tail' })
  for (const [key, { last, begun }] of known) {
    const value = store.get(key) ?? 'deleted'
    if (value !== last && value !== begun) problems.push(`${key} is ${value}, expected ${last}`)
    // What is there now stays.
    known.set(key, { last: value, begun: undefined })
  }
  for (const key of store.entries())
    if (!known.has(key[0])) problems.push(`${key[0]} was never set`)
  await store.close()
  const whole = await readFile(join(directory, 'whole'), 'utf8').catch(() => '')
  const parts = new Set(whole.split(' ').slice(0, -1))
  if (parts.size > 1) problems.push(`the file has parts of ${[...parts].join(', ')}`)
  return problems
}
