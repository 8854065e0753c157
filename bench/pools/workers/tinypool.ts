import { Tinypool } from 'tinypool'
import { touch } from './tasks.ts'

export { add, fail, keptBytes, spin, spinLong, spinShort } from './tasks.ts'

export function move(buffer: ArrayBuffer): unknown {
  return Tinypool.move(touch(buffer))
}
