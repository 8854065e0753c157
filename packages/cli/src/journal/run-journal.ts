import type { Finding, JournalRecord, RecoveryMode } from '@cupola/journal'
import { printable } from '../digest/byte-names.ts'

/** Prints a line; resolves when there is room for the next. */
export type Print = (line: string) => Promise<void> | void

// Each command loads the package only when it begins: `--help` does not wait for it.

/** `cupola journal ls`. */
export async function listJournal(directory: string, print: Print): Promise<void> {
  const { verifyJournal } = await import('@cupola/journal')
  const { segments, findings } = await verifyJournal(directory)
  for (const { path, firstId, records, bytes } of segments) {
    const last = records === 0 ? 'none' : `${firstId} to ${firstId + BigInt(records) - 1n}`
    const isFlawed = findings.some((finding) => finding.path === path && isFlaw(finding))
    await print(`${printable(path)}  ${last}  ${bytes} bytes${isFlawed ? '  flawed' : ''}`)
  }
}

/** `cupola journal cat`. */
export async function printJournal(
  directory: string,
  from: bigint | undefined,
  print: Print,
): Promise<void> {
  const { readJournal } = await import('@cupola/journal')
  for await (const record of readJournal(directory, { from })) await print(lineOf(record))
}

/** `cupola journal verify`. Resolves with whether all is well. */
export async function checkJournal(directory: string, print: Print): Promise<boolean> {
  const { verifyJournal } = await import('@cupola/journal')
  const { segments, findings } = await verifyJournal(directory)
  for (const { kind, id, path, offset, problem } of findings) {
    await print(`${kind}: record ${id}, at byte ${offset} of "${printable(path)}": ${problem}`)
  }
  const records = segments.reduce((sum, segment) => sum + segment.records, 0)
  await print(`${segments.length} segments, ${records} records`)
  return !findings.some(isFlaw)
}

/** `cupola journal repair`. */
export async function repairJournal(
  directory: string,
  recovery: RecoveryMode,
  print: Print,
): Promise<void> {
  const { Journal } = await import('@cupola/journal')
  const journal = await Journal.open(directory, { recovery })
  for (const { savedAs, bytes } of journal.removed) {
    await print(`kept ${bytes} bytes in "${printable(savedAs)}"`)
  }
  await print(`the last record is ${journal.durableId}`)
  await journal.close()
}

function isFlaw({ kind }: Finding): boolean {
  return kind !== 'salvaged'
}

/** One JSON document, in a line. Bytes that are no text are base64. */
function lineOf({ id, type, mode, payload }: JournalRecord): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const text = bytes.toString('utf8')
  const content = Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') }
  return JSON.stringify({ id: id.toString(), type, mode, ...content })
}
