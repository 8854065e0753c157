import { onAbort } from './abort.ts'
import { Audience } from './audience.ts'
import { requireFunction, requireObject } from './checks.ts'

/** How to listen. */
export interface ListenOptions {
  /**
   * Ends the listening when it aborts.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
}

type Listener<Payload> = (event: Payload) => void

/**
 * The events of one object: an interface maps each name to the one payload that its listeners get.
 *
 * Objects *have* an emitter and publish its `on`; they do not extend one. Events are observations:
 * results and errors travel by promise, so nothing breaks if nobody listens.
 *
 * Names are known to the compiler only. One that no event has is not refused, as with Node's own
 * emitters: for that, each class would have to list at run time what its interface says already, and
 * a name that its list forgot would be an event that nobody can hear.
 *
 * @example An object with events
 * ```ts
 * import { Emitter } from '@cupola/core/authoring'
 *
 * interface DoorEvents {
 *   readonly opened: { readonly by: string }
 * }
 * const events = new Emitter<DoorEvents>()
 * const guests: string[] = []
 * const listening = events.on('opened', ({ by }) => guests.push(by))
 *
 * events.emit('opened', { by: 'Ada' })
 * listening[Symbol.dispose]()
 * events.emit('opened', { by: 'Bob' })
 * guests // => ['Ada']
 * ```
 */
export class Emitter<Events extends object> {
  readonly #audiences: Audiences<Events> = Object.create(null)

  /**
   * Calls `listener` at each event of that name, in the order of subscription. A listener that is
   * added twice is called twice.
   *
   * @param name - The event.
   * @param listener - Called synchronously, in the async context of whoever emits. What it throws
   *   becomes an uncaught exception and disturbs neither the emitter nor the other listeners.
   * @param options - What ends the listening, besides disposing the result.
   * @returns Ends the listening when disposed. Disposing twice is harmless.
   * @throws TypeError If `listener` is not a function, `options` not an object, or the signal not an
   *   `AbortSignal`.
   * @throws `options.signal.reason`, if the signal has already aborted.
   */
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options: ListenOptions = {},
  ): Disposable {
    requireFunction('listener', listener)
    requireObject('options', options)
    const abort = onAbort(options.signal, () => listening[Symbol.dispose]())
    const listening = (this.#audiences[name] ??= new Audience()).add(listener)
    return {
      [Symbol.dispose]() {
        listening[Symbol.dispose]()
        abort[Symbol.dispose]()
      },
    }
  }

  /** Whether anybody listens: lets a busy emitter skip making the payload. */
  has(name: keyof Events): boolean {
    return (this.#audiences[name]?.size ?? 0) > 0
  }

  /**
   * Calls the listeners of that name. Never throws. A listener added meanwhile hears the next event,
   * one removed meanwhile hears no more.
   */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    this.#audiences[name]?.tell(event)
  }
}

/** Without a prototype, so that an event may be called `constructor`. */
type Audiences<Events> = { [Name in keyof Events]?: Audience<Events[Name]> }
