// A master that is told when an agent dies: it starts two in processes of their own, kills one, and hears
// of it.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BeatInbox, HeartbeatMonitor, receiveBeats } from '@cupola/heartbeat'

const monitor = new HeartbeatMonitor<{ readonly pid: number }>({ lostAfterMs: 900 })
const inbox = new BeatInbox(monitor, {
  secret: 'known to agents and master',
  parseMeta(meta) {
    if (typeof meta === 'object' && meta !== null && 'pid' in meta) return { pid: Number(meta.pid) }
    throw new TypeError('an agent says which process it is')
  },
})
const receiver = await receiveBeats(inbox, { over: 'tcp', port: 0 })
const verdicts = monitor.verdicts()
const agents = [start('north'), start('south')]

await new Promise<void>((resolve) => {
  monitor.on('activated', () => {
    if (monitor.stats().devices === agents.length) resolve()
  })
})
for (const { key, meta } of monitor.devices()) console.log(`${key} is process ${meta?.pid}`)
agents[0]?.kill('SIGKILL')

for await (const { type, device } of verdicts) {
  if (type === 'lost') break
  console.log(`${device.key} is ${type}`)
}
console.log(
  `lost: ${monitor
    .takeLost()
    .map(({ key }) => key)
    .join()}`,
)
console.log(`south is ${monitor.device('south')?.state}`)

for (const agent of agents) agent.kill('SIGKILL')
await receiver.close()
await monitor.close()

function start(name: string): ChildProcess {
  const program = fileURLToPath(new URL('agent.ts', import.meta.url))
  return fork(program, [name, String(receiver.address?.port)], { execArgv: process.execArgv })
}
