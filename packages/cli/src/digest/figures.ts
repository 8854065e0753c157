/**
 * Figures for people.
 *
 * @module
 */

/** `1234567` as `1,234,567`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A count and what is counted: `1 file`, `2 files`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : nouns}`
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes in decimal units, with three digits: `1.23 GB`. */
export function bytesText(bytes: number): string {
  const whole = Math.round(bytes)
  if (whole < 1000) return plural(whole, 'byte')
  // What would be rounded to 1000 of a unit is 1 of the next.
  const power = Math.floor(Math.log10(Number(whole.toPrecision(3))) / 3)
  const unit = Math.min(power, UNITS.length - 1)
  return `${(whole / 1000 ** unit).toPrecision(3)} ${UNITS[unit]}`
}

/** A duration with as much precision as matters: `0.42 s`, `12 s`, `3 min 5 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
