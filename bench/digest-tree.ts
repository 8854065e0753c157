// The tree that `digest.bench.ts` digests: the same bytes under the same names at every run.
import { createCipheriv } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SEED = 20_260_101
const FOLDERS = 160
const SMALL_FILES = 16_000
const LARGE_FILES = 8
const LARGE_BYTES = 256 << 20
const CHUNK_BYTES = 1 << 20

/** What {@link makeTree} made. */
export interface Tree {
  readonly files: number
  readonly bytes: number
}

/**
 * Makes the tree: small files of 1 to 7 kB, a hundred to a folder, and a large one in every
 * twentieth folder, so that whoever takes files in the order of the tree meets them evenly.
 */
export function makeTree(root: string): Tree {
  const random = pseudoRandomBytes()
  let bytes = 0
  for (let folder = 0; folder < FOLDERS; folder++) {
    const path = join(root, `folder-${folder}`)
    mkdirSync(path, { recursive: true })
    for (let file = 0; file < SMALL_FILES / FOLDERS; file++) {
      const size = 1024 + ((folder * 7919 + file * 104_729) % 6000)
      writeFileSync(join(path, `small-${file}`), random(size))
      bytes += size
    }
    if (folder % (FOLDERS / LARGE_FILES) === 0) bytes += writeLarge(join(path, 'large'), random)
  }
  return { files: SMALL_FILES + LARGE_FILES, bytes }
}

function writeLarge(path: string, random: (size: number) => Buffer): number {
  const file = openSync(path, 'w')
  for (let size = 0; size < LARGE_BYTES; size += CHUNK_BYTES) writeSync(file, random(CHUNK_BYTES))
  closeSync(file)
  return LARGE_BYTES
}

/** A stream cipher of zeros: fast, and the same for the same seed on every machine. */
function pseudoRandomBytes(): (size: number) => Buffer {
  const key = Buffer.alloc(16)
  key.writeUInt32LE(SEED)
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  return (size) => cipher.update(Buffer.alloc(size))
}
