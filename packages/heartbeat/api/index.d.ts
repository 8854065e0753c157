// index.d.ts
export type { Beat, BeatOutcome } from './beat.ts'
export { deadline, type DeadlineOptions, missedBeats, type MissedBeatsOptions } from './deadline.ts'
export type { Detector, Judge, Terms } from './detector.ts'
export type { Device, DeviceState, RefreshOutcome, Session } from './device.ts'
export type { CleanupOptions } from './forgetter.ts'
export { HeartbeatMonitor } from './heartbeat-monitor.ts'
export type { MassLossOptions } from './mass-loss-guard.ts'
export type { HeartbeatMonitorEvents } from './monitor-events.ts'
export type { HeartbeatMonitorOptions } from './monitor-options.ts'
export type { HeartbeatMonitorStats } from './monitor-stats.ts'
export { phiAccrual, type PhiAccrualOptions } from './phi-accrual.ts'
export type { ActivateOptions } from './sessions.ts'
export type { DeviceSnapshot, MonitorSnapshot, SnapshotStore } from './snapshot.ts'
export type { Verdict, VerdictsOptions } from './verdicts.ts'
export {
  BeatInbox,
  type BeatInboxEvents,
  type BeatInboxOptions,
  type BeatInboxStats,
  type InboxOutcome,
  type Refusal,
} from './beat-inbox.ts'
export { HeartbeatSender, type HeartbeatSenderStats } from './heartbeat-sender.ts'
export type { MessageOptions, MessageProblem } from './message.ts'
export type { HeartbeatSenderEvents } from './sender-events.ts'
export type { HeartbeatSenderOptions } from './sender-options.ts'
export {
  type PortableRoute,
  receiveBeats,
  type ReceiverRoute,
  type SenderRoute,
} from './transports/route.ts'
export type { BeatReceiver, Transport } from './transports/transport.ts'
export type { SocketAddress } from './transports/udp.ts'
export { HolderLease, type HolderLeaseEvents } from './holder-lease.ts'
export type { HolderLeaseOptions } from './lease-options.ts'
export type { LeaseGrant, LeaseRequest, RenewLease } from './lease-store.ts'
export { type HostReport, hostReport, type HostReportOptions } from './host-report.ts'
export type { NetworkReport } from './host/network.ts'
export {
  fileSnapshots,
  keepSnapshots,
  type KeepSnapshotsOptions,
  type KeptSnapshots,
  type KeptSnapshotsEvents,
} from './keep-snapshots.ts'
export { journalSnapshots } from './journal-snapshots.ts'

// beat-inbox.d.ts
import type { ListenOptions } from '@cupola/core'
export type Refusal =
  | MessageProblem
  | Extract<BeatOutcome, 'full' | 'replayed' | 'stale' | 'unknown'>
  | 'closed'
export type InboxOutcome = Exclude<BeatOutcome, Refusal> | Refusal
export interface BeatInboxOptions<Meta = unknown> extends MessageOptions {
  readonly register?: boolean | undefined
  readonly parseMeta?: ((meta: unknown) => Meta) | undefined
}
export interface BeatInboxStats {
  readonly accepted: number
  readonly refused: Readonly<Partial<Record<Refusal, number>>>
}
export interface BeatInboxEvents {
  readonly refused: {
    readonly reason: Refusal
  }
}
export declare class BeatInbox<Meta = unknown> {
  #private
  readonly monitor: HeartbeatMonitor<Meta>
  readonly maxBytes: number
  constructor(monitor: HeartbeatMonitor<Meta>, options?: BeatInboxOptions<Meta>)
  accept(message: unknown): InboxOutcome
  refuse(reason: Refusal): void
  on<Name extends keyof BeatInboxEvents>(
    name: Name,
    listener: (event: BeatInboxEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  stats(): BeatInboxStats
}

// beat.d.ts
export interface Beat<Meta = unknown> {
  readonly key: string
  readonly epoch: number
  readonly sequence: number
  readonly periodMs?: number | undefined
  readonly blockedMs?: number | undefined
  readonly meta?: Meta | undefined
}
export type BeatOutcome =
  | 'full'
  | 'malformed'
  | 'ok'
  | 'recovered'
  | 'registered'
  | 'replayed'
  | 'stale'
  | 'unknown'

// deadline.d.ts
export interface DeadlineOptions {
  readonly suspectShare?: number | undefined
}
export interface MissedBeatsOptions extends DeadlineOptions {
  readonly periodMs?: number | undefined
}
export declare function deadline(options?: DeadlineOptions): Detector
export declare function missedBeats(count: number, options?: MissedBeatsOptions): Detector

// detector.d.ts
export interface Terms {
  readonly lostAfterMs: number
  readonly periodMs: number | undefined
}
export interface Judge {
  readonly suspectAfterMs: number
  readonly lostAfterMs: number
  suspicion(silentMs: number): number
  learn?(gapMs: number): void
}
export interface Detector {
  judge(terms: Terms): Judge
}

// device.d.ts
export type DeviceState = 'alive' | 'busy' | 'suspect' | 'lost'
export interface Device<Meta = unknown> {
  readonly key: string
  readonly meta: Meta | undefined
  readonly epoch: number
  readonly state: DeviceState
  readonly silentMs: number
  readonly suspicion: number
  readonly lostAfterMs: number
  readonly blockedMs: number
}
export interface Session<Meta = unknown> {
  readonly key: string
  readonly epoch: number
  refresh(meta?: Meta): RefreshOutcome
}
export type RefreshOutcome = 'ok' | 'recovered' | 'stale' | 'unknown'

// forgetter.d.ts
export interface CleanupOptions<Meta = unknown> {
  readonly dump?: string | ((devices: readonly Device<Meta>[]) => void | Promise<void>) | undefined
}

// heartbeat-monitor.d.ts
import { type ListenOptions } from '@cupola/core'
export declare class HeartbeatMonitor<Meta = unknown> implements AsyncDisposable {
  #private
  constructor(options: HeartbeatMonitorOptions)
  get closed(): boolean
  get lostAfterMs(): number
  activate(key: string, meta?: Meta, options?: ActivateOptions): Session<Meta>
  refresh(keyOrSession: string | Session<Meta>, meta?: Meta): RefreshOutcome
  receive(beat: Beat<Meta>, mayRegister?: boolean): BeatOutcome
  forget(key: string): boolean
  device(key: string): Device<Meta> | undefined
  devices(): Generator<Device<Meta>, undefined>
  isRegistered(
    key: string,
    options?: {
      readonly includeLost?: boolean | undefined
    },
  ): boolean
  takeLost(): Device<Meta>[]
  lost(): Device<Meta>[]
  cleanupLost(options?: CleanupOptions<Meta>): Promise<Device<Meta>[]>
  setLostAfter(...args: [lostAfterMs: number] | [key: string, lostAfterMs: number]): boolean
  verdicts(options?: VerdictsOptions): AsyncIterableIterator<Verdict<Meta>, undefined>
  on<Name extends keyof HeartbeatMonitorEvents<Meta>>(
    name: Name,
    listener: (event: HeartbeatMonitorEvents<Meta>[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  stats(): HeartbeatMonitorStats
  snapshot(): MonitorSnapshot<Meta>
  restore(snapshot: MonitorSnapshot<Meta>): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// heartbeat-sender.d.ts
import type { ListenOptions } from '@cupola/core'
export interface HeartbeatSenderStats {
  readonly sent: number
  readonly failed: number
  readonly silent: boolean
}
export declare class HeartbeatSender implements AsyncDisposable {
  #private
  readonly key: string
  readonly epoch: number
  constructor(options: HeartbeatSenderOptions)
  get closed(): boolean
  on<Name extends keyof HeartbeatSenderEvents>(
    name: Name,
    listener: (event: HeartbeatSenderEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  stats(): HeartbeatSenderStats
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// holder-lease.d.ts
import { type ListenOptions } from '@cupola/core'
export interface HolderLeaseEvents {
  readonly renewed: {
    readonly remainingMs: number
  }
  readonly failure: {
    readonly error: unknown
  }
  readonly lost: {
    readonly reason: unknown
  }
}
export declare class HolderLease<Token> implements AsyncDisposable {
  #private
  constructor(renew: RenewLease<Token>, options: HolderLeaseOptions<Token>)
  get isHeld(): boolean
  get remainingMs(): number
  get token(): Token | undefined
  get signal(): AbortSignal
  acquire(): Promise<boolean>
  throwIfLost(): void
  on<Name extends keyof HolderLeaseEvents>(
    name: Name,
    listener: (event: HolderLeaseEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// host-report.d.ts
import { type IntervalHistogram } from 'node:perf_hooks'
export interface HostReportOptions {
  readonly since?: HostReport | undefined
  readonly diskPath?: string | undefined
  readonly eventLoopDelay?: IntervalHistogram | undefined
}
export interface HostReport {
  readonly version: 1
  readonly host: string
  readonly platform: NodeJS.Platform
  readonly takenAtWallMs: number
  readonly takenAtMs: number
  readonly uptimeSeconds: number
  readonly processor: {
    readonly count: number
    readonly usableCount: number
    readonly busyShare: number | undefined
    readonly idleMs: number | undefined
    readonly busyMs: number | undefined
  }
  readonly memory: {
    readonly totalBytes: number
    readonly availableBytes: number | undefined
    readonly groupLimitBytes: number | undefined
    readonly groupUsedBytes: number | undefined
    readonly processBytes: number
  }
  readonly load: readonly [number, number, number] | undefined
  readonly network: readonly NetworkReport[]
  readonly disk:
    | {
        readonly path: string
        readonly totalBytes: number
        readonly availableBytes: number
      }
    | undefined
  readonly eventLoop: {
    readonly busyShare: number | undefined
    readonly lagMs:
      | {
          readonly p50: number
          readonly p99: number
          readonly max: number
        }
      | undefined
    readonly idleMs: number
    readonly activeMs: number
  }
}
export declare function hostReport(options?: HostReportOptions): Promise<HostReport>

// network.d.ts
export interface NetworkReport {
  readonly name: string
  readonly addresses: readonly string[]
  readonly receivedBytes: number | undefined
  readonly sentBytes: number | undefined
  readonly receivedBytesPerSecond: number | undefined
  readonly sentBytesPerSecond: number | undefined
}

// journal-snapshots.d.ts
import type { Journal } from '@cupola/journal'
export declare function journalSnapshots<Meta>(journal: Journal): SnapshotStore<Meta>

// keep-snapshots.d.ts
import { type Clock, type ListenOptions } from '@cupola/core'
export interface KeepSnapshotsOptions {
  readonly everyMs?: number | undefined
  readonly clock?: Clock | undefined
}
export interface KeptSnapshotsEvents {
  readonly saved: {
    readonly devices: number
  }
  readonly failure: {
    readonly error: unknown
  }
}
export interface KeptSnapshots extends AsyncDisposable {
  on<Name extends keyof KeptSnapshotsEvents>(
    name: Name,
    listener: (event: KeptSnapshotsEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  close(): Promise<void>
}
export declare function keepSnapshots<Meta>(
  monitor: HeartbeatMonitor<Meta>,
  store: SnapshotStore<Meta>,
  options?: KeepSnapshotsOptions,
): Promise<KeptSnapshots>
export declare function fileSnapshots<Meta>(path: string): SnapshotStore<Meta>

// lease-options.d.ts
import { type Clock } from '@cupola/core'
export interface HolderLeaseOptions<Token> {
  readonly ttlMs: number
  readonly marginMs?: number | undefined
  readonly renewEveryMs?: number | undefined
  readonly release?: ((token: Token) => Promise<void>) | undefined
  readonly clock?: Clock | undefined
  readonly uptimeMs?: (() => number) | undefined
}

// lease-store.d.ts
export interface LeaseGrant<Token> {
  readonly token: Token
  readonly ttlMs?: number | undefined
}
export interface LeaseRequest<Token> {
  readonly token: Token | undefined
  readonly signal: AbortSignal
}
export type RenewLease<Token> = (
  request: LeaseRequest<Token>,
) => Promise<LeaseGrant<Token> | undefined>

// mass-loss-guard.d.ts
export interface MassLossOptions {
  readonly share?: number | undefined
  readonly atLeast?: number | undefined
  readonly holdMs?: number | undefined
}

// message.d.ts
export type MessageProblem =
  | 'forged'
  | 'malformed'
  | 'oversized'
  | 'unsigned'
  | 'unverifiable'
  | 'version'
export interface MessageOptions {
  readonly secret?: string | Uint8Array | undefined
  readonly maxBytes?: number | undefined
}

// monitor-events.d.ts
export interface HeartbeatMonitorEvents<Meta = unknown> {
  readonly activated: {
    readonly device: Device<Meta>
    readonly replaced: boolean
  }
  readonly suspect: {
    readonly device: Device<Meta>
  }
  readonly lost: {
    readonly device: Device<Meta>
  }
  readonly recovered: {
    readonly device: Device<Meta>
    readonly from: Exclude<DeviceState, 'alive'>
  }
  readonly busy: {
    readonly device: Device<Meta>
  }
  readonly forgotten: {
    readonly device: Device<Meta>
    readonly why: 'asked' | 'cleaned' | 'crowded-out' | 'taken'
  }
  readonly paused: {
    readonly forMs: number
  }
  readonly held: {
    readonly suspects: number
    readonly forMs: number
  }
  readonly released: {
    readonly suspects: number
  }
}

// monitor-options.d.ts
import { type Clock } from '@cupola/core'
export interface HeartbeatMonitorOptions {
  readonly lostAfterMs: number
  readonly detector?: Detector | undefined
  readonly sweepMs?: number | undefined
  readonly keepLost?: boolean | undefined
  readonly maxLost?: number | undefined
  readonly maxDevices?: number | undefined
  readonly busyAfterMs?: number | undefined
  readonly pauseToleranceMs?: number | undefined
  readonly massLoss?: MassLossOptions | false | undefined
  readonly clock?: Clock | undefined
}

// monitor-stats.d.ts
export interface HeartbeatMonitorStats {
  readonly devices: number
  readonly alive: number
  readonly busy: number
  readonly suspect: number
  readonly lost: number
  readonly losses: number
  readonly malformed: number
  readonly pauses: number
  readonly verdicts: 'holding' | 'telling'
}

// phi-accrual.d.ts
export interface PhiAccrualOptions {
  readonly form?: 'normal' | 'exponential' | undefined
  readonly threshold?: number | undefined
  readonly suspectShare?: number | undefined
  readonly window?: number | undefined
  readonly minStdDevMs?: number | undefined
  readonly acceptablePauseMs?: number | undefined
}
export declare function phiAccrual(options?: PhiAccrualOptions): Detector

// sender-events.d.ts
export interface HeartbeatSenderEvents {
  readonly sent: {
    readonly sequence: number
    readonly tookMs: number
  }
  readonly failure: {
    readonly sequence: number
    readonly error: unknown
    readonly failures: number
  }
  readonly silent: {
    readonly forMs: number
  }
  readonly restored: {
    readonly afterMs: number
  }
}

// sender-options.d.ts
import { type Clock } from '@cupola/core'
export interface HeartbeatSenderOptions {
  readonly key: string
  readonly lostAfterMs: number
  readonly route: SenderRoute
  readonly meta?: (() => unknown) | undefined
  readonly secret?: string | Uint8Array | undefined
  readonly epoch?: number | undefined
  readonly periodMs?: number | undefined
  readonly jitter?: number | undefined
  readonly timeout?: number | undefined
  readonly silentAfterMs?: number | undefined
  readonly thread?: boolean | undefined
  readonly clock?: Clock | undefined
}

// sessions.d.ts
export interface ActivateOptions {
  readonly lostAfterMs?: number | undefined
  readonly periodMs?: number | undefined
}

// snapshot.d.ts
export interface MonitorSnapshot<Meta = unknown> {
  readonly version: 1
  readonly epoch: number
  readonly devices: readonly DeviceSnapshot<Meta>[]
}
export interface DeviceSnapshot<Meta = unknown> {
  readonly key: string
  readonly epoch: number
  readonly sequence: number
  readonly meta?: Meta | undefined
  readonly lostAfterMs?: number | undefined
  readonly periodMs?: number | undefined
  readonly lost?:
    | {
        readonly silentMs: number
        readonly taken: boolean
      }
    | undefined
}
export interface SnapshotStore<Meta = unknown> {
  load(): Promise<MonitorSnapshot<Meta> | undefined>
  save(snapshot: MonitorSnapshot<Meta>): Promise<void>
}

// route.d.ts
import type { ChildProcess } from 'node:child_process'
import type { MessagePort } from 'node:worker_threads'
export type PortableRoute =
  | ({
      readonly over: 'tcp' | 'udp'
    } & SocketAddress)
  | {
      readonly over: 'http'
      readonly url: string
      readonly headers?: Readonly<Record<string, string>> | undefined
    }
  | {
      readonly over: 'port'
      readonly port: MessagePort
    }
export type SenderRoute =
  | PortableRoute
  | Transport
  | {
      readonly over: 'inbox'
      readonly inbox: Pick<BeatInbox, 'accept'>
    }
  | {
      readonly over: 'parent'
    }
export type ReceiverRoute =
  | ({
      readonly over: 'http' | 'tcp' | 'udp'
    } & SocketAddress)
  | {
      readonly over: 'child'
      readonly child: ChildProcess
    }
  | {
      readonly over: 'port'
      readonly port: MessagePort
    }
export declare function receiveBeats<Meta>(
  inbox: BeatInbox<Meta>,
  route: ReceiverRoute,
): Promise<BeatReceiver>

// transport.d.ts
export interface Transport {
  send(
    message: string,
    options: {
      readonly signal: AbortSignal
    },
  ): Promise<void>
  close(): Promise<void> | void
}
export interface BeatReceiver extends AsyncDisposable {
  readonly address:
    | {
        readonly host: string
        readonly port: number
      }
    | undefined
  close(): Promise<void>
}

// udp.d.ts
export interface SocketAddress {
  readonly host?: string | undefined
  readonly port: number
}

// verdicts.d.ts
export interface Verdict<Meta = unknown> {
  readonly type: 'suspect' | 'lost' | 'recovered' | 'busy' | 'forgotten'
  readonly device: Device<Meta>
}
export interface VerdictsOptions {
  readonly signal?: AbortSignal | undefined
  readonly capacity?: number | undefined
}
