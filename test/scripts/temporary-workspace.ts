import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** A folder with our scripts in it, and whatever else a test puts there; gone when disposed. */
export class TemporaryWorkspace implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), 'cupola-workspace-'))

  /** @param files - Their contents, by path. What is no text is written as JSON. */
  constructor(files: Record<string, unknown> = {}) {
    this.copy('scripts')
    for (const [path, content] of Object.entries(files)) this.write(path, content)
  }

  /** Copies a file or folder of this repository to the same place. */
  copy(path: string): void {
    cpSync(join(ROOT, path), join(this.root, path), { recursive: true })
  }

  write(path: string, content: unknown): void {
    const target = join(this.root, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content))
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  /** Runs one of the scripts to its end. */
  run(
    script: string,
    ...args: string[]
  ): { readonly code: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(this.root, 'scripts', script), ...args],
      { encoding: 'utf8' },
    )
    return { code: status, output: stdout + stderr }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true })
  }
}
