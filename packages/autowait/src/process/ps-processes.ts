import { outputOf } from './output-of.ts'
import { type ProcessRecord, recordOf } from './process-query.ts'
import type { ProcessTable } from './process-table.ts'

/** pid, pid of the parent, state, start time (`Sat Nov 21 09:44:39 2026`), command line. */
const LINE =
  /^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?<state>\S+)\s+(?<startTime>\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})\s+(?<command>.*)$/

const PS = '/bin/ps'

/** Otherwise the start time is in the language of the user. */
const ENVIRONMENT = { LC_ALL: 'C' }

const COLUMNS = ['-ww', '-o', 'pid=,ppid=,stat=,lstart=,command=']

/**
 * The processes of macOS and other Unixes, as `ps` prints them. It does not say where an argument
 * ends, so that paths with spaces are not found, and start times are whole seconds.
 */
export class PsProcesses implements ProcessTable {
  requireAnswerable(): void {}

  async find(pid: number): Promise<ProcessRecord | undefined> {
    // It ends with 1 if there is no such process.
    const options = { allowedExitCodes: [0, 1], env: ENVIRONMENT }
    const [record] = recordsOf(await outputOf(PS, ['-p', String(pid), ...COLUMNS], options))
    return record
  }

  async list(): Promise<readonly ProcessRecord[]> {
    return recordsOf(await outputOf(PS, ['-ax', ...COLUMNS], { env: ENVIRONMENT }))
  }
}

function recordsOf(output: string): ProcessRecord[] {
  return output.split('\n').flatMap((line) => {
    const groups = LINE.exec(line)?.groups
    if (groups === undefined || groups['state']?.startsWith('Z')) return []
    const { pid = '', parent = '', startTime, command = '' } = groups
    const args = command.split(' ')
    const [program = ''] = args
    const path = program.startsWith('/') ? program : undefined
    const ids = { pid: Number(pid), parent: Number(parent), startTime }
    const info = { ...ids, name: nameOf(program), path, command }
    return [recordOf(info, args, undefined)]
  })
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}
