// Runs a command when a build is done: `node wait-for-build.ts <glob> <command> [arguments]`. Gives up
// after a minute, or at once when the build says in its log, build.log, that it has failed.
import { spawn } from 'node:child_process'
import { waitForAny, waitForFile, waitForProcessExit, waitForText } from '@cupola/autowait'

const [glob = 'dist/*.js', command = 'echo', ...args] = process.argv.slice(2)

const outcome = await waitForAny(
  [
    async (options) => {
      const [file] = await waitForFile(glob, { ...options, until: 'stable' })
      return { done: true, because: file.path }
    },
    async (options) => {
      const { line } = await waitForText('build.log', /^(ERROR|FATAL)/, options)
      return { done: false, because: line }
    },
  ],
  { timeout: 60_000 },
)

if (outcome.done) {
  const child = spawn(command, args, { stdio: 'inherit' })
  await waitForProcessExit(child)
  process.exitCode = child.exitCode ?? 1
} else {
  console.error(`The build has failed: ${outcome.because}`)
  process.exitCode = 1
}
