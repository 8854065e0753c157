import type { Column } from './messages.ts'

/** The one number, if all are the same: arrays are what a message is made of. */
export function columnOf<Value extends number>(values: readonly Value[]): Value | readonly Value[] {
  const [one] = values
  return one !== undefined && values.every((value) => value === one) ? one : values
}

/** The number for the call at that place. */
export function at(column: Column, place: number): number {
  return typeof column === 'number' ? column : (column[place] ?? 0)
}
