import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { setTemporaryFolder } from './set-temporary-folder.ts'

/** A new folder that is gone when the test is over. Its path has no symbolic links. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cupola-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Until the test is over, whoever asks the system for the temporary folder is given a new one. */
export function replaceTemporaryFolder(): void {
  const before = setTemporaryFolder(temporaryFolder())
  onTestFinished(() => before[Symbol.dispose]())
}
