import { Journal, type JournalOptions } from '@cupola/journal'
import { Crash, type MemoryFileSystem } from './memory-file-system.ts'

/** Where the journals of the tests are, on disks in memory. */
export const DIRECTORY = '/journal'

/** What was handed to a journal, and what of it was acknowledged. */
export class Account {
  /** What was to be appended together, in order. */
  readonly submitted: string[][] = []
  /** What had to be there from then on, by id. */
  readonly acknowledged = new Map<bigint, string>()
  /** What was said not to be there. */
  readonly refused = new Set<string>()

  async append(journal: Journal, ...texts: string[]): Promise<void> {
    this.submitted.push(texts)
    try {
      const ids = await journal.appendMany(texts.map((text) => ({ payload: Buffer.from(text) })))
      ids.forEach((id, index) => this.acknowledged.set(id, texts[index] ?? ''))
    } catch (error) {
      if (!isDoubtful(error)) for (const text of texts) this.refused.add(text)
      throw error
    }
  }

  /** What is wrong with a journal that contains this: nothing lost, nothing invented, no half. */
  problemWith(found: ReadonlyMap<bigint, string>): string | undefined {
    for (const [id, text] of this.acknowledged) {
      if (found.get(id) !== text)
        return `lost record ${id}, "${text}": ${[...found.values()].join()}`
    }
    const texts = [...found.values()]
    const whole = this.submitted.filter((group) => group.some((text) => texts.includes(text)))
    const expected = whole.flat()
    if (expected.join() !== texts.join()) return `got ${texts.join()}, expected ${expected.join()}`
    const refused = texts.find((text) => this.refused.has(text))
    return refused === undefined ? undefined : `contains "${refused}", which was refused`
  }
}

/** Whether an append that failed so may be there nevertheless. */
function isDoubtful(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Crash
}

/** Everything that a journal contains, by id. */
export async function contentOf(journal: Journal): Promise<Map<bigint, string>> {
  const found = new Map<bigint, string>()
  for await (const { id, payload } of journal.read()) {
    found.set(id, Buffer.from(payload).toString())
  }
  return found
}

/** Opens the journal on a disk in memory. */
export function openOn(
  fileSystem: MemoryFileSystem,
  options: JournalOptions = {},
): Promise<Journal> {
  return Journal.open(DIRECTORY, { fileSystem, segmentBytes: 1000, ...options })
}
