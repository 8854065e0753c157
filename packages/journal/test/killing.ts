import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from '@cupola/journal'
import { killMany, linesUntilKilled } from './killed-process.ts'
import { contentOf } from './script.ts'

const APPENDER = new URL('./fixtures/appender.ts', import.meta.url)

/** What came of killing. */
export interface KillingReport {
  kills: number
  acknowledged: number
  readonly problems: string[]
}

/** Kills processes that append, again and again in a directory, and looks for what is wrong then. */
export async function killAppenders(kills: number, random: () => number): Promise<KillingReport> {
  const report: KillingReport = { kills: 0, acknowledged: 0, problems: [] }
  await killMany(kills, async (share) => {
    const directory = await mkdtemp(join(tmpdir(), 'cupola-journal-'))
    const acknowledged = new Map<bigint, string>()
    try {
      for (let round = 0; round < share; round++) {
        await killOne(directory, round, random, acknowledged)
        report.kills++
        const journal = await Journal.open(directory)
        report.problems.push(...problemsWith(await contentOf(journal), acknowledged))
        await journal.close()
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
    report.acknowledged += acknowledged.size
  })
  return report
}

/** Kills some while they open the journal, most some records later. */
async function killOne(
  directory: string,
  round: number,
  random: () => number,
  acknowledged: Map<bigint, string>,
): Promise<void> {
  const characters = random() < 0.1 ? 0 : Math.floor(random() ** 3 * 20_000)
  const lines = await linesUntilKilled(APPENDER, [directory, String(round)], characters)
  for (const line of lines) {
    const [id = '', payload = ''] = line.split(' ')
    if (payload !== '') acknowledged.set(BigInt(id), payload)
  }
}

/** All that was acknowledged is there; all that is there was appended, in this order, without a hole. */
function problemsWith(
  found: ReadonlyMap<bigint, string>,
  acknowledged: ReadonlyMap<bigint, string>,
): string[] {
  const problems: string[] = []
  for (const [id, text] of acknowledged) {
    if (found.get(id) !== text) problems.push(`record ${id} is ${found.get(id)}, expected ${text}`)
  }
  let previous = ['', -1]
  for (const [id, text] of found) {
    const [round = '', number = ''] = text.split(':')
    const expected = round === previous[0] ? Number(previous[1]) + 1 : 0
    if (Number(number) !== expected) problems.push(`record ${id} is ${text}, expected ${expected}`)
    previous = [round, Number(number)]
  }
  return problems
}
