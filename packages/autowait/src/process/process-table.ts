import type { ProcessProperties, ProcessRecord } from './process-query.ts'
import { ProcProcesses } from './proc-processes.ts'
import { PsProcesses } from './ps-processes.ts'
import { TasklistProcesses } from './tasklist-processes.ts'

/** The processes of this machine. Those that have ended and wait for their parent are none. */
export interface ProcessTable {
  /** Says what it cannot answer, by throwing. */
  requireAnswerable(properties: ProcessProperties): void
  /** The process with a pid; `undefined` if there is none. */
  find(pid: number): Promise<ProcessRecord | undefined>
  /** All processes. */
  list(): Promise<readonly ProcessRecord[]>
}

/** The table of this system. */
export function processTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'linux') return new ProcProcesses()
  return platform === 'win32' ? new TasklistProcesses() : new PsProcesses()
}
