import type { Colors } from '../terminal.ts'
import { printable } from './byte-names.ts'
import type { CheckReport } from './check.ts'
import type { DigestReport } from './digest-report.ts'
import type { DuplicateGroup } from './duplicates.ts'
import { bytesText, countText, durationText, plural } from './figures.ts'

const LABEL_WIDTH = 12
const WHAT_WIDTH = 14

/** The rest can be had as JSON. */
const GROUPS_SHOWN = 5

/** The end of a `cupola digest`, as lines for people. */
export function digestLines(report: DigestReport, colors: Colors): string[] {
  const { files, bytes, resumed, errors, skipped, duplicates } = report
  return [
    '',
    `${colors.bold(plural(files, 'file'))}, ${bytesText(bytes)}, ${speedOf(report)}`,
    ...(resumed === 0 ? [] : [labelled('Resumed', `${plural(resumed, 'file')} already done`)]),
    labelled('Duplicates', duplicateText(report)),
    ...duplicates.largest.slice(0, GROUPS_SHOWN).flatMap((group) => groupLines(group, colors)),
    ...moreGroupsLine(duplicates, colors),
    labelled('Skipped', skippedText(skipped)),
    labelled('Errors', errors === 0 ? colors.green('none') : colors.red(errorText(errors))),
  ]
}

/** The end of a `cupola digest --check`, as lines for people. */
export function checkLines(report: CheckReport, colors: Colors): string[] {
  const { ok, failed, missing, unreadable, malformedLines, bytes, elapsedMs } = report
  const line = (label: string, count: number) =>
    labelled(label, count === 0 ? '0' : colors.red(countText(count)))
  return [
    '',
    `${colors.bold(plural(ok + failed + missing + unreadable, 'file'))}, ${bytesText(bytes)}, ` +
      `checked in ${durationText(elapsedMs)} (${rateText(bytes, elapsedMs)})`,
    labelled('OK', colors.green(countText(ok))),
    line('FAILED', failed),
    line('Missing', missing),
    line('Unreadable', unreadable),
    ...(malformedLines === 0 ? [] : [line('Bad lines', malformedLines)]),
  ]
}

/** A line with its label in front. */
export function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)} ${text}`
}

function speedOf({ hashedBytes, algorithm, threads, elapsedMs }: DigestReport): string {
  const rate = rateText(hashedBytes, elapsedMs)
  return `${durationText(elapsedMs)} (${rate}, ${algorithm} on ${plural(threads, 'thread')})`
}

function rateText(bytes: number, elapsedMs: number): string {
  return `${bytesText((bytes / Math.max(elapsedMs, 0.001)) * 1000)}/s`
}

function duplicateText({ duplicates: { files, groups, wastedBytes } }: DigestReport): string {
  if (files === 0) return 'none'
  const copies = plural(files, 'superfluous copy', 'superfluous copies')
  return `${copies} of ${plural(groups, 'file')} waste ${bytesText(wastedBytes)}`
}

function groupLines({ bytes, copies, paths }: DuplicateGroup, { dim }: Colors): string[] {
  const what = `${countText(copies)} × ${bytesText(bytes)}`.padEnd(WHAT_WIDTH)
  const more = copies - paths.length
  const names = [
    ...paths.map(printable),
    ...(more === 0 ? [] : [dim(`and ${countText(more)} more`)]),
  ]
  return names.map((name, index) =>
    labelled('', `${index === 0 ? dim(what) : ' '.repeat(WHAT_WIDTH)} ${name}`),
  )
}

function moreGroupsLine({ groups }: DigestReport['duplicates'], { dim }: Colors): string[] {
  const more = groups - GROUPS_SHOWN
  return more <= 0 ? [] : [labelled('', dim(`and ${countText(more)} more; --json lists all`))]
}

function skippedText(skipped: DigestReport['skipped']): string {
  const kinds = Object.entries(skipped)
  if (kinds.length === 0) return 'nothing'
  return kinds.map(([what, count]) => plural(count, what)).join(', ')
}

function errorText(errors: number): string {
  return `${plural(errors, 'file or folder', 'files or folders')} could not be read, see above`
}
