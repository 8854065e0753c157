// What `npm start` and `npm test` share: from a fresh clone, with nothing but Node and npm on the
// machine, to a built workspace.
import { readFileSync } from 'node:fs'
import { ROOT, runChild, runTool } from './children.mjs'

const { packageManager } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'))

export const setUpSteps = [
  { name: `set up: install with ${packageManager}`, run: install },
  { name: 'set up: build every package', run: build },
]

function install() {
  // The version without the checksum that may follow it: `pnpm@1.2.3+sha512.abc`.
  const [pinned] = packageManager.split('+')
  return runChild('npx', ['--yes', pinned, 'install', '--frozen-lockfile'], {
    env: { CI: 'true' }, // pnpm asks no questions then
    limitMinutes: 15, // the first time on a slow network
    shell: process.platform === 'win32', // npx is a script there
  })
}

function build() {
  return runTool('tsc', ['-b', '--pretty', 'false'])
}
