// How fast is `RwLock`, next to the locks that people use, and to a floor: the same loops without a
// lock?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/rw-lock.bench.ts
//
// `--only=<workload>`, as often as you like, runs only these; `--report <file>` keeps what was printed
// in `bench/results`. Runs for about half a minute.
import { parseArgs } from 'node:util'
import { Report, type Requirement } from './report.ts'
import { contestants } from './rw-locks/contestants.ts'
import { workloads } from './rw-locks/workloads.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'string' } },
})
const chosen = workloads.filter(({ name }) => values.only?.includes(name) ?? true)
if (chosen.length === 0) {
  throw new Error(`Nothing to run: --only takes ${workloads.map(({ name }) => name).join(', ')}`)
}

const report = new Report()
report.print('# Reader-writer locks side by side', '')
report.machine()
report.print('')
report.table(contestants.map(({ name, settings }) => ({ '': name, settings })))

const requirements: Requirement[] = []
for (const workload of chosen) {
  report.print(`## ${workload.name}`, '', workload.title, '')
  requirements.push(...workload.run(contestants, report))
}

report.conclude(requirements, values.report)
