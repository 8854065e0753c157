import workerpool from 'workerpool'
import { add, fail, keptBytes, spin, spinLong, spinShort, touch } from './tasks.ts'

function move(buffer: ArrayBuffer): unknown {
  return new workerpool.Transfer(touch(buffer), [buffer])
}

workerpool.worker({ add, fail, keptBytes, move, spin, spinLong, spinShort })
