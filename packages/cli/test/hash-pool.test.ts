import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordsIn } from '../src/digest/file-record.ts'
import { checkBatch, hashBatch } from '../src/digest/hash-pool.ts'
import type { HashAnswer, HashContext } from '../src/digest/hash-thread.ts'
import type * as MortalThread from './fixtures/mortal-thread.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('hashBatch()', () => {
  it('makes a call again whose thread has died', async () => {
    const folder = tree({ a: 'a', 'deadly once': 'b', c: 'c' })
    const { pool, context } = mortalPool(folder)

    const { paths, problems } = await hashAll(pool, ['a', 'deadly once', 'c'], context)

    expect(paths).toEqual(['a', 'c', 'deadly once'])
    expect(problems).toEqual([])
    expect(pool.stats().crashed).toBe(1)
  })

  it('reports a file that takes every thread down, and does the others', async () => {
    const folder = tree({ a: 'a', 'deadly always': 'b', c: 'c' })
    const { pool, context } = mortalPool(folder)

    const { paths, problems } = await hashAll(pool, ['a', 'deadly always', 'c'], context)

    expect(paths).toEqual(['a', 'c'])
    expect(problems).toEqual([
      { kind: 'error', path: 'deadly always', reason: 'the thread that read it died, twice' },
    ])
  })
})

describe('checkBatch()', () => {
  it('calls a file unreadable that takes every thread down, and checks the others', async () => {
    const folder = tree({ a: 'a', 'deadly always': 'b' })
    const { pool, context } = mortalPool(folder)
    const verdicts: string[] = []

    await checkBatch(
      pool,
      ['a', 'deadly always'].map((path) => ({ path, digest: '' })),
      context,
      ({ path }, { kind }) => verdicts.push(`${path}: ${kind}`),
    )

    expect(verdicts.sort()).toEqual(['a: FAILED', 'deadly always: unreadable'])
  })
})

/** A pool whose threads die of files that are called so. */
function mortalPool(folder: string) {
  const deaths = temporaryFolder()
  const pool = new ThreadPool<typeof MortalThread>(
    new URL('./fixtures/mortal-thread.ts', import.meta.url),
    { minThreads: 1, maxThreads: 1, workerOptions: { env: { DEATHS: join(deaths, 'deaths') } } },
  )
  onTestFinished(() => pool.close())
  writeFileSync(join(deaths, 'deaths'), '')
  onTestFinished(() => rmSync(deaths, { recursive: true, force: true }))
  const context: HashContext = {
    folder,
    algorithm: 'sha256',
    bytesRead: new SharedArrayBuffer(8),
  }
  return { pool, context }
}

async function hashAll(
  pool: ReturnType<typeof mortalPool>['pool'],
  files: readonly string[],
  context: HashContext,
) {
  const answers: HashAnswer[] = []
  await hashBatch(pool, { files, links: [] }, context, (answer) => answers.push(answer))
  return {
    paths: answers
      .flatMap(({ hashed }) => [...recordsIn(Buffer.from(hashed))].map(({ path }) => String(path)))
      .sort(),
    problems: answers.flatMap(({ problems }) => problems),
  }
}
