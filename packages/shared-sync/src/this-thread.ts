import { Mendables } from './mendables.ts'
import { Seatings } from './seatings.ts'
import { WorkerExits } from './worker-exits.ts'

/** What a thread knows of itself, and no object in it does. */
class ThisThread {
  readonly seatings: Seatings = new Seatings()
  readonly mendables: Mendables = new Mendables()
  /** Does nothing where threads can be looked up. */
  readonly workerExits: WorkerExits = new WorkerExits()
}

let thread: ThisThread | undefined

/**
 * The only state of this package that is a module's. It cannot be anybody else's: who attaches brings
 * nothing but a handle, and has to find the seat that the thread has already. Made when first needed.
 */
export function thisThread(): ThisThread {
  return (thread ??= new ThisThread())
}
