import { InvalidArgumentError } from 'commander'
import type { Place } from './run-wait.ts'

const DURATION = /^(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)?$/
const UNIT_MS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])

/** Milliseconds from `500`, `500ms`, `30s`, `1.5m` or `2h`. */
export function durationOf(text: string): number {
  const groups = DURATION.exec(text)?.groups
  const unitMs = UNIT_MS.get(groups?.['unit'] ?? 'ms')
  if (groups === undefined || unitMs === undefined) {
    throw new InvalidArgumentError('Expected milliseconds, or a number with ms, s, m or h.')
  }
  return Number(groups['amount']) * unitMs
}

/** A duration that is a pause. */
export function intervalOf(text: string): number {
  const ms = durationOf(text)
  if (ms >= 1) return ms
  throw new InvalidArgumentError('Expected a millisecond or more.')
}

/** A text that says something. A variable that is not set in a script would mean everything. */
export function textOf(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('Expected something, got an empty text.')
}

/** Texts that say something, one after the other. */
export function textsOf(text: string, texts: readonly string[] = []): readonly string[] {
  return [...texts, textOf(text)]
}

/** A host; the brackets of an address of IPv6 are left out. */
export function hostOf(text: string): string {
  const host = text.replace(/^\[(?<address>.*)\]$/, '$<address>')
  if (/^[^\s[\]]+$/.test(host)) return host
  throw new InvalidArgumentError('Expected a name or an address.')
}

/** `8080`, `db:5432`, `127.0.0.1:80` or `[::1]:80`. */
export function placeOf(text: string): Place {
  const groups = /^(?:(?<host>.*):)?(?<port>\d+)$/.exec(text)?.groups
  const port = wholeNumber(groups?.['port'] ?? text, 1, 65_535)
  const host = groups?.['host']
  return { port, host: host === undefined ? undefined : hostOf(host) }
}

/** Ports, one after the other. */
export function placesOf(text: string, places: readonly Place[] = []): readonly Place[] {
  return [...places, placeOf(text)]
}

/** URLs of web servers, one after the other. */
export function urlsOf(text: string, urls: readonly URL[] = []): readonly URL[] {
  return [...urls, urlOf(text)]
}

/** The URL of a web server. */
export function urlOf(text: string): URL {
  if (URL.canParse(text) && /^https?:/i.test(text)) return new URL(text)
  throw new InvalidArgumentError('Expected a URL with http: or https:.')
}

/** An expression; a text that is none is told so. */
export function expressionOf(text: string): RegExp {
  try {
    return new RegExp(textOf(text), 'u')
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new InvalidArgumentError(`${problem}. --fixed takes it as it is.`)
  }
}

/** Where to begin in a file. */
export function startOf(text: string): 'start' | 'end' | number {
  return text === 'start' || text === 'end' ? text : wholeNumber(text, 0, Number.MAX_SAFE_INTEGER)
}

/** A number from 1 up. */
export function countOf(text: string): number {
  return wholeNumber(text, 1, Number.MAX_SAFE_INTEGER)
}

/** The number of a process. */
export function pidOf(text: string): number {
  return wholeNumber(text, 1, 2 ** 31 - 1)
}

/** A status of HTTP. */
export function statusOf(text: string): number {
  return wholeNumber(text, 100, 599)
}

function wholeNumber(text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} up` : `${least} to ${most}`
  throw new InvalidArgumentError(`Expected a whole number from ${range}.`)
}
