// Stretches passwords on all cores but one, and shows that the event loop has its own.
import { ThreadPool } from '@cupola/thread-pool'
import type * as Hash from './hash.ts'

const passwords = ['correct', 'horse', 'battery', 'staple']
const pool = new ThreadPool<typeof Hash>(new URL('./hash.ts', import.meta.url))

let turns = 0
const heartbeat = setInterval(() => turns++)
try {
  const digests = await Promise.all(
    passwords.map(async (password) => await pool.run('stretch', [password, 50_000])),
  )
  for (const [index, password] of passwords.entries()) {
    console.log(`${password.padEnd(8)} ${digests[index]?.slice(0, 16)}…`)
  }
} finally {
  clearInterval(heartbeat)
  await pool.close()
}
console.log(turns > 0 ? 'The event loop kept turning.' : 'The event loop stood still.')
