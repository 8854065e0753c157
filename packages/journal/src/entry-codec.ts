import { requireFunction, requireObject } from '@cupola/core/authoring'

/** How entries become bytes and come back. */
export interface EntryCodec<K, V> {
  /** The bytes of a key and its value; of the key alone, `undefined` being the value, of a deleted one. */
  encode(key: K, value: V | undefined): Uint8Array
  /** What {@link encode} made bytes of. */
  decode(bytes: Uint8Array): readonly [key: K, value: V | undefined]
}

/** Checks a codec, by shape. */
export function requireCodec<K, V>(codec: EntryCodec<K, V>): EntryCodec<K, V> {
  requireObject('codec', codec)
  for (const part of ['encode', 'decode'] as const) requireFunction(`codec.${part}`, codec[part])
  return codec
}

/** What a codec makes of bytes; it may be a stranger's, or not the one that they were made with. */
export function entryOf<K, V>(
  codec: EntryCodec<K, V>,
  bytes: Uint8Array,
): readonly [key: K, value: V | undefined] {
  const entry = codec.decode(bytes)
  if (Array.isArray(entry) && entry.length > 0) return entry
  throw new TypeError('Cannot use what codec.decode() gave: expected a key and a value')
}

/** JSON: a key alone is an array of one, with its value an array of two. */
export function jsonCodec<K, V>(): EntryCodec<K, V> {
  return {
    encode(key, value) {
      if (typeof key === 'object' && key !== null) {
        throw new TypeError(
          'Cannot use key: an object is not the same once it is read; bring a codec',
        )
      }
      const texts = [jsonOf('key', key)]
      if (value !== undefined) texts.push(jsonOf('value', value))
      return Buffer.from(`[${texts.join()}]`)
    },
    decode(bytes) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bytes are those of encode()
      return JSON.parse(Buffer.from(bytes).toString()) as [K, V | undefined]
    },
  }
}

/** Refuses what JSON would turn into `null`, or leave out, without a word. */
function jsonOf(name: string, value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text !== undefined && (text !== 'null' || value === null)) return text
  throw new TypeError(`Cannot use ${name}: JSON does not keep ${String(value)}; bring a codec`)
}
