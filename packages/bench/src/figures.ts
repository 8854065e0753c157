/**
 * Figures for people.
 *
 * @module
 */
import type { Spread } from './statistics.ts'

const STEPS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** With three digits that count: `12.3 M`, `4.56 k`, `0.123`; nothing if there is none. */
export function figureText(value: number): string {
  if (Number.isNaN(value)) return ''
  if (value === 0) return '0'
  const step = STEPS.find(([size]) => Number(Math.abs(value).toPrecision(3)) >= size)
  const [size, letter] = step ?? [1, '']
  const digits = Math.max(
    0,
    2 - Math.floor(Math.log10(Number((Math.abs(value) / size).toPrecision(3)))),
  )
  return `${(value / size).toFixed(Math.min(digits, 3))}${letter === '' ? '' : ` ${letter}`}`
}

/** From the least to the greatest of the rounds. */
export function rangeText({ low, high }: Pick<Spread, 'low' | 'high'>): string {
  return `${figureText(low)} – ${figureText(high)}`
}

/** `1 round`, `2 rounds`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const UNITS = ['KiB', 'MiB', 'GiB'] as const

/** A size in the largest unit that leaves no fraction: `132 KiB`, `1 MiB`, `1000 bytes`. */
export function sizeText(bytes: number): string {
  let [amount, unit] = [bytes, 0]
  while (amount >= 1024 && amount % 1024 === 0 && unit < UNITS.length) {
    amount /= 1024
    unit++
  }
  return unit === 0 ? countText(amount, 'byte') : `${amount} ${UNITS[unit - 1]}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
