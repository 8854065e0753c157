// The tables of other systems than this one, as far as they can be tried here.
import { BrokenError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { ProcProcesses } from '../src/process/proc-processes.ts'
import { processTable } from '../src/process/process-table.ts'
import { PsProcesses } from '../src/process/ps-processes.ts'
import { recordsOf, TasklistProcesses } from '../src/process/tasklist-processes.ts'
import { child, endProcessesAfterEach, zombie } from './fixtures/processes.ts'

endProcessesAfterEach()

const isLinux = process.platform === 'linux'

describe.runIf(process.platform !== 'win32')('PsProcesses', () => {
  it('finds a process with its command line and start time', async () => {
    const { pid } = child('/bin/sleep', ['60'])

    const record = await new PsProcesses().find(pid!)

    expect(record).toMatchObject({ pid, name: 'sleep', command: '/bin/sleep 60' })
    expect(record!.paths).toContain('/bin/sleep')
    expect(Date.parse(record!.startTime!)).not.toBeNaN()
  })

  it('finds nothing for a pid that nobody has', async () => {
    expect(await new PsProcesses().find(999_999_999)).toBeUndefined()
  })

  it('lists all processes, this one included', async () => {
    const pids = (await new PsProcesses().list()).map(({ pid }) => pid)

    expect(pids).toContain(process.pid)
  })

  it.runIf(isLinux)('leaves zombies out', async () => {
    const pid = await zombie()
    while ((await new ProcProcesses().find(pid)) !== undefined);

    expect(await new PsProcesses().find(pid)).toBeUndefined()
  })
})

describe('TasklistProcesses', () => {
  it('reads names and pids', () => {
    const output =
      '"node.exe","4711","Console","1","40,000 K"\r\n"System","4","Services","0","140 K"\r\n'

    expect(recordsOf(output).map(({ pid, names }) => ({ pid, names }))).toEqual([
      { pid: 4711, names: ['node.exe', 'node'] },
      { pid: 4, names: ['System', 'System'] },
    ])
  })

  it('takes the notice that there is none for nothing', () => {
    expect(recordsOf('INFO: No tasks are running which match the specified criteria.\r\n')).toEqual(
      [],
    )
  })

  it('says that it knows neither paths nor command lines', () => {
    const table = new TasklistProcesses()

    expect(() => table.requireAnswerable({ path: '/a' })).toThrow(BrokenError)
    expect(() => table.requireAnswerable({ name: 'a', command: 'b' })).toThrow(BrokenError)
    expect(() => table.requireAnswerable({ name: 'a', pid: 1 })).not.toThrow()
  })
})

describe('processTable()', () => {
  it.each([
    ['linux', ProcProcesses],
    ['darwin', PsProcesses],
    ['win32', TasklistProcesses],
  ] as const)('is the one of %s', (platform, kind) => {
    expect(processTable(platform)).toBeInstanceOf(kind)
  })
})
