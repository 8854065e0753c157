import type { Measurement } from '../findings.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import type { CellRound } from './cell.ts'
import { lenders } from './lenders.ts'
import { type Workload, workloadText } from './plan.ts'

/** The figures of one contestant in one workload. */
export interface Figures {
  readonly rate: Spread
  readonly p99Us: Spread
  readonly worstUs: Spread
  readonly gcMsPerSecond: Spread
  readonly peakMiB: Spread
  readonly finalMiB: Spread
}

/** The rounds that were measured, as they come in. */
export class Results {
  readonly #rounds = new Map<Workload, Map<string, CellRound[]>>()

  add(workload: Workload, contestant: string, round: CellRound): void {
    const ofWorkload = this.#rounds.get(workload) ?? new Map<string, CellRound[]>()
    this.#rounds.set(workload, ofWorkload)
    ofWorkload.set(contestant, [...(ofWorkload.get(contestant) ?? []), round])
  }

  /** Nobody knows anything of a workload that is not among them. */
  get workloads(): readonly Workload[] {
    return [...this.#rounds.keys()]
  }

  /** Those who were measured in a workload, always in the same order. */
  contestantsOf(workload: Workload): readonly string[] {
    return Object.keys(lenders).filter((name) => this.roundsOf(workload, name).length > 0)
  }

  roundsOf(workload: Workload, contestant: string): readonly CellRound[] {
    return this.#rounds.get(workload)?.get(contestant) ?? []
  }

  figuresOf(workload: Workload, contestant: string): Figures {
    const rounds = this.roundsOf(workload, contestant)
    const spread = (of: (round: CellRound) => number) => spreadOf(rounds.map(of))
    return {
      rate: spread((round) => round.operationsPerSecond),
      p99Us: spread((round) => round.pausesUs.p99),
      worstUs: spread((round) => round.pausesUs.worst),
      gcMsPerSecond: spread((round) => round.gcMsPerSecond),
      peakMiB: spread((round) => round.peakMiB),
      finalMiB: spread((round) => round.finalMiB),
    }
  }

  measurements(): readonly Measurement[] {
    return this.workloads.flatMap((workload) =>
      this.contestantsOf(workload).map((contestant) => {
        const { rate, ...others } = this.figuresOf(workload, contestant)
        const figures = { operationsPerSecond: rate, ...others }
        const { sizeBytes, alive, lives, threads } = workload
        const settings = { sizeBytes, alive, lives, threads }
        return { contestant, workload: workloadText(workload), settings, figures }
      }),
    )
  }
}
