import { requireString } from '@cupola/core/authoring'
import { parseHex, toHex } from './hex.ts'
import { escapeSegment, unescapeSegment } from './name-segment.ts'
import { quoted } from './quoted.ts'

/** What a name is made of. */
export interface UniqueNameParts {
  /** What it was made for; empty if it was not said. */
  readonly prefix: string
  /** The machine. */
  readonly host: string
  /** The process. */
  readonly pid: number
  /** The thread. */
  readonly thread: number
  /** 16 digits that were drawn when whoever made it began. */
  readonly nonce: string
  /** How many names were made with that nonce before. */
  readonly counter: number
}

/** In characters as they are written. All of a name is 215 at most; file systems allow 255. `NAME` repeats them. */
export const LONGEST_PREFIX = 96
export const LONGEST_HOST = 64

/** Neither escaped nor part of what is not, and rare in what people call their machines. */
const SEPARATOR = '~'

const NAME =
  /^(?:(?<prefix>[^~]{1,96})~)?(?<host>[^~]{1,64})~(?<pid>\d{1,10})~(?<thread>\d{1,10})~(?<nonce>[0-9a-f]{16})~(?<counter>[0-9a-f]{2,14})$/

/**
 * Writes a name.
 *
 * @param host - As it is written: {@link shortenTo} may have cut it.
 */
export function formatName(
  prefix: string,
  host: string,
  { pid, thread, nonce, counter }: Omit<UniqueNameParts, 'prefix' | 'host'>,
): string {
  const begin = prefix === '' ? [host] : [escapeSegment('prefix', prefix), host]
  return [...begin, pid, thread, nonce, toHex(counter, 2)].join(SEPARATOR)
}

/**
 * Takes a name apart that {@link uniqueName} made, on whatever machine.
 *
 * @param text - The name, and nothing else.
 * @throws TypeError If `text` is not such a name.
 *
 * @example See who made a file
 * ```ts
 * import { parseUniqueName } from '@cupola/ids'
 *
 * const { prefix, pid } = parseUniqueName('upload~web-1~4711~0~9f0c21d4e3b85a76~1f')
 * prefix // => 'upload'
 * pid // => 4711
 * ```
 */
export function parseUniqueName(text: string): UniqueNameParts {
  requireString('text', text)
  const groups = NAME.exec(text)?.groups
  if (groups === undefined) throw noName(text)
  const { prefix = '', host = '', pid, thread, nonce = '', counter = '' } = groups
  const parts = {
    prefix: unescapeSegment(prefix),
    host: unescapeSegment(host),
    pid: Number(pid),
    thread: Number(thread),
    nonce,
    counter: Number(parseHex('text', counter, 14)),
  }
  // Only what is written again as it was read: `=41` is no way to write `A`.
  const again = formatName(parts.prefix, escapeSegment('host', parts.host), parts)
  if (again === text && isInRange(parts)) return parts
  throw noName(text)
}

/** What somebody counted cannot be more: the digits would hold it. */
function isInRange({ pid, thread, counter }: UniqueNameParts): boolean {
  return pid < 2 ** 32 && thread < 2 ** 32 && counter <= Number.MAX_SAFE_INTEGER
}

function noName(text: string): TypeError {
  return new TypeError(`Cannot parse ${quoted(text)}: expected a name as uniqueName() makes it`)
}
