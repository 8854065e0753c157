import { resolve } from 'node:path'
import { type Clock, systemClock, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireDuration, requireInteger } from '@cupola/core/authoring'
import { type Look, type LookContext, met, type NotMet, notMet, type SeenBy } from '../condition.ts'
import { FileCondition, type WatchOptions } from '../file/file-condition.ts'
import { pathSearch } from '../file/file-search.ts'
import { requirePath } from '../file/paths.ts'
import { type ClockOptions, keepLooking } from '../keep-looking.ts'
import { isSystemError, type SystemError } from '../system-errors.ts'
import type { TailLine } from './line-splitter.ts'
import { type Pass, Tail } from './tail.ts'
import { requireStart } from './tail-reader.ts'
import { type TextFind, type TextFinder, textFinder, type TextPattern } from './text-pattern.ts'
import type { TailStart } from './tailed-file.ts'
import { UnfinishedLines } from './unfinished-lines.ts'

/** A line of more bytes is matched in pieces. */
const MAX_LINE_BYTES = 1024 * 1024

/** The line that was waited for, and what the pattern found in it. */
export interface TextMatch extends TextFind {
  /** The line, without its end. */
  readonly line: string
  /** Where the line begins, in bytes from the beginning of its file. */
  readonly offset: number
  /** How it was noticed. */
  readonly seenBy: SeenBy
}

/** How {@link waitForText} waits. */
export interface WaitForTextOptions extends WaitOptions, WatchOptions, ClockOptions {
  /**
   * Where to begin: at the `'start'` or the `'end'` of what is there now, or at a byte. A file that is
   * not there yet, or is shorter, is read from its start.
   *
   * @defaultValue 'start'
   */
  readonly from?: TailStart | undefined
  /**
   * How many lines have to match; the last of them is the result.
   *
   * @defaultValue 1
   */
  readonly count?: number | undefined
  /**
   * For how many milliseconds nothing may be added to a last line without an end, until it is looked
   * at as it is. What is added later belongs to the same line and is not looked at again if it
   * matched. `Infinity` never does.
   *
   * @defaultValue 1000
   */
  readonly unfinishedMs?: number | undefined
}

/**
 * Waits until a line of a file matches. The file and its folders may be missing.
 *
 * Every line is looked at once, when it is complete, and whatever is done to the file: see
 * {@link TailReader}. The search ends at the match. Patterns match within one line; flags `g` and `y`
 * begin anew with each line. A line of more than 1 MiB is matched in pieces of that size. A file that
 * may not be read, as a log is for a moment when it is rotated, is waited for.
 *
 * Cancellation: however the wait ends, the file and its watchers are closed and its timers gone when
 * it settles. Abort and deadline count in the middle of a large file as well. They cannot interrupt a
 * regular expression: one that takes exponential time for a line holds up the whole process.
 *
 * Cost: one watch for each folder on the way, and one descriptor; only what was added is read, a
 * quarter of a megabyte at a time. The process is kept alive.
 *
 * @param file - The file.
 * @param pattern - A text that the line has, an expression that matches it, or a function that says
 *   so; it is asked once about each line, and about one without an end once in each state that it
 *   stays in. What it throws ends the wait.
 * @param options - Where to begin, how to look, and what ends the wait.
 * @returns The line, and what the pattern found.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 * @throws BrokenError If it is a folder, a FIFO or a device: none of them is going to be a log.
 *
 * @example A port in a log
 * ```ts
 * import { appendFile, mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { waitForText } from '@cupola/autowait'
 *
 * const log = join(await mkdtemp(join(tmpdir(), 'server-')), 'server.log')
 * setTimeout(() => appendFile(log, 'starting\nlistening on port 4711\n'), 20)
 *
 * const { captures, offset } = await waitForText(log, /port (\d+)/, { timeout: 10_000 })
 * captures // => ['4711']
 * offset // => 9
 * ```
 */
export async function waitForText(
  file: string | URL,
  pattern: TextPattern,
  options: WaitForTextOptions = {},
): Promise<TextMatch> {
  const find = textFinder(pattern)
  checkWaitOptions(options)
  const { from = 'start', count = 1, unfinishedMs = 1000, clock = systemClock } = options
  requireStart(from)
  requireInteger('count', count, 1, Number.MAX_SAFE_INTEGER)
  requireDuration('unfinishedMs', unfinishedMs)
  const path = resolve(requirePath('file', file))
  const tail = new Tail(path, { from, maxLineBytes: MAX_LINE_BYTES, clock })
  const lines = new MatchedLines(find, count, new UnfinishedLines(unfinishedMs))
  const condition = {
    action: `wait for ${titleOf(pattern)} in "${path}"`,
    look: async (context: LookContext): Promise<Look<TextMatch>> =>
      await lookInto(tail, lines, clock, context),
    close: async () => await tail.close(),
  }
  return await keepLooking(new FileCondition(condition, pathSearch(path).scope, options), options)
}

/** Reads what there is, a part at a time: a match ends it, and so does the end of the wait. */
async function lookInto(
  tail: Tail,
  lines: MatchedLines,
  clock: Clock,
  { seenBy, signal, soFar }: LookContext,
): Promise<Look<TextMatch>> {
  const pass = tail.pass()
  for (;;) {
    const part = await nextOf(pass)
    if (part instanceof Error) return notMet(part.message, { cause: part })
    const isEnd = part === undefined
    const found = isEnd ? lines.findQuiet(tail.unfinished, clock.now()) : lines.find(part)
    if (found !== undefined) return met({ ...found, seenBy })
    const look = lines.notMet(clock.now())
    if (isEnd || signal.aborted) return look
    soFar(look)
  }
}

/** The next lines, or why the system does not let us read, which it may at the next look. */
async function nextOf(pass: Pass): Promise<readonly TailLine[] | SystemError | undefined> {
  try {
    const { done, value } = await pass.next()
    return done === true ? undefined : value
  } catch (error) {
    if (isSystemError(error)) return error
    throw error
  }
}

/** Counts the lines that match. */
class MatchedLines {
  readonly #find: TextFinder
  readonly #count: number
  readonly #unfinished: UnfinishedLines
  #found = 0
  #last: string | undefined

  constructor(find: TextFinder, count: number, unfinished: UnfinishedLines) {
    this.#find = find
    this.#count = count
    this.#unfinished = unfinished
  }

  /** Looks at lines; gives the match that was missing, if it is among them. */
  find(lines: readonly TailLine[]): Found | undefined {
    for (const line of lines) {
      const found = this.#unfinished.isTaken(line) ? undefined : this.#match(line)
      if (found !== undefined && this.#found === this.#count) return found
    }
    return undefined
  }

  /** The same for lines without an end, if nothing was added to them for long enough. */
  findQuiet(lines: readonly TailLine[], now: number): Found | undefined {
    for (const line of this.#unfinished.observe(lines, now)) {
      const found = this.#match(line)
      if (found === undefined) continue
      if (this.#found === this.#count) return found
      this.#unfinished.take(line)
    }
    return undefined
  }

  /** What was seen, and when a line without an end will have been quiet. */
  notMet(now: number): NotMet {
    const matches = this.#count === 1 ? '' : `${this.#found} of ${this.#count} matches, `
    const last = this.#last === undefined ? 'no line' : `as the last line "${excerpt(this.#last)}"`
    return notMet(matches + last, { lookAgainMs: this.#unfinished.missingMs(now) })
  }

  #match({ text: line, offset }: TailLine): Found | undefined {
    this.#last = line
    const found = this.#find(line)
    if (found === undefined) return undefined
    this.#found++
    return { ...found, line, offset }
  }
}

type Found = Omit<TextMatch, 'seenBy'>

function excerpt(line: string): string {
  return line.length <= 80 ? line : `${line.slice(0, 80)}…`
}

function titleOf(pattern: TextPattern): string {
  if (typeof pattern === 'string') return `"${pattern}"`
  return pattern instanceof RegExp ? String(pattern) : 'a line that is accepted'
}
