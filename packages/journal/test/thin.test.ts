import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from '@cupola/journal'
import { expect, it } from 'vitest'
import { MemoryFileSystem } from './memory-file-system.ts'

it('works', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'jo-'))
  try {
    const j = await Journal.open(dir, { segmentBytes: 100 })
    for (let i = 0; i < 10; i++) await j.append({ payload: Buffer.from(`record ${i}`) })
    expect(
      await j.appendMany([{ payload: Buffer.from('a') }, { payload: Buffer.from('b') }]),
    ).toEqual([11n, 12n])
    const seen: string[] = []
    for await (const r of j.read({ from: 3n }))
      seen.push(`${r.id} ${Buffer.from(r.payload).toString()}`)
    expect(seen).toEqual([])
    await expect(Journal.open(dir)).rejects.toThrow('has it open')
    await j.close()
    const k = await Journal.open(dir)
    expect(k.durableId).toBe(12n)
    await k.close()
  } finally {
    await rm(dir, { recursive: true })
  }
})
it('memory', async () => {
  const fileSystem = new MemoryFileSystem()
  const j = await Journal.open('/j', { fileSystem })
  const all = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => j.append({ payload: Buffer.from(String(i)) })),
  )
  expect(all.at(-1)).toBe(1000n)
  await j.close()
})
