// The gate: what has to hold before a change lands. `npm test` runs all of it, on a fresh clone as
// well; `npm run test:slow` runs the slow tests alone.
import { readFileSync } from 'node:fs'
import { ROOT, runScript, runTool } from './children.mjs'
import { setUpSteps } from './set-up.mjs'
import { inSeconds, runSteps } from './steps.mjs'

const NEWEST_LTS = `${ROOT}/test/newest-lts/node_modules/node/bin/node`

/** When a run of the tests has hung. It takes a few minutes, the slow tests take hours. */
const TESTS_LIMIT_MINUTES = 20
const SLOW_TESTS_LIMIT_MINUTES = 300

/** It installs every package as a user does, from the registry. */
const PACKAGES_LIMIT_MINUTES = 15

/** Cheapest first, so that a mistake shows early. */
const checks = [
  { name: 'format', run: () => runTool('oxfmt', ['--check']) },
  { name: 'lint', run: lint },
  { name: 'types of tests, benches and examples', run: checkTypes },
  { name: 'manifests', run: () => runScript('check-manifests.mjs') },
  { name: 'layers', run: () => runScript('check-layers.mjs') },
  { name: 'API snapshots', run: () => runScript('api-snapshot.mjs') },
  { name: 'doc examples: extract and type-check', run: () => runScript('check-examples.mjs') },
  { name: 'unused code and dependencies', run: () => runTool('knip', []) },
]

const tests = [
  { name: `tests on Node ${process.versions.node}`, run: () => test(process.execPath) },
  { name: 'tests on the newest LTS Node', run: () => test(NEWEST_LTS) },
]

const packages = [{ name: 'packages as users get them', run: checkPackages }]

const slowTests = [
  {
    name: 'slow tests',
    run: () =>
      test(process.execPath, {
        files: ['.slow.test.ts'],
        env: { CUPOLA_SLOW: '1' },
        limitMinutes: SLOW_TESTS_LIMIT_MINUTES,
      }),
  },
]

let passed = 0

const steps = process.argv.includes('--slow') ? slowTests : [...checks, ...tests, ...packages]
const results = await runSteps([...setUpSteps, ...steps])
if (results !== undefined) printSummary(results)

function lint() {
  return runTool('oxlint', [
    '--type-aware',
    '--deny-warnings',
    '--report-unused-disable-directives',
  ])
}

function checkTypes() {
  return runTool('tsc', ['-p', 'tsconfig.check.json', '--pretty', 'false'])
}

function checkPackages() {
  return runScript('check-packages.mjs', { limitMinutes: PACKAGES_LIMIT_MINUTES })
}

/** Runs tests on one Node and adds to `passed`. The doc examples are among them. */
async function test(node, { files = [], env = {}, limitMinutes = TESTS_LIMIT_MINUTES } = {}) {
  const report = '.cupola/tests.json'
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  await runTool('vitest', ['run', ...reporters, ...files], { node, env, limitMinutes })
  const { numPassedTests, numPendingTests } = JSON.parse(readFileSync(`${ROOT}/${report}`, 'utf8'))
  passed += numPassedTests
  return `${numPassedTests} passed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`
}

/** The last line is for machines as well. */
function printSummary(times) {
  const total = times.reduce((sum, { seconds }) => sum + seconds, 0)
  console.log(`\n${'step'.padEnd(44)}    time`)
  for (const { name, seconds } of times) console.log(`${name.padEnd(44)} ${inSeconds(seconds)}`)
  console.log(`${'together'.padEnd(44)} ${inSeconds(total)}\n`)
  console.log(`${passed} passed, 0 failed`)
}
