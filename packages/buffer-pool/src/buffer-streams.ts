import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { kindOf, requireObject, requireSignal } from '@cupola/core/authoring'
import type { Content } from './content.ts'
import type { PooledBuffer } from './pooled-buffer.ts'

/** What may end the reading of a stream early. */
export interface AppendOptions {
  /**
   * Ends it when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
}

/** Adds every chunk of a source to a buffer. */
export async function appendAll(
  buffer: PooledBuffer,
  source: AsyncIterable<Content> | Iterable<Content>,
  options: AppendOptions,
): Promise<void> {
  requireIterable('source', source)
  requireObject('options', options)
  const { signal } = options
  if (signal !== undefined) requireSignal('signal', signal)
  signal?.throwIfAborted()
  const append = async (chunks: AsyncIterable<Content>): Promise<void> => {
    for await (const chunk of chunks) buffer.append(chunk)
  }
  try {
    await pipeline(source, append, { signal })
  } catch (error) {
    // The pipeline has an error of its own for that, with the reason somewhere inside.
    throw signal?.aborted === true ? signal.reason : error
  }
}

function requireIterable(name: string, value: unknown): void {
  const isObject = typeof value === 'object' && value !== null
  if (typeof value === 'string') return
  if (isObject && (Symbol.asyncIterator in value || Symbol.iterator in value)) return
  throw new TypeError(
    `Cannot use ${name}: got ${kindOf(value)}, expected a stream or something else to iterate over`,
  )
}

/** Gives a buffer's content block by block, as long as it is not released. */
export function readableOf(buffer: PooledBuffer): Readable {
  return Readable.from(spansOf(buffer), { objectMode: false })
}

function* spansOf(buffer: PooledBuffer): Generator<Buffer> {
  const reader = buffer.reader()
  for (let span = reader.span(); span.length > 0; span = reader.span()) yield span
}
