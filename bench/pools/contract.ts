import assert from 'node:assert/strict'
import type { Contestant, OpenPool } from './contestant.ts'

const MEBIBYTE = 1 << 20

/**
 * What every contestant has to do before it is measured, so that nobody wins by doing less. Along
 * the way its threads load their module.
 *
 * @returns Whether it also moves results, which not everybody can.
 */
export async function checkContract({ family }: Contestant, pool: OpenPool): Promise<boolean> {
  await eachCallHasItsOwnResult(pool)
  if (family !== 'floor') await errorsReject(pool)
  await buffersMoveIn(pool)
  return await buffersMoveOut(pool)
}

async function eachCallHasItsOwnResult(pool: OpenPool): Promise<void> {
  const numbers = Array.from({ length: 1000 }, (_, index) => index)
  const sums = await Promise.all(numbers.map((x) => pool.run('add', { x, y: 0.5 })))
  assert.deepEqual(
    sums,
    numbers.map((x) => x + 0.5),
  )
}

async function errorsReject(pool: OpenPool): Promise<void> {
  await assert.rejects(pool.run('fail', 'on purpose'), /on purpose/)
  assert.equal(await pool.run('add', { x: 1, y: 1 }), 2)
}

/** So many at once that every thread gets some. */
async function buffersMoveIn(pool: OpenPool): Promise<void> {
  const sent = Array.from({ length: 32 }, () => new ArrayBuffer(MEBIBYTE))
  for (const buffer of sent) new Uint8Array(buffer).set([41, 7])
  const received = await Promise.all(sent.map((buffer) => pool.move(buffer)))
  for (const { byteLength } of sent) assert.equal(byteLength, 0)
  for (const buffer of received) {
    assert.equal(buffer.byteLength, MEBIBYTE)
    assert.deepEqual([...new Uint8Array(buffer, 0, 2)], [42, 7])
  }
}

async function buffersMoveOut(pool: OpenPool): Promise<boolean> {
  const asked = Array.from({ length: 100 }, () => pool.run('keptBytes', undefined))
  return Math.max(...(await Promise.all(asked))) === 0
}
