import { InvalidArgumentError } from 'commander'
import {
  fileThing,
  type HttpValues,
  portThing,
  serverThing,
  socketThing,
  type Thing,
} from './run-wait.ts'
import { placeOf, textOf, urlOf } from './wait-arguments.ts'

/** What can stand before the colon, and what is made of what stands behind it. */
const KINDS: Readonly<Record<string, (text: string, values: HttpValues) => Thing>> = {
  file: (text, values) => fileThing(textOf(text), values),
  gone: (text, values) => fileThing(textOf(text), { ...values, gone: true }),
  port: (text, values) => portThing(placeOf(text), values),
  tcp: (text, values) => portThing(placeOf(text), values),
  free: (text, values) => portThing(placeOf(text), { ...values, free: true }),
  socket: (text, values) => socketThing(textOf(text), values),
  http: (text, values) => serverThing(urlOf(`http:${text}`), values),
  https: (text, values) => serverThing(urlOf(`https:${text}`), values),
}

/** Something to wait for in one word: `file:build/server.js`, `port:db:5432`, `http://localhost`. */
export function thingOf(word: string, values: HttpValues): Thing {
  const [kind = ''] = word.split(':', 1)
  const make = word.includes(':') && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (make !== undefined) return make(word.slice(kind.length + 1), values)
  const kinds = Object.keys(KINDS).map((each) => `${each}:`)
  throw new InvalidArgumentError(
    `Expected a command, or a word that begins with ${kinds.join(', ')}.`,
  )
}
