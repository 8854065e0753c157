import type { Device, DeviceState } from './device.ts'

/** Events of a `HeartbeatMonitor`. Observations only: nothing depends on a listener. */
export interface HeartbeatMonitorEvents<Meta = unknown> {
  /** A session has begun; `replaced` says that the device had one before. */
  readonly activated: { readonly device: Device<Meta>; readonly replaced: boolean }
  /** A device has been silent for a good part of its limit. */
  readonly suspect: { readonly device: Device<Meta> }
  /** A device has been silent for too long. Told once for each loss. */
  readonly lost: { readonly device: Device<Meta> }
  /** A device is alive that was not: `from` says what it was. */
  readonly recovered: {
    readonly device: Device<Meta>
    readonly from: Exclude<DeviceState, 'alive'>
  }
  /** A device beats, but its main loop does not turn. */
  readonly busy: { readonly device: Device<Meta> }
  /** A device is known no more, and `why`. */
  readonly forgotten: {
    readonly device: Device<Meta>
    readonly why: 'asked' | 'cleaned' | 'crowded-out' | 'taken'
  }
  /** The monitor itself stood still for so long. Everybody's silence counts from now. */
  readonly paused: { readonly forMs: number }
  /** Too many are silent at once: nobody is declared lost for so long, or until they are back. */
  readonly held: { readonly suspects: number; readonly forMs: number }
  /** Verdicts are told again. */
  readonly released: { readonly suspects: number }
}
