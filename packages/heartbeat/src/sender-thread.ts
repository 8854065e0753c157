// Runs in the thread of a `HeartbeatSender`: it beats, and reads the pulse of the thread that started it.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@cupola/core'
import { BeatLoop } from './beat-loop.ts'
import { writeMessage } from './message.ts'
import { Pulse } from './pulse.ts'
import type { SenderBoot, SenderOrder } from './thread-sender.ts'
import { openTransport } from './transports/route.ts'

// What `ThreadSender` gives, and nobody else starts this module.
const boot = workerData as SenderBoot
const pulse = new Pulse(boot.tickMs, boot.pulse)
let meta = metaOf(boot.metaText)

const loop = new BeatLoop(
  systemClock,
  openTransport(boot.route),
  boot.rhythm,
  (sequence) => {
    const { key, epoch, rhythm, secret } = boot
    const { blockedMs } = pulse
    return writeMessage(
      { key, epoch, sequence, periodMs: rhythm.periodMs, blockedMs, meta },
      secret,
    )
  },
  (name, event) => parentPort?.postMessage({ name, event }),
)

parentPort?.on('message', (order: SenderOrder) => {
  if (order !== 'end') meta = metaOf(order.metaText)
  else void loop.end().finally(() => parentPort?.close())
})

function metaOf(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
