import { move as moveOut } from '@cupola/thread-pool/task'
import { touch } from './tasks.ts'

export { add, fail, keptBytes, spin, spinLong, spinShort } from './tasks.ts'

export function move(buffer: ArrayBuffer): ArrayBuffer {
  touch(buffer)
  return moveOut(buffer)
}
