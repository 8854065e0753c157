/**
 * What a line has to have: a text in it, a regular expression that matches, or a function's consent,
 * which it has to give at once.
 */
export type TextPattern = string | RegExp | ((line: string) => boolean)

/** What a pattern found in a line. */
export interface TextFind {
  /** The part of the line that matched. */
  readonly text: string
  /** What the groups of the regular expression matched, in their order; `''` where one did not. */
  readonly captures: readonly string[]
  /** What its named groups matched, by name; those that did not are left out. */
  readonly groups: Readonly<Record<string, string>>
}

/** Finds a pattern in a line. */
export type TextFinder = (line: string) => TextFind | undefined

/** Makes a finder that leaves the pattern as it was: the `lastIndex` of a regular expression. */
export function textFinder(pattern: TextPattern): TextFinder {
  // Every line has the empty text in it: whoever passes it has lost what he meant.
  if (pattern === '') throw new TypeError('Cannot use pattern: got "", expected a text to find')
  if (typeof pattern === 'string') {
    return (line) => (line.includes(pattern) ? plainFind(pattern) : undefined)
  }
  if (typeof pattern === 'function') {
    return (line) => (accepts(pattern, line) ? plainFind(line) : undefined)
  }
  if (!(pattern instanceof RegExp)) {
    throw new TypeError(
      `Cannot use pattern: got ${typeof pattern}, expected a string, a RegExp or a function`,
    )
  }
  const expression = new RegExp(pattern)
  return (line) => {
    // Otherwise a global or sticky one would go on where it matched last, in another line.
    expression.lastIndex = 0
    const match = expression.exec(line)
    return match === null ? undefined : findOf(match)
  }
}

/** A promise would be taken for a yes, whatever it comes to. */
function accepts(pattern: (line: string) => boolean, line: string): boolean {
  const answer: unknown = pattern(line)
  if (typeof answer !== 'object' || answer === null || !('then' in answer)) return Boolean(answer)
  throw new TypeError('Cannot use pattern: it answered with a promise, expected true or false')
}

function plainFind(text: string): TextFind {
  return { text, captures: [], groups: {} }
}

function findOf(match: RegExpExecArray): TextFind {
  const [text, ...captures] = match
  const named: [string, string | undefined][] = Object.entries(match.groups ?? {})
  return {
    text,
    captures: captures.map((capture: string | undefined) => capture ?? ''),
    groups: Object.fromEntries(
      named.flatMap(([name, capture]) => (capture === undefined ? [] : [[name, capture]])),
    ),
  }
}
