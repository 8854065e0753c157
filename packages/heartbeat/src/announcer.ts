import type { Clock } from '@cupola/core'
import { Emitter } from '@cupola/core/authoring'
import type { Device, DeviceState } from './device.ts'
import type { DeviceTable } from './device-table.ts'
import type { DeviceViews } from './device-views.ts'
import type { LifeWitness } from './lives.ts'
import type { HeartbeatMonitorEvents } from './monitor-events.ts'
import type { HoldWitness } from './sweeper.ts'
import { type Verdict, type VerdictsOptions, VerdictStream } from './verdicts.ts'

/** What an {@link Announcer} reads. */
export interface AnnouncerParts<Meta> {
  readonly table: DeviceTable<Meta>
  readonly views: DeviceViews<Meta>
  readonly clock: Clock
}

/** Tells listeners, and those who read verdicts. Devices are described only where somebody hears it. */
export class Announcer<Meta> implements LifeWitness, HoldWitness {
  /** Who listens. */
  readonly events: Emitter<HeartbeatMonitorEvents<Meta>> = new Emitter()
  readonly #table: DeviceTable<Meta>
  readonly #views: DeviceViews<Meta>
  readonly #clock: Clock
  readonly #streams = new Set<VerdictStream<Meta>>()
  #losses = 0

  constructor({ table, views, clock }: AnnouncerParts<Meta>) {
    this.#table = table
    this.#views = views
    this.#clock = clock
  }

  /** How many losses there were. */
  get losses(): number {
    return this.#losses
  }

  /** A reader of what is told from now on. */
  newStream(options: VerdictsOptions): VerdictStream<Meta> {
    const stream = new VerdictStream<Meta>(options, (ended) => this.#streams.delete(ended))
    this.#streams.add(stream)
    return stream
  }

  /** Nothing more will be told. What was can still be read. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
  }

  /** Unless whoever heard that it is alive has ended the session already. */
  onActivated(key: string, epoch: number, replaced: boolean): void {
    const slot = this.#table.find(key)
    if (!this.events.has('activated') || !this.#table.has(slot, key, epoch)) return
    this.events.emit('activated', { device: this.#views.describe(slot), replaced })
  }

  onSuspect(slot: number): void {
    this.#tell('suspect', slot)
  }

  onLost(slot: number): void {
    this.#losses++
    this.#tell('lost', slot)
  }

  onBusy(slot: number): void {
    this.#tell('busy', slot)
  }

  onRecovered(slot: number, from: DeviceState): void {
    if (from === 'alive' || !this.#isHeard('recovered')) return
    const device = this.#views.describe(slot)
    this.#push('recovered', device)
    this.events.emit('recovered', { device, from })
  }

  /** Describes a device before it is gone, for {@link onForgotten}; `undefined` if nobody will hear. */
  describeLeaving(slot: number): Device<Meta> | undefined {
    return this.#isHeard('forgotten') ? this.#views.describe(slot) : undefined
  }

  onForgotten(
    device: Device<Meta> | undefined,
    why: HeartbeatMonitorEvents['forgotten']['why'],
  ): void {
    if (device === undefined) return
    this.#push('forgotten', device)
    this.events.emit('forgotten', { device, why })
  }

  onHeld(heldUntil: number): void {
    const forMs = heldUntil - this.#clock.now()
    this.events.emit('held', { suspects: this.#table.count('suspect'), forMs })
  }

  onReleased(): void {
    this.events.emit('released', { suspects: this.#table.count('suspect') })
  }

  onPaused(forMs: number): void {
    this.events.emit('paused', { forMs })
  }

  #isHeard(name: Verdict['type']): boolean {
    return this.#streams.size > 0 || this.events.has(name)
  }

  #tell(name: 'busy' | 'lost' | 'suspect', slot: number): void {
    if (!this.#isHeard(name)) return
    const device = this.#views.describe(slot)
    this.#push(name, device)
    this.events.emit(name, { device })
  }

  #push(type: Verdict['type'], device: Device<Meta>): void {
    for (const stream of this.#streams) stream.push({ type, device })
  }
}
