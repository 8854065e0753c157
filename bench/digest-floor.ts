// The floor of `digest.bench.ts`: hashes every file of a tree in one plain loop, and does nothing
// else. What a program on one thread cannot beat.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const buffer = Buffer.allocUnsafeSlow(128 * 1024)

for (const entry of readdirSync(process.argv[2] ?? '.', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = openSync(join(entry.parentPath, entry.name), 'r')
  const hash = createHash('sha256')
  for (let length = read(file); length > 0; length = read(file)) {
    hash.update(buffer.subarray(0, length))
  }
  hash.digest('hex')
  closeSync(file)
}

function read(file: number): number {
  return readSync(file, buffer, 0, buffer.length, null)
}
