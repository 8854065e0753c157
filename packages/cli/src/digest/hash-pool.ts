import { extname } from 'node:path'
import { BrokenError } from '@cupola/core'
import { ThreadPool } from '@cupola/thread-pool'
import type * as HashThread from './hash-thread.ts'
import type { Expectation, HashAnswer, HashBatch, HashContext, Verdict } from './hash-thread.ts'

/** The part of a pool that is needed to hash. */
export type HashPool = Pick<ThreadPool<typeof HashThread>, 'run'>

/** Starts threads that hash. */
export function startHashPool(threads: number): ThreadPool<typeof HashThread> {
  // The extension of this file: `.js` once built, `.ts` as source.
  const module = new URL(`./hash-thread${extname(import.meta.url)}`, import.meta.url)
  return new ThreadPool(module, { minThreads: threads, maxThreads: threads })
}

/**
 * Hashes a batch: its small files in one call, each large one in a call of its own, so that they
 * spread over the threads.
 *
 * A call that is lost with its thread is made once more, for each file alone: hashing changes
 * nothing, so doing it twice is harmless, and a file that takes a thread down again is an error of
 * that file only.
 *
 * @param onAnswer - Called as the calls end. Together the answers tell of every path of the batch.
 */
export async function hashBatch(
  pool: HashPool,
  batch: HashBatch,
  context: HashContext,
  onAnswer: (answer: HashAnswer) => void,
): Promise<void> {
  const answer = await hashOnce(pool, batch, context)
  if (answer !== undefined) onAnswer(answer)
  const again = answer === undefined ? eachAlone(batch) : answer.large.map(fileAlone)
  await Promise.all(
    again.map(async (alone) => {
      const late = await hashOnce(pool, alone, context)
      onAnswer(late ?? (await hashOnce(pool, alone, context)) ?? lost(alone))
    }),
  )
}

async function hashOnce(
  pool: HashPool,
  batch: HashBatch,
  context: HashContext,
): Promise<HashAnswer | undefined> {
  return await unlessLost(pool.run('hashFiles', [batch, context]))
}

/** What a call gives; `undefined` if its thread died of it, or of something else meanwhile. */
async function unlessLost<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof BrokenError) return undefined
    throw error
  }
}

function eachAlone({ files, links }: HashBatch): HashBatch[] {
  return [...files.map(fileAlone), ...(links.length > 0 ? [{ files: [], links }] : [])]
}

function fileAlone(path: string): HashBatch {
  return { files: [path], links: [] }
}

/**
 * Checks a batch, with calls like those of {@link hashBatch}.
 *
 * @param onVerdict - Called for each expectation as the calls end.
 */
export async function checkBatch(
  pool: HashPool,
  batch: readonly Expectation[],
  context: HashContext,
  onVerdict: (expectation: Expectation, verdict: Verdict) => void,
): Promise<void> {
  const verdicts = await unlessLost(pool.run('checkFiles', [batch, context]))
  await Promise.all(
    batch.map(async (expectation, index) => {
      const verdict = verdicts?.[index]
      if (verdict !== undefined && verdict.kind !== 'large') return onVerdict(expectation, verdict)
      const [late] =
        (await unlessLost(pool.run('checkFiles', [[expectation], context]))) ??
        (await unlessLost(pool.run('checkFiles', [[expectation], context]))) ??
        []
      onVerdict(expectation, late ?? { kind: 'unreadable', reason: LOST })
    }),
  )
}

const LOST = 'the thread that read it died, twice'

function lost({ files, links }: HashBatch): HashAnswer {
  return {
    hashed: new Uint8Array(),
    resumed: new Uint8Array(),
    large: [],
    problems: [...files, ...links].map((path) => ({ kind: 'error', path, reason: LOST })),
  }
}
