import { Announcer } from './announcer.ts'
import { DeviceTable } from './device-table.ts'
import { DeviceViews } from './device-views.ts'
import { Forgetter } from './forgetter.ts'
import { Lanes } from './lanes.ts'
import { Lives } from './lives.ts'
import { LostList } from './lost-list.ts'
import { MassLossGuard } from './mass-loss-guard.ts'
import type { MonitorSettings } from './monitor-options.ts'
import { Sessions } from './sessions.ts'
import { Silence } from './silence.ts'
import { Sweeper } from './sweeper.ts'

/** What a monitor is made of, each part of the ones above it. */
export interface MonitorParts<Meta> {
  /** Who there is. */
  readonly table: DeviceTable<Meta>
  /** Whom to look at, by limit. */
  readonly lanes: Lanes
  /** Who is lost. */
  readonly lost: LostList
  /** Whose silence counts since when. */
  readonly silence: Silence
  /** Whether anybody may be declared lost. */
  readonly guard: MassLossGuard
  /** Rows as others see them. */
  readonly views: DeviceViews<Meta>
  /** Tells what happens. */
  readonly announcer: Announcer<Meta>
  /** Changes states. */
  readonly lives: Lives<Meta>
  /** Finds those that are overdue. */
  readonly sweeper: Sweeper<Meta>
  /** Knows whose beat counts. */
  readonly sessions: Sessions<Meta>
  /** Lets devices go. */
  readonly forgetter: Forgetter<Meta>
}

/** Puts a monitor together. */
export function monitorPartsOf<Meta>(settings: MonitorSettings): MonitorParts<Meta> {
  const { clock, detector, lostAfterMs, massLoss, maxDevices } = settings
  const table = new DeviceTable<Meta>()
  const lanes = new Lanes(detector, lostAfterMs, table.lists)
  const lost = new LostList(table.lists)
  const silence = new Silence(table)
  const guard = new MassLossGuard(massLoss)
  const views = new DeviceViews(table, silence, clock)
  const announcer = new Announcer({ table, views, clock })
  const lives = new Lives({ table, lanes, silence, lost, witness: announcer })
  const sweeper = new Sweeper({ table, lanes, silence, lives, guard, witness: announcer })
  const busyAfterMs = (): number => settings.busyAfterMs(lanes.lostAfterMs)
  const sessions = new Sessions({ table, lanes, lives, maxDevices, busyAfterMs })
  const forgetter = new Forgetter({ table, lost, sessions, views, announcer })
  return {
    table,
    lanes,
    lost,
    silence,
    guard,
    views,
    announcer,
    lives,
    sweeper,
    sessions,
    forgetter,
  }
}
