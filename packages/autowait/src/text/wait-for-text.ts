import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireDuration, requireInteger } from '@cupola/core/authoring'
import { type Look, type LookContext, met, notMet, type SeenBy } from '../condition.ts'
import { FileCondition, type WatchOptions } from '../file/file-condition.ts'
import { pathSearch } from '../file/file-search.ts'
import { type ClockOptions, keepLooking } from '../keep-looking.ts'
import type { TailLine } from './line-splitter.ts'
import { TailReader } from './tail-reader.ts'
import { type TextFind, type TextFinder, textFinder, type TextPattern } from './text-pattern.ts'
import type { TailStart } from './tailed-file.ts'
import { UnfinishedLine } from './unfinished-line.ts'

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
 * {@link TailReader}. Patterns match within one line; flags `g` and `y` begin anew with each line.
 *
 * Cancellation: however the wait ends, the file and its watchers are closed and its timers gone when
 * it settles.
 *
 * Cost: one watch for each folder on the way, and one descriptor; only what was added is read. At every
 * event in the folder, chokidar reads the folder as a whole. The process is kept alive.
 *
 * @param file - The file.
 * @param pattern - A text that the line has, an expression that matches it, or a function that says
 *   so; what that throws ends the wait.
 * @param options - Where to begin, how to look, and what ends the wait.
 * @returns The line, and what the pattern found.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 * @throws BrokenError If it is no regular file.
 * @throws What the file system throws, but for a file that is missing.
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
  const { from, count = 1, unfinishedMs = 1000, clock = systemClock } = options
  requireInteger('count', count, 1, Number.MAX_SAFE_INTEGER)
  requireDuration('unfinishedMs', unfinishedMs)
  const path = file instanceof URL ? fileURLToPath(file) : resolve(file)
  const reader = new TailReader(path, { from, clock })
  const lines = new MatchedLines(find, count, new UnfinishedLine(unfinishedMs))
  const condition = {
    action: `wait for ${titleOf(pattern)} in "${path}"`,
    look: async ({ seenBy }: LookContext): Promise<Look<TextMatch>> =>
      lines.look(await reader.read(), reader.unfinished, clock.now(), seenBy),
    close: async () => await reader.close(),
  }
  return await keepLooking(new FileCondition(condition, pathSearch(path), options), options)
}

/** Counts the lines that match. */
class MatchedLines {
  readonly #find: TextFinder
  readonly #count: number
  readonly #unfinished: UnfinishedLine
  #found = 0
  #last: string | undefined

  constructor(find: TextFinder, count: number, unfinished: UnfinishedLine) {
    this.#find = find
    this.#count = count
    this.#unfinished = unfinished
  }

  look(
    lines: readonly TailLine[],
    unfinished: TailLine | undefined,
    now: number,
    seenBy: SeenBy,
  ): Look<TextMatch> {
    for (const line of lines) {
      if (this.#unfinished.isTaken(line)) continue
      const match = this.#match(line, seenBy)
      if (match !== undefined) return met(match)
    }
    const lookAgainMs = this.#unfinished.observe(unfinished, now)
    if (unfinished !== undefined && lookAgainMs === 0) {
      const match = this.#match(unfinished, seenBy)
      if (match !== undefined) return met(match)
    }
    return notMet(this.#seen(), lookAgainMs === 0 ? {} : { lookAgainMs })
  }

  /** The match, if it is the one that was missing. */
  #match(line: TailLine, seenBy: SeenBy): TextMatch | undefined {
    this.#last = line.text
    const found = this.#find(line.text)
    if (found === undefined) return undefined
    this.#unfinished.take(line)
    this.#found++
    if (this.#found < this.#count) return undefined
    return { ...found, line: line.text, offset: line.offset, seenBy }
  }

  #seen(): string {
    const matches = this.#count === 1 ? '' : `${this.#found} of ${this.#count} matches, `
    const last = this.#last === undefined ? 'no line' : `as the last line "${excerpt(this.#last)}"`
    return matches + last
  }
}

function excerpt(line: string): string {
  return line.length <= 80 ? line : `${line.slice(0, 80)}…`
}

function titleOf(pattern: TextPattern): string {
  if (typeof pattern === 'string') return `"${pattern}"`
  return pattern instanceof RegExp ? String(pattern) : 'a line that is accepted'
}
