import type { Engine } from './engine.ts'
import { Fifo } from './fifo.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { Terms } from './terms.ts'

/** The queued tasks of one urgency. */
export class Level {
  readonly lane: Lane
  readonly engine: Engine
  readonly urgency: number
  readonly tasks: Fifo<ScheduledTask> = new Fifo()
  /** Of those tasks that have nothing of their own. */
  readonly terms: Terms
  /** The moments at which they were queued; kept only where waiting makes urgent. */
  readonly since: WeakMap<ScheduledTask, number> = new WeakMap()

  constructor(lane: Lane, engine: Engine, urgency: number) {
    this.lane = lane
    this.engine = engine
    this.urgency = urgency
    this.terms = {
      level: this,
      args: [],
      runTimeout: Infinity,
      retries: undefined,
      attempt: 1,
      key: undefined,
      owner: undefined,
      isRef: true,
      listening: undefined,
    }
  }
}

/**
 * So many tasks begin in one turn of the event loop at most: those that are over at once would else
 * keep files and sockets waiting for as long as there are any. Enough of them to make the turn
 * itself cost nothing.
 */
const MOST_STARTS_A_TURN = 1024

/** Tasks that are due, by urgency, and the slots they share. */
export class Lane {
  readonly #engine: Engine
  readonly #ageingMs: number
  /** The most urgent first; each stays once it is made. */
  readonly #levels: Level[] = []
  #concurrency: number
  #running = 0
  #queued = 0
  #starts = 0
  #pump: 'idle' | 'asked' | 'pumping' = 'idle'

  constructor(engine: Engine, concurrency: number, ageingMs: number) {
    this.#engine = engine
    this.#concurrency = concurrency
    this.#ageingMs = ageingMs
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#queued
  }

  get concurrency(): number {
    return this.#concurrency
  }

  /** All that are queued, the most urgent first. */
  get tasks(): ScheduledTask[] {
    return this.#levels.flatMap(({ tasks }) => [...tasks])
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency
    this.ask()
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
    const { level } = task.terms
    level.tasks.push(task)
    if (this.#ageingMs !== Infinity) level.since.set(task, this.#engine.clock.now())
    this.#queued++
    this.ask()
  }

  /** `false` if the task is not queued here. */
  remove(task: ScheduledTask): boolean {
    if (!task.terms.level.tasks.remove(task)) return false
    this.#queued--
    return true
  }

  /** A slot is free again. */
  release(): void {
    this.#running--
    if (this.#queued > 0 && this.#pump === 'idle') this.pump()
  }

  /**
   * Has tasks begin once the code that runs now is done: a function never runs before its caller has
   * the task in hand, and of tasks that come together, the most urgent is the first.
   */
  ask(): void {
    if (this.#pump !== 'idle' || this.#queued === 0 || this.#running >= this.#concurrency) return
    this.#pump = 'asked'
    queueMicrotask(() => this.pump())
  }

  /** Has as many tasks begin as there are slots for. */
  pump(): void {
    this.#pump = 'pumping'
    while (this.#queued > 0 && this.#running < this.#concurrency && this.#engine.admits()) {
      if (this.#starts >= MOST_STARTS_A_TURN) return this.#goOnNextTurn()
      const task = this.#next()?.tasks.shift()
      if (task === undefined) break
      this.#queued--
      this.#starts++
      this.#running++
      this.#engine.start(task)
    }
    if (this.#queued === 0) this.#starts = 0
    this.#pump = 'idle'
  }

  #goOnNextTurn(): void {
    this.#pump = 'asked'
    setImmediate(() => {
      this.#starts = 0
      this.pump()
    })
  }

  #next(): Level | undefined {
    if (this.#ageingMs !== Infinity) return this.#mostUrgentByNow()
    for (const level of this.#levels) if (level.tasks.size > 0) return level
    return undefined
  }

  /**
   * Each task gains one urgency in every `ageingMs` that it waits. All gain at the same pace, so how
   * two compare never changes, and only the first of each level can be the one.
   */
  #mostUrgentByNow(): Level | undefined {
    let best: Level | undefined
    let most = -Infinity
    for (const level of this.#levels) {
      const { first } = level.tasks
      if (first === undefined) continue
      const rank = level.urgency * this.#ageingMs - (level.since.get(first) ?? 0)
      if (best === undefined || rank > most) {
        best = level
        most = rank
      }
    }
    return best
  }
}
