import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Comparison } from '@cupola/bench'
import { describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { until } from '../../../test/until.ts'
import { sizesOf } from '../src/bench/bench-command.ts'
import { runBench } from '../src/bench/run-bench.ts'
import { turnsDisplayOn } from '../src/bench/turns-display.ts'
import { runCommandLine } from '../src/command-line.ts'
import { outputOn } from '../src/terminal.ts'
import { CUPOLA, cupola, ended, run, startCupola } from './fixtures/command.ts'

const EXPECTED = 'expected one of buffers, pool, locks, executor, ids, queue'

describe('cupola bench', () => {
  it('lists the comparisons with their questions', async () => {
    const { stdout, exitCode } = await cupola(['bench'])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('buffers   Is a pool of buffers worth it')
    for (const name of ['pool', 'locks', 'executor', 'ids', 'queue']) {
      expect(stdout).toMatch(new RegExp(`^${name} +(?:How|Is) `, 'm'))
    }
  })

  it('lists them as JSON', async () => {
    const { stdout } = await cupola(['bench', '--json'])

    expect(JSON.parse(stdout)[0]).toMatchObject({ name: 'buffers', question: expect.any(String) })
  })

  it.each([
    ['an unknown comparison', ['spoons'], `Cannot compare spoons: ${EXPECTED}`],
    ['sizes of what has none', ['ids', '--sizes', '1KiB'], 'Cannot use sizes: ids has none'],
    [
      'a page of no comparison',
      ['--report', 'a.html'],
      `Cannot use --report without a comparison: ${EXPECTED}`,
    ],
    ['haste of no comparison', ['--quick'], `Cannot use --quick without a comparison: ${EXPECTED}`],
    [
      'a page in no folder',
      ['ids', '--report', '/no/such/a.html'],
      'Cannot write "/no/such/a.html": there is no folder "/no/such"',
    ],
    ['a page in place of a folder', ['ids', '--report', '/'], 'Cannot write "/": it is a folder'],
    ['a page without a name', ['ids', '--report', ''], 'Cannot write "": it names no file'],
    [
      'a page where nothing can be written',
      ['ids', '-r', '/proc/a.html'],
      'Cannot write "/proc/a.html": no such file or directory',
    ],
    [
      'a page in place of a device',
      ['ids', '-r', '/dev/null'],
      'Cannot write "/dev/null": it is a character device',
    ],
  ])('ends with 2 for %s', async (_, args, message) => {
    expect(await answerTo(args)).toEqual({
      exitCode: 2,
      stderr: `error: ${message}\n`,
      stdout: '',
    })
  })

  it.each([
    ['two comparisons', ['ids', 'pool'], "too many arguments for 'bench'"],
    ['all at once', ['ids', '--quick', '--thorough'], 'cannot be used with option'],
    [
      'bad sizes',
      ['buffers', '--sizes', '4KiB,big'],
      'Expected sizes from 1 byte to 64 MiB, as in 4KiB,1MiB.',
    ],
    [
      'no size',
      ['buffers', '--sizes', '0'],
      'Expected sizes from 1 byte to 64 MiB, as in 4KiB,1MiB.',
    ],
    ['bad rounds', ['buffers', '--rounds', '0'], 'Expected a whole number from 1 to 99.'],
    ['an unknown option', ['buffers', '--quik'], '(Did you mean --quick?)'],
  ])('ends with 2 for %s, and names the help', async (_, args, message) => {
    const { exitCode, stderr, stdout } = await answerTo(args)

    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/\n\(--help tells how it is used\)\n$/)
    expect(stdout).toBe('')
  })

  it('measures, prints JSON alone, and writes a page', async () => {
    const report = join(temporaryFolder(), 'out.html')
    const args = ['--quick', '--rounds', '1', '--json', '--report', report]

    const { stdout, exitCode } = await cupola(['bench', 'executor', ...args])

    expect(exitCode).toBe(0)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ schema: 1, comparison: 'executor', complete: true })
    expect(document.measurements.length).toBeGreaterThan(3)
    expect(document.settings).toMatchObject({ rounds: 1 })
    expect(document.provenance.node).toContain(process.versions.node)
    expect(document.provenance.command).toBe('cupola bench executor --quick --rounds 1')
    expect(readFileSync(report, 'utf8')).toContain(`<h1>${document.question}</h1>`)
  })

  it('writes the page even if nobody reads what it prints, and replaces an earlier one', async () => {
    const report = join(temporaryFolder(), 'out.html')
    writeFileSync(report, 'old')
    const args = ['bench', 'executor', '--quick', '-n', '1', '--report', report]

    const { stderr } = await run('sh', ['-c', '"$@" | true', 'sh', ...nodeArguments(args)])

    expect(stderr).toContain(`The page is in ${report}\n`)
    expect(readFileSync(report, 'utf8')).toContain('<p class="answer">')
  })

  it('says why standard output could not be written, and ends with 1', async () => {
    const words = nodeArguments(['bench', '--json'])

    const { stderr, exitCode } = await run('sh', ['-c', '"$@" >/dev/full', 'sh', ...words])

    expect(exitCode).toBe(1)
    expect(stderr).toBe('error: standard output: no space left on device\n')
  })

  it('ends with 130 after Ctrl-C, prints what is there, and leaves no process behind', async () => {
    const command = startCupola(['bench', 'buffers', '--thorough'])
    const child = await firstChildOf(command)

    command.kill('SIGINT')
    const { stdout, exitCode } = await ended(command)

    expect(exitCode).toBe(130)
    expect(stdout).toContain('Interrupted: this is what there was by then.')
    await until(() => !existsSync(`/proc/${child}`))
  })
})

describe('runBench', () => {
  it('prints the findings even if the page cannot be written in the end, and gives 1', async () => {
    const folder = join(temporaryFolder(), 'gone')
    mkdirSync(folder)
    const report = join(folder, 'out.html')
    const printed = outputsToRead()

    const exitCode = await runBench(
      spoonsAnd(() => rmSync(folder, { recursive: true })),
      { report },
      printed.outputs,
    )

    expect(exitCode).toBe(1)
    expect(printed.stdout()).toContain('Wood is the quickest.\n')
    expect(printed.stderr()).toBe(`error: Cannot write "${report}": no such file or directory\n`)
  })

  it('gives 1 if a contestant fails', async () => {
    const printed = outputsToRead()

    const exitCode = await runBench(
      spoonsAnd(() => {}, ['tin: it bends']),
      {},
      printed.outputs,
    )

    expect(exitCode).toBe(1)
    expect(printed.stdout()).toContain('failed: tin: it bends\n')
  })

  it('leaves nothing beside the page, and says what to type to measure again', async () => {
    const folder = temporaryFolder()
    const report = join(folder, 'out.html')
    const values = { thorough: true, sizes: [1024, 5], rounds: 2, report }

    await runBench(
      spoonsAnd(() => {}),
      values,
      outputsToRead().outputs,
    )

    expect(readdirSync(folder)).toEqual(['out.html'])
    expect(readFileSync(report, 'utf8')).toContain(
      'cupola bench spoons --thorough --sizes 1024,5 --rounds 2',
    )
  })
})

describe('outputOn', () => {
  it('takes a terminal that does not know how wide it is for a usual one', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0 })

    expect(outputOn(stream).columns).toBe(80)
  })
})

describe('turnsDisplayOn', () => {
  it('draws no line that is wider than the terminal', () => {
    const written: string[] = []
    const stream = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk))
        done()
      },
    })
    const terminal = Object.assign(stream, { isTTY: true, columns: 30 })
    vi.stubEnv('NO_COLOR', '')
    vi.stubEnv('TERM', 'xterm')

    turnsDisplayOn(outputOn(terminal)).show({ done: 0, all: 9, what: 'a spoon, '.repeat(9) })

    vi.unstubAllEnvs()
    const [line = ''] = written.map((text) => stripVTControlCharacters(text).replace('\r', ''))
    expect(line).toMatch(/^0 of 9 a spoon, /)
    expect(line.length).toBeLessThan(30)
  })
})

describe('sizesOf', () => {
  it('takes units, large and small', () => {
    expect(sizesOf('1000,4k,4KiB,1M, 2 MiB')).toEqual([1000, 4096, 4096, 1_048_576, 2_097_152])
  })
})

/** In this process, which takes less time than another one. */
async function answerTo(args: readonly string[]) {
  const { outputs, stdout, stderr } = outputsToRead()
  const exitCode = await runCommandLine(['bench', ...args], outputs)
  return { exitCode, stderr: stderr(), stdout: stdout() }
}

/** A comparison that takes no time. */
function spoonsAnd(meanwhile: () => void, failures: readonly string[] = []): Comparison {
  const question = 'Which spoon is the quickest?'
  return {
    name: 'spoons',
    question,
    contestants: ['wood'],
    async run() {
      meanwhile()
      const none = { tables: [], plots: [], measurements: [], missing: [], notes: [], settings: {} }
      const answer = ['Wood is the quickest.']
      return { comparison: 'spoons', question, answer, failures, complete: true, ...none }
    },
  }
}

function outputsToRead() {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() }
  return {
    outputs: { stdout: outputOn(streams.stdout), stderr: outputOn(streams.stderr) },
    stdout: () => String(streams.stdout.read() ?? ''),
    stderr: () => String(streams.stderr.read() ?? ''),
  }
}

function nodeArguments(args: readonly string[]): string[] {
  return [process.execPath, ...CUPOLA, ...args]
}

/** Once it measures, it has one: on Linux, which keeps a list of them. */
async function firstChildOf({ pid }: ChildProcess): Promise<string> {
  const list = `/proc/${pid}/task/${pid}/children`
  let child: string | undefined
  await until(() => (child = readFileSync(list, 'utf8').split(' ')[0]) !== '')
  return child ?? ''
}
