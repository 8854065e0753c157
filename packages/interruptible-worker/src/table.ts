import { isProxy } from 'node:util/types'

/** Plain objects of one shape: what their properties are called, then the values, row by row. */
interface Table {
  readonly names: readonly string[]
  readonly cells: readonly unknown[]
}

/** Values as they travel. */
export type Packed = readonly unknown[] | Table

/** For fewer it is not worth looking. */
const FEWEST_ROWS = 8

/**
 * The values as a table, if all are plain objects of one shape whose properties are primitive, as
 * options and records are; otherwise the values themselves. To write an object, the serializer
 * looks it up among all it has written and names each property again: half of what a message of
 * small objects costs.
 *
 * A table gives the same copies as the objects would. What clones otherwise stays: a class instance,
 * a property with a symbol, a proxy, which does not clone at all.
 */
export function packTable(values: readonly unknown[]): Packed {
  const [first] = values
  if (values.length < FEWEST_ROWS || !isPlain(first)) return values
  const names = Object.keys(first)
  // Without names nobody could tell how many rows there are; and this one, assigned on arrival, would
  // be no property.
  if (names.length === 0 || names.includes('__proto__')) return values
  const cells: unknown[] = []
  for (const value of values) if (!addRow(value, names, cells)) return values
  return { names, cells }
}

/** The values that {@link packTable} was given. */
export function unpackTable(packed: Packed): readonly unknown[] {
  if (!('cells' in packed)) return packed
  const { names, cells } = packed
  const values: unknown[] = []
  for (let place = 0; place < cells.length;) {
    const value: Record<string, unknown> = {}
    for (const name of names) value[name] = cells[place++]
    values.push(value)
  }
  return values
}

/** @returns Whether it is of that shape; if not, half of it may be there. */
function addRow(value: unknown, names: readonly string[], cells: unknown[]): boolean {
  if (!isPlain(value)) return false
  let column = 0
  // The names of a prototype, if somebody has given `Object.prototype` any, come last.
  for (const name in value) {
    const cell = value[name]
    if (name !== names[column++] || !isClonedAsItIs(cell)) return false
    cells.push(cell)
  }
  return column === names.length
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isProxy(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  )
}

/** A symbol is primitive as well, but cannot be cloned. */
function isClonedAsItIs(value: unknown): boolean {
  const type = typeof value
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol')
}
