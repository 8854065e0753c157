import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const cwd = fileURLToPath(new URL('..', import.meta.url))

/** What a program prints until it ends by itself. */
async function output(program: string): Promise<string> {
  const code = `import { Executor } from '@cupola/executor'
    const executor = new Executor()
    const say = (word) => () => console.log(word)
    ${program}`
  const args = [...process.execArgv, '--input-type=module', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 30_000 })
  return stdout.trim().replaceAll('\n', ' ')
}

describe('a process with an executor', () => {
  it.each([
    ['ends at once if there is nothing to do', '', ''],
    [
      'stays for what is queued and delayed',
      "executor.queueExec(say('a')); executor.delayExec(20, say('b'))",
      'a b',
    ],
    ['stays for at()', "executor.at(Date.now() + 20, say('a'))", 'a'],
    [
      'does not stay for what repeats',
      "executor.every(500, say('a')); executor.cron('0 0 1 1 *', say('b'))",
      '',
    ],
    [
      'stays for what repeats if somebody awaits it',
      "await executor.every(5, say('a'), { maxRuns: 2 }).result",
      'a a',
    ],
    [
      'stays for what repeats if it is told to',
      "executor.every(5, say('a'), { maxRuns: 2 }).ref()",
      'a a',
    ],
    [
      'does not stay for a delayed task that was told not to',
      "executor.delayExec(60_000, say('a')).unref()",
      '',
    ],
    [
      'stays while it is being closed',
      "executor.delayExec(20, say('a')).unref(); await executor.close(); say('b')()",
      'a b',
    ],
    [
      'ends at once after everything is cancelled',
      "executor.delayExec(60_000, say('a')); await executor.terminate(); say('b')()",
      'b',
    ],
    [
      'ends at once after it is terminated, whatever still runs, and however long it may',
      'executor.queueExec(() => new Promise(() => {}), { runTimeout: 20_000 }); void executor.close(); setImmediate(async () => say((await executor.terminate()).interrupted)())',
      '1',
    ],
    [
      'does not stay for a pause between attempts of what repeats',
      "executor.every(1, () => { throw 1 }, { retries: { times: 1, delayMs: 60_000 } }); setTimeout(say('a'), 50)",
      'a',
    ],
    [
      'survives failures that nobody looks at',
      "executor.queueExec(() => { throw new Error('no') }); executor.delayExec(5, say('a'))",
      'a',
    ],
    [
      'does not stay for a function that waits for nothing',
      'executor.queueExec(() => new Promise(() => {}), { runTimeout: 60_000 })',
      '',
    ],
  ])('%s', async (_, program, expected) => {
    await expect(output(program)).resolves.toBe(expected)
  })
})
