import { BrokenError } from '@cupola/core'
import { outputOf } from './output-of.ts'
import { type ProcessProperties, type ProcessRecord, recordOf } from './process-query.ts'
import type { ProcessTable } from './process-table.ts'

/** The first two columns of `tasklist /fo csv`: the image name and the pid. */
const LINE = /^"(?<name>[^"]*)","(?<pid>\d+)"/

/** The processes of Windows, as `tasklist` prints them: it knows their names and pids. */
export class TasklistProcesses implements ProcessTable {
  requireAnswerable({ path, command }: ProcessProperties): void {
    if (path === undefined && command === undefined) return
    throw new BrokenError(
      'find a process by its path or command line',
      'Windows tells only pids and names without a shell',
    )
  }

  async find(pid: number): Promise<ProcessRecord | undefined> {
    const [record] = await this.#list(['/fi', `PID eq ${pid}`])
    return record
  }

  async list(): Promise<readonly ProcessRecord[]> {
    return await this.#list([])
  }

  async #list(filter: readonly string[]): Promise<ProcessRecord[]> {
    const output = await outputOf('tasklist', ['/fo', 'csv', '/nh', ...filter])
    return recordsOf(output)
  }
}

/** What `tasklist` printed; a line that is none of a process says that there is none. */
export function recordsOf(output: string): ProcessRecord[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const groups = LINE.exec(line)?.groups
    if (groups === undefined) return []
    const { name = '', pid = '' } = groups
    const none = { parent: undefined, startTime: undefined, path: undefined, command: undefined }
    return [recordOf({ pid: Number(pid), name, ...none }, [name.replace(/\.exe$/i, '')], undefined)]
  })
}
