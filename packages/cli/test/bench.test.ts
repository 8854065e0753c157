import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sizesOf } from '../src/bench/bench-command.ts'
import { cupola, ended, startCupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

describe('cupola bench', () => {
  it('lists the comparisons with their questions', async () => {
    const { stdout, exitCode } = await cupola(['bench'])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('buffers    Is a pool of buffers worth it')
    for (const name of ['pool', 'locks', 'executor', 'ids', 'queue']) {
      expect(stdout).toMatch(new RegExp(`^${name} +\\S.*\\?$`, 'm'))
    }
  })

  it('lists them as JSON', async () => {
    const { stdout } = await cupola(['bench', '--json'])

    expect(JSON.parse(stdout)[0]).toMatchObject({ name: 'buffers', question: expect.any(String) })
  })

  it.each([
    ['an unknown comparison', ['spoons'], 'expected one of buffers, pool'],
    ['bad sizes', ['buffers', '--sizes', '4KiB,big'], 'as in 4KiB,1MiB'],
    ['no size', ['buffers', '--sizes', '0'], 'as in 4KiB,1MiB'],
    ['bad rounds', ['buffers', '--rounds', '0'], 'a whole number from 1 to 99'],
    ['an unknown option', ['buffers', '--quik'], 'Did you mean --quick?'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { stderr, exitCode } = await cupola(['bench', ...args])

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })

  it('measures, prints JSON alone, and writes a page', async () => {
    const report = join(temporaryFolder(), 'out.html')
    const args = ['--quick', '--sizes', '1KiB', '--rounds', '1', '--json', '--report', report]

    const { stdout, exitCode } = await cupola(['bench', 'buffers', ...args])

    expect(exitCode).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ schema: 1, comparison: 'buffers', complete: true })
    expect(document.measurements).toHaveLength(9)
    expect(document.provenance.command).toBe('cupola bench buffers --quick --sizes 1024 --rounds 1')
    expect(readFileSync(report, 'utf8')).toContain('<p class="answer">On this machine')
  })

  it('ends with 130 after Ctrl-C, and prints what is there', async () => {
    const command = startCupola(['bench', 'ids', '--rounds', '99'], { cwd: '/' })
    // It tells how far it is after some seconds.
    if (command.stderr !== null) await once(command.stderr, 'data')
    command.kill('SIGINT')

    const { stdout, exitCode } = await ended(command)

    expect(exitCode).toBe(130)
    expect(stdout).toContain('Interrupted: this is what there was by then.')
    expect(stdout).toContain('names: uniqueName() does')
  })
})

describe('sizesOf', () => {
  it('takes units, large and small', () => {
    expect(sizesOf('1000,4k,4KiB,1M, 2 MiB')).toEqual([1000, 4096, 4096, 1_048_576, 2_097_152])
  })
})
