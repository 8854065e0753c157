import type { Finding, JournalRecord, LogReport, RecoveryMode } from '@cupola/journal'
import { printable } from '../digest/byte-names.ts'

/** Prints a line; resolves when there is room for the next. */
export type Print = (line: string) => Promise<void> | void

// Each command loads the package only when it begins: `--help` does not wait for it.

/** `cupola journal ls`. */
export async function listJournal(directory: string, json: boolean, print: Print): Promise<void> {
  const { segments, findings } = await reportOn(directory)
  const files = segments.map((segment) => ({
    ...segment,
    flawed: findings.some((finding) => finding.path === segment.path && isFlaw(finding)),
  }))
  if (json) return await print(documentOf({ segments: files }))
  for (const { path, firstId, records, bytes, flawed } of files) {
    const last = records === 0 ? 'none' : `${firstId} to ${firstId + BigInt(records) - 1n}`
    await print(`${printable(path)}  ${last}  ${bytes} bytes${flawed ? '  flawed' : ''}`)
  }
}

/** `cupola journal cat`. */
export async function printJournal(
  directory: string,
  from: bigint | undefined,
  print: Print,
): Promise<void> {
  const { readJournal } = await import('@cupola/journal')
  let isThere = false
  for await (const record of readJournal(directory, { from })) {
    isThere = true
    await print(lineOf(record))
  }
  // It may have no records, or none from there on.
  if (!isThere) await reportOn(directory)
}

/** `cupola journal verify`. Resolves with whether all is well. */
export async function checkJournal(
  directory: string,
  json: boolean,
  print: Print,
): Promise<boolean> {
  const report = await reportOn(directory)
  const { segments, findings } = report
  const flaws = findings.filter(isFlaw)
  if (json) {
    await print(documentOf(report))
    return flaws.length === 0
  }
  for (const { kind, id, path, offset, bytes, problem } of findings) {
    const much = bytes === 0 ? '' : `, ${bytes} bytes`
    await print(
      `${kind}: record ${id}, at byte ${offset} of "${printable(path)}"${much}: ${problem}`,
    )
  }
  const records = segments.reduce((sum, segment) => sum + segment.records, 0)
  await print(`${segments.length} segments, ${records} records`)
  for (const advice of adviceOn(flaws)) await print(advice)
  return flaws.length === 0
}

/** What would go if it were repaired. */
function adviceOn(flaws: readonly Finding[]): string[] {
  const damage = flaws.find(({ kind }) => kind !== 'torn')
  if (damage !== undefined) {
    return [
      `repair --mode point-in-time would take out record ${damage.id} and all that follow`,
      'repair --mode salvage would take out what cannot be read, and keep the records around it',
    ]
  }
  return flaws.map(({ bytes }) => `repair would take out the last ${bytes} bytes, of no record`)
}

/** `cupola journal repair`. */
export async function repairJournal(
  directory: string,
  { mode, json }: { readonly mode: RecoveryMode; readonly json: boolean },
  print: Print,
): Promise<void> {
  // Opening it would make one.
  await reportOn(directory)
  const { Journal } = await import('@cupola/journal')
  const journal = await Journal.open(directory, { recovery: mode })
  const { removed, durableId } = journal
  await journal.close()
  if (json) return await print(documentOf({ removed, lastId: durableId }))
  for (const { savedAs, bytes } of removed) {
    await print(`took out ${bytes} bytes, kept in "${printable(savedAs)}"`)
  }
  if (removed.length === 0) await print('nothing had to be taken out')
  await print(`the last record is ${durableId}`)
}

/** @throws RangeError If there is no journal. */
async function reportOn(directory: string): Promise<LogReport> {
  const { verifyJournal } = await import('@cupola/journal')
  const report = await verifyJournal(directory)
  if (report.segments.length > 0) return report
  throw new RangeError(`Cannot find a journal in "${directory}": it has no segments`)
}

/** One JSON document, in which ids are text: they may be larger than other programs can count. */
function documentOf(content: object): string {
  return JSON.stringify(content, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
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
