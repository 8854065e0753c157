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
