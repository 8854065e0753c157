// Gives a whole run of the tests a temporary folder of its own, and fails the run if something is in
// it at the end. It is removed in any case, even with what killed programs left there.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTemporaryFolder } from './set-temporary-folder.ts'

/** @returns What to do when the last test is over. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'cupola-tests-'))
  // As the system's own is: tests that run programs as somebody else go through it.
  chmodSync(folder, 0o1777)
  const before = setTemporaryFolder(folder)
  return () => {
    before[Symbol.dispose]()
    const left = readdirSync(folder)
    rmSync(folder, { recursive: true, maxRetries: 3 })
    if (left.length === 0) return
    // The runner prints what is thrown here, and ends as if nothing had been.
    process.exitCode = 1
    throw new Error(`Tests left this in the temporary folder: ${left.join(', ')}`)
  }
}
