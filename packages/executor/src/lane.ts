import type { Engine } from './engine.ts'
import type { LevelStats } from './executor-options.ts'
import { Level } from './level.ts'
import type { ScheduledTask } from './scheduled-task.ts'

/** One budget: the tasks that are due, by urgency, and the slots they share. */
export class Lane {
  readonly #engine: Engine
  readonly #ageingMs: number
  /** The most urgent first; each stays once it is made. */
  readonly #levels: Level[] = []
  concurrency: number
  /** How many tasks of it stand behind others of their keys: no business of a lane, but counted by it. */
  behind = 0
  #running = 0
  #queued = 0

  constructor(engine: Engine, concurrency: number, ageingMs: number) {
    this.#engine = engine
    this.concurrency = concurrency
    this.#ageingMs = ageingMs
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#queued
  }

  /** Whether a task waits, and a slot for it. */
  get canStart(): boolean {
    return this.#queued > 0 && this.#running < this.concurrency
  }

  /** All that are queued, the most urgent first. */
  get tasks(): ScheduledTask[] {
    return this.#levels.flatMap(({ tasks }) => [...tasks])
  }

  /** Of the least urgent that are queued, the one that came first, or last; in O(levels). */
  leastUrgent(isNewest: boolean): ScheduledTask | undefined {
    const level = this.#levels.findLast(({ tasks }) => tasks.size > 0)
    return isNewest ? level?.tasks.last : level?.tasks.first
  }

  /** Who waits, by urgency. */
  stats(budget: 'delay' | 'queue'): LevelStats[] {
    const now = this.#engine.clock.now()
    const levels = this.#levels.filter(({ tasks }) => tasks.size > 0)
    return levels.map(({ urgency, tasks }) => {
      const oldestMs = now - tasks.firstSince
      return Object.freeze({ budget, urgency, queued: tasks.size, oldestMs })
    })
  }

  /** How urgent the next one is by now, to compare with another lane; in O(levels). */
  get rank(): number {
    const level = this.#next()
    return level === undefined ? -Infinity : this.#rankOf(level)
  }

  /** The level of an urgency; there are few, so a walk past those above it is fine. */
  level(urgency: number): Level {
    let place = 0
    for (const level of this.#levels) {
      if (level.urgency === urgency) return level
      if (level.urgency < urgency) break
      place++
    }
    const level = new Level(this, this.#engine, urgency)
    this.#levels.splice(place, 0, level)
    return level
  }

  add(task: ScheduledTask): void {
    task.terms.level.tasks.push(task, this.#engine.starter.turnAt)
    this.#queued++
  }

  /** `false` if the task is not queued here. */
  remove(task: ScheduledTask): boolean {
    if (!task.terms.level.tasks.remove(task)) return false
    this.#queued--
    return true
  }

  /** Takes the next task out, and a slot for it. */
  take(): ScheduledTask | undefined {
    const task = this.#next()?.tasks.shift()
    if (task === undefined) return undefined
    this.#queued--
    this.#running++
    return task
  }

  /** A slot is free again. */
  release(): void {
    this.#running--
  }

  #next(): Level | undefined {
    if (this.#ageingMs !== Infinity) return this.#mostUrgentByNow()
    for (const level of this.#levels) if (level.tasks.size > 0) return level
    return undefined
  }

  #mostUrgentByNow(): Level | undefined {
    let best: Level | undefined
    for (const level of this.#levels) {
      if (level.tasks.size === 0) continue
      if (best === undefined || this.#rankOf(level) > this.#rankOf(best)) best = level
    }
    return best
  }

  /**
   * Each task gains one urgency in every `ageingMs` that it waits. All gain at the same pace, so how
   * two compare never changes, and only the first of each level can be the next.
   */
  #rankOf({ urgency, tasks }: Level): number {
    if (this.#ageingMs === Infinity) return urgency
    return urgency * this.#ageingMs - tasks.firstSince
  }
}
