/** Counts of a `HeartbeatMonitor` at one moment. */
export interface HeartbeatMonitorStats {
  /** How many devices it knows, the lost ones included. */
  readonly devices: number
  readonly alive: number
  readonly busy: number
  readonly suspect: number
  readonly lost: number
  /** How many losses it has told, since it was made. */
  readonly losses: number
  /** How many beats `receive()` refused because they were none. */
  readonly malformed: number
  /** How often it stood still itself. */
  readonly pauses: number
  /** `holding` while too many are silent at once for anybody to be declared lost. */
  readonly verdicts: 'holding' | 'telling'
}
