import { hostname } from 'node:os'
import process from 'node:process'
import { threadId } from 'node:worker_threads'
import { requireFunction, requireInteger, requireObject } from '@cupola/core/authoring'
import { EntropyPool, type FillRandom, systemRandom } from './entropy-pool.ts'
import { hexOfBytes, requireText } from './hex.ts'
import { formatName, LONGEST_HOST, LONGEST_PREFIX } from './name-format.ts'
import { escapeSegment, shortenTo } from './name-segment.ts'

/** Where names come from. All of it is found out by itself. */
export interface UniqueNamesOptions {
  /**
   * What the machine is called. It is cut where it takes more than 64 characters.
   *
   * @defaultValue `os.hostname()`
   */
  readonly host?: string | undefined
  /**
   * The number of the process, asked before each name: it changes when a running process is copied.
   *
   * @defaultValue `process.pid`
   */
  readonly pid?: (() => number) | undefined
  /**
   * The number of the thread.
   *
   * @defaultValue `threadId`
   */
  readonly thread?: number | undefined
  /**
   * Where the nonce comes from.
   *
   * @defaultValue `crypto.randomFillSync`
   */
  readonly fillRandom?: FillRandom | undefined
}

/** 64 bits: among a million processes of equal host, pid and thread, 1 in 36 million that two agree. */
const NONCE_BYTES = 8

/**
 * Names that nobody else makes, on this machine or another: of host, process, thread, a nonce drawn
 * when it begins, and a counter. Each object has a nonce of its own. They can be guessed.
 *
 * @example Names of one's own host
 * ```ts
 * import { UniqueNames } from '@cupola/ids'
 *
 * const names = new UniqueNames({ host: 'web-1', pid: () => 4711, thread: 0 })
 * /^upload~web-1~4711~0~[0-9a-f]{16}~00$/.test(names.next('upload')) // => true
 * ```
 */
export class UniqueNames {
  readonly #host: string
  readonly #pid: () => number
  readonly #thread: number
  readonly #entropy: EntropyPool
  readonly #hex = hexOfBytes()
  /** What {@link #head} was made of; another one is made when one of them changes. */
  #prefix = ''
  #pidOfHead: number
  #nonce: string
  #high = 0
  /** All of the name but the last two digits of the counter. */
  #head: string
  /** The last two digits. */
  #low = 0

  /**
   * @param options - What to believe of the place where it runs.
   * @throws TypeError If an option has the wrong type, or `host` is no well-formed text.
   * @throws RangeError If `thread` or what `pid` gives is not an integer from 0 to 2³²−1.
   */
  constructor(options: UniqueNamesOptions = {}) {
    requireObject('options', options)
    const {
      host = hostname(),
      pid = () => process.pid,
      thread = threadId,
      fillRandom = systemRandom,
    } = options
    requireText('host', host)
    requireFunction('pid', pid)
    requireFunction('fillRandom', fillRandom)
    this.#host = shortenTo(LONGEST_HOST, 'host', host === '' ? 'localhost' : host)
    this.#pid = pid
    this.#thread = requireInteger('thread', thread, 0, 2 ** 32 - 1)
    this.#entropy = new EntropyPool(fillRandom, NONCE_BYTES)
    this.#pidOfHead = requirePid(pid())
    this.#nonce = this.#entropy.hex(NONCE_BYTES)
    this.#head = this.#makeHead()
  }

  /**
   * A name that nobody has had.
   *
   * It is at most 215 characters long, and each of them is allowed in the names of files on Linux, macOS and
   * Windows; two names differ also where upper and lower case do not. What is not a letter of the English
   * alphabet, a digit, `.`, `_` or `-` is written in the prefix as `=` and two digits for each byte.
   *
   * @param prefix - What the name begins with, so that people know what it is for.
   * @throws TypeError If `prefix` is no well-formed text.
   * @throws RangeError If it takes more than 96 characters as it is written.
   *
   * @defaultValue `prefix` is nothing; the name begins with the host then
   */
  next(prefix = ''): string {
    const low = this.#low
    if (prefix !== this.#prefix || this.#pid() !== this.#pidOfHead || this.#entropy.isStale) {
      return this.#begin(prefix)
    }
    if (low === 256) return this.#carry()
    this.#low = low + 1
    // The hex digits of a byte are two characters: there is one for each value that gets here.
    return this.#head + (this.#hex[low] ?? '')
  }

  /** The next number has more than its last two digits changed. */
  #carry(): string {
    this.#low = 0
    this.#high++
    this.#head = this.#makeHead()
    return this.next(this.#prefix)
  }

  /** Something in the head is not as it was. A nonce is for one process only, and for one seed. */
  #begin(prefix: string): string {
    requirePrefix(prefix)
    const pid = requirePid(this.#pid())
    if (pid !== this.#pidOfHead || this.#entropy.isStale) {
      this.#entropy.refresh()
      this.#nonce = this.#entropy.hex(NONCE_BYTES)
      this.#pidOfHead = pid
    }
    this.#prefix = prefix
    this.#head = this.#makeHead()
    return this.next(prefix)
  }

  #makeHead(): string {
    const name = formatName(this.#prefix, this.#host, {
      pid: this.#pidOfHead,
      thread: this.#thread,
      nonce: this.#nonce,
      counter: this.#high * 256,
    })
    // One piece of memory, where concatenation leaves a chain of pieces that every name would walk.
    return Buffer.from(name.slice(0, -2), 'latin1').toString('latin1')
  }
}

function requirePrefix(prefix: string): void {
  const { length } = escapeSegment('prefix', prefix)
  if (length <= LONGEST_PREFIX) return
  throw new RangeError(
    `Cannot use prefix: it takes ${length} characters as it is written, expected up to ${LONGEST_PREFIX}`,
  )
}

function requirePid(pid: number): number {
  return requireInteger('pid', pid, 0, 2 ** 32 - 1)
}
