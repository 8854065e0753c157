// A night of a small service, in no time: a backup by the calendar, a heartbeat without drift, a
// reminder that is put off, and an orderly end.
import { VirtualClock } from '@cupola/core/testing'
import { Executor } from '@cupola/executor'

const HOUR_MS = 3_600_000

// The night in which Berlin's clocks go forward: there is no half past two.
const clock = new VirtualClock({ wall: Date.parse('2026-03-28T22:00:00Z') })
const executor = new Executor({ clock })
const now = () => new Date(clock.wall()).toISOString().slice(11, 16)

executor.cron('30 2 * * *', () => console.log(`${now()} backup`), { timeZone: 'Europe/Berlin' })
const beats = executor.every(2 * HOUR_MS, () => console.log(`${now()} still here`), { maxRuns: 3 })
const reminder = executor.delayExec(HOUR_MS, () => console.log(`${now()} drink some water`))

await clock.advance(HOUR_MS / 2)
reminder.reschedule(3 * HOUR_MS)
await clock.advance(8 * HOUR_MS)

console.log(`heartbeat: ${beats.state}, reminder: ${reminder.state}`)
await executor.close()
