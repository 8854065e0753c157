import type { Writable } from 'node:stream'
import { AtomicFile } from './atomic-file.ts'
import { unlessAborted } from './unless-aborted.ts'

/** Where a manifest goes. Text has one byte per character (`latin1`). */
export interface ManifestSink {
  write(text: string): Promise<void> | undefined
  /** All is written. */
  commit(): Promise<void>
  /** It will not be completed. */
  discard(): Promise<void>
}

/**
 * Opens a manifest: a file that appears when it is complete, or somebody's stream, which may have
 * nobody who reads it: then an abort ends the waiting.
 */
export async function openSink(
  output: string | Writable,
  signal: AbortSignal,
): Promise<ManifestSink> {
  return typeof output === 'string'
    ? await AtomicFile.create(output)
    : new StreamSink(output, signal)
}

/** How much is gathered before it is written. */
const CHUNK_BYTES = 64 * 1024

/** Writes to a stream, which stays open: it is not ours. */
class StreamSink implements ManifestSink {
  readonly #stream: Writable
  readonly #signal: AbortSignal
  #gathered = ''

  constructor(stream: Writable, signal: AbortSignal) {
    this.#stream = stream
    this.#signal = signal
  }

  write(text: string): Promise<void> | undefined {
    this.#gathered += text
    return this.#gathered.length < CHUNK_BYTES ? undefined : this.commit()
  }

  commit(): Promise<void> {
    const bytes = Buffer.from(this.#gathered, 'latin1')
    this.#gathered = ''
    const written = new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    return unlessAborted(written, this.#signal)
  }

  discard(): Promise<void> {
    return Promise.resolve()
  }
}
