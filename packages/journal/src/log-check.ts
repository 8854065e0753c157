import { join } from 'node:path'
import type { FileSystem, StoredFile } from './file-system.ts'
import { readSegmentHeader, type SegmentPlace } from './segment-cursor.ts'
import type { SegmentHeader } from './segment-header.ts'
import { listSegments, segmentName } from './segment-names.ts'
import { restOf, scanSegment, type SegmentRest, type SegmentScan } from './segment-scan.ts'

/** Something that is not as it should be. */
export interface Finding {
  /**
   * What it is: `torn` are the remains of a write that a crash cut short, at the end of the journal;
   * `damaged` is what was on disk and is not what it was; `missing` are records between two segments;
   * `salvaged` are such that somebody has agreed to.
   */
  readonly kind: 'torn' | 'damaged' | 'missing' | 'salvaged'
  /** The first record that is concerned. */
  readonly id: bigint
  /** The segment's file. */
  readonly path: string
  /** Where in it. */
  readonly offset: number
  /** How many bytes from there on are not known to be records. */
  readonly bytes: number
  /** What it is, as a clause. */
  readonly problem: string
}

/** One segment of a journal. */
export interface SegmentReport {
  /** Its file. */
  readonly path: string
  /** The id that it is named by. */
  readonly firstId: bigint
  /** How many records it has that can be read. */
  readonly records: number
  /** How long it is. */
  readonly bytes: number
}

/** What there is in the directory of a journal. */
export interface LogReport {
  /** Its segments, in order. */
  readonly segments: readonly SegmentReport[]
  /** What is wrong, in order; nothing, if all is well. */
  readonly findings: readonly Finding[]
}

/** What a segment is in its journal. */
interface SegmentRole {
  /** The id that it is named by. */
  readonly firstId: number
  readonly isLast: boolean
  /** Where the segment before ends, if there is one that can be read. */
  readonly previous: SegmentPlace | undefined
}

/** A segment, as far as it can be read. */
interface Checked {
  readonly report: SegmentReport
  readonly findings: readonly Finding[]
  /** Where it ends; `undefined` if it has no header. */
  readonly stop: SegmentPlace | undefined
}

/** Reads all of a journal, or its last segment only, and checks each record. */
export async function checkLog(
  fileSystem: FileSystem,
  directory: string,
  { lastOnly = false }: { readonly lastOnly?: boolean } = {},
): Promise<LogReport> {
  const all = await listSegments(fileSystem, directory)
  const firstIds = lastOnly ? all.slice(-1) : all
  const segments: SegmentReport[] = []
  const findings: Finding[] = []
  let previous: SegmentPlace | undefined
  for (const firstId of firstIds) {
    const path = join(directory, segmentName(firstId))
    const isLast = firstId === firstIds.at(-1)
    const checked = await checkSegment(fileSystem, path, { firstId, isLast, previous })
    segments.push(checked.report)
    findings.push(...checked.findings)
    previous = checked.stop
  }
  return { segments, findings }
}

async function checkSegment(
  fileSystem: FileSystem,
  path: string,
  { firstId, isLast, previous }: SegmentRole,
): Promise<Checked> {
  const file = await fileSystem.open(path, 'read')
  try {
    const header = await readSegmentHeader(file, firstId)
    if (typeof header === 'string') {
      const bytes = await file.size()
      const place = { id: BigInt(firstId), path, offset: 0, bytes }
      const report = { path, firstId: BigInt(firstId), records: 0, bytes }
      return { report, findings: [{ kind: 'damaged', ...place, problem: header }], stop: undefined }
    }
    const { scan, kind } = await scanAndRest(file, header, isLast)
    const { stop, end, size } = scan
    const findings: Finding[] = []
    const gap = gapBefore(header, previous)
    if (gap !== undefined) {
      const id = BigInt(previous?.nextId ?? 0)
      findings.push({ kind: gap, id, path, offset: 0, bytes: 0, problem: PROBLEMS[gap] })
    }
    if (kind !== 'nothing') {
      const { nextId, offset } = kind === 'torn' ? end : stop
      const place = { id: BigInt(nextId), path, offset, bytes: size - offset }
      findings.push({ kind, ...place, problem: PROBLEMS[kind] })
    }
    const records = (isLast ? end : stop).nextId - header.firstId
    return { report: { path, firstId: BigInt(firstId), records, bytes: size }, findings, stop }
  } finally {
    await file.close()
  }
}

/**
 * Reads a segment, to which somebody may be writing. What is behind the end is read after the end was
 * found, and what has come meanwhile would look like records behind spoilt ones: so what is to be called
 * spoilt has to be so twice.
 */
async function scanAndRest(
  file: StoredFile,
  header: SegmentHeader,
  isLast: boolean,
): Promise<{ readonly scan: SegmentScan; readonly kind: SegmentRest }> {
  let offset = -1
  for (;;) {
    const scan = await scanSegment(file, header)
    const kind = await restOf(file, header, scan, isLast)
    if (kind === 'nothing' || scan.stop.offset === offset) return { scan, kind }
    offset = scan.stop.offset
  }
}

const PROBLEMS = {
  torn: 'a write was cut short',
  damaged: 'what follows is not what was written',
  missing: 'records before this segment are missing',
  salvaged: 'records before this segment were lost and given up',
} as const

/** Whether records are missing between two segments. */
export function gapBefore(
  header: SegmentHeader,
  previous: SegmentPlace | undefined,
): 'missing' | 'salvaged' | undefined {
  if (header.followsGap) return 'salvaged'
  if (previous === undefined) return undefined
  const { firstId, previousChecksum } = header
  const isNext = previous.nextId === firstId && previous.checksum === previousChecksum
  return isNext ? undefined : 'missing'
}
