// Tells a master that it is there, and how its host is, until it is ended.
//
//   node agent.ts <name> <the master's port>
import { type HostReport, hostReport, HeartbeatSender } from '@cupola/heartbeat'

const LOST_AFTER_MS = 900
const [name = 'agent', port = '0'] = process.argv.slice(2)

let report: HostReport = await hostReport()
const sender = new HeartbeatSender({
  key: name,
  lostAfterMs: LOST_AFTER_MS,
  route: { over: 'tcp', port: Number(port) },
  secret: 'known to agents and master',
  meta: () => ({ pid: process.pid, freeMemory: report.memory.availableBytes }),
  // Beats go on when what follows keeps the main loop busy.
  thread: true,
})
sender.on('failure', ({ error, failures }) =>
  console.error(`failure ${failures}: ${String(error)}`),
)

setInterval(() => {
  void hostReport({ since: report }).then((next) => (report = next))
}, 1000)
