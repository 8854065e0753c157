import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Journal } from '@cupola/journal'
import { contentOf } from './script.ts'

const APPENDER = fileURLToPath(new URL('./fixtures/appender.ts', import.meta.url))

/** What came of killing. */
export interface KillingReport {
  readonly kills: number
  readonly acknowledged: number
  readonly problems: readonly string[]
}

/** Kills a process that appends, again and again, in one directory, and looks for what is wrong then. */
export async function killAppenders(kills: number, random: () => number): Promise<KillingReport> {
  const directory = await mkdtemp(join(tmpdir(), 'cupola-journal-'))
  const acknowledged = new Map<bigint, string>()
  const problems: string[] = []
  try {
    for (let round = 0; round < kills; round++) {
      await killOne(directory, round, random, acknowledged)
      const journal = await Journal.open(directory)
      problems.push(...problemsWith(await contentOf(journal), acknowledged))
      await journal.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return { kills, acknowledged: acknowledged.size, problems }
}

/** Kills some before they have opened the journal, most a moment after. */
async function killOne(
  directory: string,
  round: number,
  random: () => number,
  acknowledged: Map<bigint, string>,
): Promise<void> {
  const args = [...process.execArgv, APPENDER, directory, String(round)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const bytes = random() < 0.1 ? 0 : Math.floor(random() ** 3 * 20_000)
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (data: string) => {
    text += data
    if (text.length > bytes) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  // The last line may have been cut short by the kill, but then what it says is true nevertheless.
  for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) {
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
