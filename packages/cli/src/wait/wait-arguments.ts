import { InvalidArgumentError } from 'commander'

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

/** Ports, one after the other. */
export function portsOf(text: string, ports: readonly number[] = []): readonly number[] {
  return [...ports, wholeNumber(text, 1, 65_535)]
}

/** URLs of web servers, one after the other. */
export function urlsOf(text: string, urls: readonly URL[] = []): readonly URL[] {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new InvalidArgumentError('Expected a URL with http: or https:.')
  }
  return [...urls, new URL(text)]
}

/** An expression; a text that is none is told so. */
export function expressionOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
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
