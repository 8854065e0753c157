// `npm start`: sets everything up and digests this checkout, `node_modules` included.
// What follows `--` goes to the command: `npm start -- --threads 4`.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { ROOT } from './children.mjs'
import { setUpSteps } from './set-up.mjs'
import { runSteps } from './steps.mjs'

const DIGEST = ['digest', '.', '--output', '.cupola/checkout.sha256']

if (await runSteps(setUpSteps)) {
  console.log(`\n$ cupola ${[...DIGEST, ...process.argv.slice(2)].join(' ')}`)
  mkdirSync(`${ROOT}/.cupola`, { recursive: true })
  const args = ['packages/cli/dist/main.js', ...DIGEST, ...process.argv.slice(2)]
  const digest = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  digest.on('close', (code) => (process.exitCode = code ?? 1))
}
