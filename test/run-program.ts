import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What became of a program. */
export interface ProgramEnd {
  /** `null` if a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a TypeScript program in a process of its own, on this one's Node, until it ends. */
export function runProgram(program: URL, ...args: string[]): Promise<ProgramEnd> {
  const commandLine = [...process.execArgv, fileURLToPath(program), ...args]
  return new Promise((resolve) => {
    const child = execFile(process.execPath, commandLine, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
  })
}
