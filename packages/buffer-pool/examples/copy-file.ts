// Copies a file through one pooled buffer, without a byte passing through garbage.
import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BufferPool, type PooledBuffer } from '@cupola/buffer-pool'

const pool = new BufferPool({ maxBlocks: 8 })
const folder = await mkdtemp(join(tmpdir(), 'copy-'))
const target = join(folder, 'copy')

await copy(import.meta.filename, target)

const [original, copied] = await Promise.all([readFile(import.meta.filename), readFile(target)])
console.log(copied.equals(original) ? 'The copy is good.' : 'The copy is bad.')
console.log(`${pool.stats().used} blocks are in use.`)
await rm(folder, { recursive: true })
await pool.close()

async function copy(from: string, to: string): Promise<void> {
  const [source, sink] = [await open(from), await open(to, 'w')]
  try {
    while (await pool.run(2, (buffer) => copyPart(source, sink, buffer)));
  } finally {
    await source.close()
    await sink.close()
  }
}

/** Whether there was anything left. */
async function copyPart(
  source: FileHandle,
  sink: FileHandle,
  buffer: PooledBuffer,
): Promise<boolean> {
  const { bytesRead } = await source.readv(buffer.spare())
  buffer.commit(bytesRead)
  if (bytesRead > 0) await sink.writev(buffer.bytes())
  return bytesRead > 0
}
