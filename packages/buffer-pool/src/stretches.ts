import type { Block } from './loan.ts'

/**
 * What lies between two positions of a content that runs on from block to block, as one view of each
 * block it touches. A block that is wanted whole is its own kept view, so that costs no new one.
 */
export function stretches(blocks: readonly Block[], start: number, end: number): Buffer[] {
  const found: Buffer[] = []
  const blockSize = blocks[0]?.bytes.length ?? 0
  let index = Math.floor(start / blockSize)
  for (let position = start; position < end; index++) {
    const bytes = blocks[index]?.bytes
    if (bytes === undefined) break
    const first = index * blockSize
    const from = position - first
    const to = Math.min(end - first, blockSize)
    found.push(from === 0 && to === blockSize ? bytes : bytes.subarray(from, to))
    position = first + to
  }
  return found
}

/** Where some bytes lie together in one block. */
export interface Spot {
  readonly bytes: Buffer
  readonly offset: number
}

/** Where so many bytes lie; `undefined` if the border of a block goes through them. */
export function spotOf(blocks: readonly Block[], position: number, size: number): Spot | undefined {
  const blockSize = blocks[0]?.bytes.length ?? 0
  const index = Math.floor(position / blockSize)
  const offset = position - index * blockSize
  const bytes = blocks[index]?.bytes
  return bytes === undefined || offset + size > blockSize ? undefined : { bytes, offset }
}

/** Copies bytes to a position, over as many blocks as it takes. There must be room. */
export function write(blocks: readonly Block[], position: number, content: Uint8Array): void {
  // Most of what is written is short, and a view of where it goes would cost more than the copy.
  const spot = spotOf(blocks, position, content.length)
  if (spot !== undefined) return spot.bytes.set(content, spot.offset)
  const targets = stretches(blocks, position, position + content.length)
  const source = isAmong(targets, content) ? setAside(content) : content
  let done = 0
  for (const target of targets) {
    target.set(source.subarray(done, done + target.length))
    done += target.length
  }
}

/** Copies what lies from a position on, as much as `target` holds. */
export function read(blocks: readonly Block[], position: number, target: Uint8Array): void {
  const sources = stretches(blocks, position, position + target.length)
  let done = 0
  for (const source of isAmong(sources, target) ? sources.map(setAside) : sources) {
    target.set(source, done)
    done += source.length
  }
}

/** Whether bytes are of the same memory as some of those: they may be written over before they are read. */
function isAmong(pieces: readonly Buffer[], { buffer }: Uint8Array): boolean {
  // To look at the first alone is not enough: each may be of a slab of its own.
  return pieces.some((bytes) => bytes.buffer === buffer)
}

/** Not by `bytes.slice()`, which of a Buffer is a view. */
function setAside(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes)
}
