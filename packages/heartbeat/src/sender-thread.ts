// Runs in the thread of a `HeartbeatSender`: it beats, and reads the pulse of the thread that started it.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@cupola/core'
import { BeatLoop } from './beat-loop.ts'
import { writeMessage } from './message.ts'
import { packError } from './portable-error.ts'
import { Pulse } from './pulse.ts'
import type { SenderBoot, SenderOrder } from './thread-sender.ts'
import { openTransport } from './transports/route.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody but `ThreadSender` starts this
const boot = workerData as SenderBoot
const { key, epoch, secret, rhythm } = boot
const pulse = new Pulse(boot.tickMs, boot.pulse)
let meta = metaOf(boot.metaText)

const loop = new BeatLoop({
  clock: systemClock,
  transport: openTransport(boot.route),
  rhythm,
  messageOf(sequence) {
    const { blockedMs } = pulse
    const { periodMs } = rhythm
    return writeMessage({ key, epoch, sequence, periodMs, blockedMs, meta }, secret)
  },
  tell(name, event) {
    const told = 'error' in event ? { ...event, error: packError(event.error) } : event
    parentPort?.postMessage({ name, event: told })
  },
})

parentPort?.on('message', (order: SenderOrder) => {
  if (order !== 'end') meta = metaOf(order.metaText)
  else void loop.end().finally(() => parentPort?.close())
})

function metaOf(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}
