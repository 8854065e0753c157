import { hostname } from 'node:os'
import process from 'node:process'
import { threadId } from 'node:worker_threads'
import {
  requireFunction,
  requireInteger,
  requireObject,
  requireString,
} from '@cupola/core/authoring'
import { EntropyPool, type FillRandom, systemRandom } from './entropy-pool.ts'
import { hexOfBytes } from './hex.ts'
import { formatName, LONGEST_HOST, LONGEST_PREFIX } from './name-format.ts'
import { escapeSegment, shortenTo } from './name-segment.ts'

/** Where names come from. All of it is found out by itself. */
export interface UniqueNamesOptions {
  /**
   * What the machine is called. It is cut where it takes more than 64 characters.
   *
   * @defaultValue `os.hostname()`, asked for with each nonce
   */
  readonly host?: string | undefined
  /**
   * The number of the process, asked for with each nonce: when this is made, and at a `reseed()`.
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
  readonly #hostOf: () => string
  readonly #pidOf: () => number
  readonly #thread: number
  readonly #entropy: EntropyPool
  readonly #hex = hexOfBytes()
  /** Of these a name is made, and they stay the same until there is another nonce. */
  #host = ''
  #pid = 0
  #nonce = ''
  #prefix = ''
  /** All of the name but the counter, and that with the counter but for its last two digits. */
  #stem = ''
  #head = ''
  #high = 0
  /** The last two digits; 256 when there is none left. */
  #low = 0

  /**
   * @param options - What to believe of the place where it runs.
   * @throws TypeError If an option has the wrong type, or `host` is no well-formed text.
   * @throws RangeError If `thread` or what `pid` gives is not an integer from 0 to 2³²−1.
   */
  constructor(options: UniqueNamesOptions = {}) {
    requireObject('options', options)
    const { host, pid = () => process.pid, thread = threadId, fillRandom = systemRandom } = options
    if (host !== undefined) requireString('host', host)
    requireFunction('pid', pid)
    requireFunction('fillRandom', fillRandom)
    this.#hostOf = () => host ?? hostname()
    this.#pidOf = pid
    this.#thread = requireInteger('thread', thread, 0, 2 ** 32 - 1)
    this.#entropy = new EntropyPool(fillRandom, NONCE_BYTES)
    this.#drawNonce()
    this.#begin('')
    this.#makeHead()
  }

  /**
   * A name that nobody has had.
   *
   * It is at most 215 characters long, and each of them is allowed in the names of files on Linux, macOS and
   * Windows; two names differ also where upper and lower case do not. What is not a letter of the English
   * alphabet, a digit, `.`, `_` or `-` is written in the prefix as `=` and two digits for each byte.
   *
   * Cost: a name with the prefix of the one before is joined from two pieces; another prefix is written anew.
   *
   * @param prefix - What the name begins with, so that people know what it is for.
   * @throws TypeError If `prefix` is no well-formed text.
   * @throws RangeError If it takes more than 96 characters as it is written.
   *
   * @defaultValue `prefix` is nothing; the name begins with the host then
   */
  next(prefix = ''): string {
    const low = this.#low
    if (low === 256 || prefix !== this.#prefix || this.#entropy.isStale) return this.#slow(prefix)
    return this.#name()
  }

  /**
   * More than the last two digits is not as it was. Not by way of `next()` again: a thread that reseeds over
   * and over would never let it end.
   */
  #slow(prefix: string): string {
    if (prefix !== this.#prefix || this.#entropy.isStale) this.#begin(prefix)
    if (this.#low === 256) {
      this.#low = 0
      this.#high++
    }
    this.#makeHead()
    return this.#name()
  }

  #name(): string {
    // There are two digits for each value that gets here.
    return this.#head + (this.#hex[this.#low++] ?? '')
  }

  /** Writes anew what stands before the counter. */
  #begin(prefix: string): void {
    requirePrefix(prefix)
    if (this.#entropy.isStale) this.#drawNonce()
    const name = formatName(prefix, this.#host, {
      pid: this.#pid,
      thread: this.#thread,
      nonce: this.#nonce,
      counter: 0,
    })
    this.#stem = name.slice(0, -2)
    this.#prefix = prefix
  }

  /**
   * The number of the process is not looked at but here: Node reads it once, and shows the old one in a copy
   * of a process as well.
   */
  #drawNonce(): void {
    const host = this.#hostOf()
    this.#host = shortenTo(LONGEST_HOST, 'host', host === '' ? 'localhost' : host)
    this.#pid = requireInteger('pid', this.#pidOf(), 0, 2 ** 32 - 1)
    this.#entropy.refresh()
    this.#nonce = this.#entropy.hex(NONCE_BYTES)
  }

  #makeHead(): void {
    const head = this.#high === 0 ? this.#stem : this.#stem + this.#high.toString(16)
    // One piece of memory, where concatenation leaves a chain of pieces that every name would walk.
    this.#head = Buffer.from(head, 'latin1').toString('latin1')
  }
}

function requirePrefix(prefix: string): void {
  const { length } = escapeSegment('prefix', prefix)
  if (length <= LONGEST_PREFIX) return
  throw new RangeError(
    `Cannot use prefix: it takes ${length} characters as it is written, expected up to ${LONGEST_PREFIX}`,
  )
}
