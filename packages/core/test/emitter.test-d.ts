// Checked by the compiler alone: each line compiles, or does not where it says so.
import { Emitter } from '@cupola/core/authoring'

interface DoorEvents {
  readonly opened: { readonly by: string }
  readonly closed: undefined
}

const door = new Emitter<DoorEvents>()

// A listener gets the payload of its event, and may return what it likes.
const listening: Disposable = door.on('opened', ({ by }) => by.toUpperCase())
listening[Symbol.dispose]()
door.on('closed', () => {}, { signal: undefined })
door.emit('opened', { by: 'Ada' })
door.emit('closed', undefined)

// @ts-expect-error -- there is no such event
door.on('slammed', () => {})
// @ts-expect-error -- the payload has no such member
door.on('opened', ({ how }) => how)
// @ts-expect-error -- the payload is wrong
door.emit('opened', { by: 5 })
// @ts-expect-error -- the payload is missing
door.emit('opened')
// @ts-expect-error -- there is no such event
door.has('slammed')
