// Ids that never come twice, although the process that gives them is restarted and nobody else is asked:
// a file says how far the counter may have got. Each run here uses three of the hundred ids that it
// reserves; the next one begins behind them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CycleIdGenerator, FileHighWaterMark } from '@cupola/ids'

const folder = await mkdtemp(join(tmpdir(), 'ids-'))

async function run(): Promise<string[]> {
  const ids = await CycleIdGenerator.open({
    address: '10.0.0.1',
    port: 8080,
    start: 0n,
    mark: new FileHighWaterMark(join(folder, 'mark')),
    block: 100,
  })
  return Array.from({ length: 3 }, () => CycleIdGenerator.toHex(ids.next()))
}

for (const name of ['First', 'Second', 'Third']) {
  const hex = await run()
  const counters = hex.map((id) => CycleIdGenerator.parse(id).counter)
  console.log(`${name} run: ${counters.join(' ')}, as ${hex[0]} and so on`)
}
await rm(folder, { recursive: true })
