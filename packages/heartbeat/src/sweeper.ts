import { type DeviceTable, NOBODY } from './device-table.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Lives } from './lives.ts'
import type { MassLossGuard } from './mass-loss-guard.ts'
import type { Silence } from './silence.ts'

/** Whom a {@link Sweeper} tells that verdicts are held, and that they are told again. */
export interface HoldWitness {
  onHeld(heldUntil: number): void
  onReleased(): void
}

/** What a {@link Sweeper} works with. */
export interface SweeperParts<Meta> {
  readonly table: DeviceTable<Meta>
  readonly lanes: Lanes
  readonly silence: Silence
  readonly lives: Lives<Meta>
  readonly guard: MassLossGuard
  readonly witness: HoldWitness
}

/**
 * Looks who is overdue: at the front of each lane that may have somebody, and no further than there is.
 *
 * Whoever is told of a verdict may change anything, so each step looks at the front anew.
 */
export class Sweeper<Meta> {
  readonly #table: DeviceTable<Meta>
  readonly #lanes: Lanes
  readonly #silence: Silence
  readonly #lives: Lives<Meta>
  readonly #guard: MassLossGuard
  readonly #witness: HoldWitness

  constructor({ table, lanes, silence, lives, guard, witness }: SweeperParts<Meta>) {
    this.#table = table
    this.#lanes = lanes
    this.#silence = silence
    this.#lives = lives
    this.#guard = guard
    this.#witness = witness
  }

  /** Judges everybody by the silence that there was at a moment. O(what changes). */
  sweep(now: number): void {
    const wasReleased = this.#releaseIfTime(now)
    const lanes = this.#lanes.beginLook(now)
    for (const lane of lanes) this.#suspectOverdue(lane, now)
    if (!wasReleased) this.#holdIfMassive(lanes, now)
    if (this.#guard.heldUntil === undefined) {
      for (const lane of lanes) this.#convictOverdue(lane, now)
    }
    this.#lanes.endLook(lanes, (lane) => this.#dueOf(lane))
  }

  /** Looks anew when somebody will be overdue, after limits have changed. */
  reschedule(): void {
    this.#lanes.rescheduleAll((lane) => this.#dueOf(lane))
  }

  #suspectOverdue(lane: Lane, now: number): void {
    const { lists } = this.#table
    for (let slot = lists.first(lane.alive); slot !== lane.alive; slot = lists.first(lane.alive)) {
      if (this.#silence.since(slot) + lane.suspectAfterMs > now) break
      this.#lives.suspect(slot, lane)
    }
  }

  #convictOverdue(lane: Lane, now: number): void {
    for (;;) {
      const slot = this.#overdueSuspect(lane, now)
      if (slot === NOBODY) break
      this.#lives.lose(slot)
    }
  }

  #overdueSuspect(lane: Lane, now: number): number {
    const slot = this.#table.lists.first(lane.suspects)
    if (slot === lane.suspects) return NOBODY
    return this.#silence.since(slot) + lane.lostAfterMs <= now ? slot : NOBODY
  }

  #holdIfMassive(lanes: readonly Lane[], now: number): void {
    if (this.#guard.heldUntil !== undefined || !this.#isMassive()) return
    if (!lanes.some((lane) => this.#overdueSuspect(lane, now) !== NOBODY)) return
    this.#witness.onHeld(this.#guard.hold(now))
  }

  /** @returns Whether the time of a hold is over, so that it must not begin again at once. */
  #releaseIfTime(now: number): boolean {
    const { heldUntil } = this.#guard
    if (heldUntil === undefined) return false
    const isOver = now >= heldUntil
    if (!isOver && this.#isMassive()) return false
    this.#guard.release()
    this.reschedule()
    this.#witness.onReleased()
    return isOver
  }

  #isMassive(): boolean {
    return this.#guard.isMassive(this.#table.count('suspect'), this.#table.watched)
  }

  /** When somebody in a lane is overdue. While verdicts are held, suspects need not be looked at. */
  #dueOf(lane: Lane): number {
    const { lists } = this.#table
    const alive = lists.first(lane.alive)
    const suspect = lists.first(lane.suspects)
    const suspicion =
      alive === lane.alive ? Infinity : this.#silence.since(alive) + lane.suspectAfterMs
    const loss =
      suspect === lane.suspects ? Infinity : this.#silence.since(suspect) + lane.lostAfterMs
    return Math.min(suspicion, Math.max(loss, this.#guard.heldUntil ?? -Infinity))
  }
}
