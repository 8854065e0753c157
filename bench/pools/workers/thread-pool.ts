import { touch } from './tasks.ts'

export { add, fail, keptBytes, spin, spinLong, spinShort } from './tasks.ts'

/** What marks a result as one to move. A version that has none copies. */
const { move: moveOut } = await taskModule()

export function move(buffer: ArrayBuffer): unknown {
  touch(buffer)
  return moveOut === undefined ? buffer : moveOut(buffer)
}

async function taskModule(): Promise<{ move?: (buffer: ArrayBuffer) => unknown }> {
  const specifier: string = '@cupola/thread-pool/task'
  try {
    return (await import(specifier)) as { move?: (buffer: ArrayBuffer) => unknown }
  } catch {
    return {}
  }
}
