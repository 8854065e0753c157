import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Beat, isBeat } from './beat.ts'

/** The version of the messages that this release writes, and the only one it reads. */
const VERSION = 1

/** What follows a tab, behind the JSON of a signed message: a SHA-256 in hexadecimal. */
const SIGNATURE_CHARACTERS = 64

/**
 * How deep lists and objects may be in each other. What is nested deeper can be read, but whoever writes it
 * again, or walks it, runs out of stack: one message would keep a monitor from ever saving a snapshot.
 */
const DEEPEST = 64

/** Why a message is no beat. */
export type MessageProblem =
  | 'forged'
  | 'malformed'
  | 'oversized'
  | 'unsigned'
  | 'unverifiable'
  | 'version'

/** How messages are secured. */
export interface MessageOptions {
  /**
   * What sender and receiver know and nobody else does. With it messages are signed, and those that are
   * not are refused; they are not encrypted.
   *
   * @defaultValue messages are not signed
   */
  readonly secret?: string | Uint8Array | undefined
  /**
   * How many bytes a message may have.
   *
   * @defaultValue 8192
   */
  readonly maxBytes?: number | undefined
}

/**
 * Writes a beat: one line of JSON, and after a tab its HMAC-SHA256 if there is a secret.
 *
 * What is signed is the line as it is sent, so that no two programs have to agree on how to write the
 * same JSON.
 */
export function writeMessage(beat: Beat, secret: string | Uint8Array | undefined): string {
  const text = JSON.stringify({ v: VERSION, ...beat })
  return secret === undefined ? text : `${text}\t${signatureOf(text, secret)}`
}

/**
 * Reads a beat from somebody who may be anybody. Looks at nothing before the size, and at nothing but
 * the signature before that is right.
 *
 * @returns The beat, or why it is none. Never throws.
 */
export function readMessage(
  message: string,
  { secret, maxBytes = 8192 }: MessageOptions,
): Beat | MessageProblem {
  // A character has a byte at least: most of what is too long need not be counted.
  if (message.length > maxBytes || Buffer.byteLength(message) > maxBytes) return 'oversized'
  const tab = message.indexOf('\t')
  if (secret === undefined) return tab === -1 ? parse(message) : 'unverifiable'
  if (tab === -1) return 'unsigned'
  const text = message.slice(0, tab)
  return isSignature(message.slice(tab + 1), text, secret) ? parse(text) : 'forged'
}

function signatureOf(text: string, secret: string | Uint8Array): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

/** In a time that says nothing about where they differ. */
function isSignature(claimed: string, text: string, secret: string | Uint8Array): boolean {
  if (!/^[0-9a-f]*$/.test(claimed) || claimed.length !== SIGNATURE_CHARACTERS) return false
  return timingSafeEqual(Buffer.from(claimed), Buffer.from(signatureOf(text, secret)))
}

function parse(text: string): Beat | MessageProblem {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'malformed'
  }
  if (typeof value !== 'object' || value === null || !('v' in value)) return 'malformed'
  if (value.v !== VERSION) return typeof value.v === 'number' ? 'version' : 'malformed'
  if (!isBeat(value) || isDeeper(value, DEEPEST)) return 'malformed'
  const { key, epoch, sequence, periodMs, blockedMs, meta } = value
  return { key, epoch, sequence, periodMs, blockedMs, meta }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
