// How fast is `cupola digest`, next to what one would type without it, and to a floor: a loop over
// the same bytes in one process?
//
//   npx tsc -b && node --import ./scripts/run-typescript.mjs bench/digest.bench.ts
//
// Makes a tree of 2.2 GB in the system's folder for temporary files, takes it away again, and runs
// for a minute or two. What is measured is wall time of whole processes, page cache warm, the contenders taking turns.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeTree, type Tree } from './digest-tree.ts'

const ROUNDS = 7
/** As many processes as the machine has cores, which is what `cupola digest` takes too. */
const PROCESSES = `-P${availableParallelism()}`
const RIVAL = `find | xargs ${PROCESSES} -n64 sha256sum`

const command = pathOf('../packages/cli/dist/main.js')
const runTypescript = pathOf('../scripts/run-typescript.mjs')
const floor = pathOf('./digest-floor.ts')
const folder = mkdtempSync(join(tmpdir(), 'cupola-bench-'))
const manifest = join(folder, 'manifest')

/** All run in the tree. */
const contenders: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  'cupola digest': [process.execPath, command, 'digest'],
  'cupola digest --output': [process.execPath, command, 'digest', '--output', manifest],
  [RIVAL]: ['sh', '-c', `find -type f -print0 | xargs -0 ${PROCESSES} -n64 sha256sum`],
  [`find | xargs ${PROCESSES} -n8 sha256sum`]: [
    'sh',
    '-c',
    `find -type f -print0 | xargs -0 ${PROCESSES} -n8 sha256sum`,
  ],
  'floor: one loop on one thread': [process.execPath, '--import', runTypescript, floor],
}

try {
  const root = join(folder, 'tree')
  const tree = makeTree(root)
  const times = measure(root)
  run(['sha256sum', '--check', '--quiet', '--strict', manifest], root)
  report(times, tree)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The first round warms the page cache and does not count. */
function measure(root: string): Map<string, number[]> {
  const times = new Map(Object.keys(contenders).map((name) => [name, new Array<number>()]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, words] of Object.entries(contenders)) {
      const seconds = run(words, root)
      if (round > 0) times.get(name)?.push(seconds)
    }
  }
  return times
}

function run([program, ...args]: readonly [string, ...string[]], cwd: string): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`Cannot measure ${program}: ${String(stderr)}`)
  return (performance.now() - start) / 1000
}

function report(times: ReadonlyMap<string, readonly number[]>, { files, bytes }: Tree): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const model = cpus()[0]?.model ?? 'unknown'
  console.log(`Node.js ${process.version}, ${availableParallelism()} × ${model}, ${commit}`)
  console.log(`${files} files, ${bytes} bytes, ${ROUNDS} rounds, seconds`)
  const rival = median(times.get(RIVAL) ?? [])
  console.table(
    Object.fromEntries(
      [...times].map(([name, seconds]) => [
        name,
        {
          median: rounded(median(seconds)),
          min: rounded(Math.min(...seconds)),
          max: rounded(Math.max(...seconds)),
          'GB/s': rounded(bytes / 1e9 / median(seconds)),
          'times the rival': rounded(rival / median(seconds)),
        },
      ]),
    ),
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
