import { errorAt, type Place } from './place.ts'

export type HoldKind = 'read' | 'upgradable' | 'write'

/** That a guard of a debugged lock is held: from when this is made until it ends. */
export class Hold {
  readonly #kind: HoldKind
  readonly #place: Place
  readonly #among: Set<Hold>

  /**
   * @param place - Where it was asked for.
   * @param among - Those of the same lock that are held.
   */
  constructor(kind: HoldKind, place: Place, among: Set<Hold>) {
    this.#kind = kind
    this.#place = place
    this.#among = among
    among.add(this)
  }

  get isHeld(): boolean {
    return this.#among.has(this)
  }

  end(): void {
    this.#among.delete(this)
  }

  /** Ends, for another guard takes the place of this one. */
  become(kind: HoldKind, place: Place = this.#place): Hold {
    this.end()
    return new Hold(kind, place, this.#among)
  }

  toError(): Error {
    return takenAt(this.#kind, this.#place)
  }
}

/** Says where a guard was asked for that is held. */
export function takenAt(kind: HoldKind, place: Place): Error {
  return errorAt(`Held (${kind}), taken ${place === undefined ? 'somewhere' : 'here'}`, place)
}

/** Says who is in the way: all that are held, but for the one that asks; `undefined` if none is. */
export function inTheWay(holds: Iterable<Hold>, asking: Hold | undefined): Error | undefined {
  const errors = [...holds].filter((hold) => hold !== asking).map((hold) => hold.toError())
  if (errors.length <= 1) return errors[0]
  return new AggregateError(errors, `${errors.length} guards are held`)
}
