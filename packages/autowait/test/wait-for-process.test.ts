import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { copyFileSync, chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { type ProcessInfo, waitForProcess, waitForProcessExit, waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { child, endProcessesAfterEach, orphan, zombie } from './fixtures/processes.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const leaks = expectNoLeaks()
endProcessesAfterEach()
const isLinux = process.platform === 'linux'
const hasPython = isLinux && spawnSync('python3', ['--version']).status === 0
const timeout = 20_000

describe('waitForProcess()', () => {
  it('finds a process by its pid, ours included', async () => {
    const [found, ...others] = await waitForProcess(process.pid, { timeout: 0 })

    expect(found).toMatchObject({ pid: process.pid, startTime: expect.any(String) })
    expect(others).toEqual([])
  })

  it.runIf(isLinux)('finds a process by its path, a link to it included', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'a program')
    copyFileSync('/bin/sleep', path)
    chmodSync(path, 0o755)
    const sleeper = child(path, ['60'])

    const [found] = await waitForProcess({ path }, { timeout })

    expect(found).toMatchObject({
      pid: sleeper.pid,
      path,
      name: 'a program',
      command: `${path} 60`,
    })
  })

  it.runIf(isLinux)('takes a path for a whole one, not for the beginning of another', async () => {
    const folder = temporaryFolder()
    copyFileSync('/bin/sleep', join(folder, 'app2'))
    chmodSync(join(folder, 'app2'), 0o755)
    child(join(folder, 'app2'), ['60'])
    await waitForProcess({ path: join(folder, 'app2') }, { timeout })

    await expect(
      waitForProcess({ path: join(folder, 'app') }, { timeout: 0 }),
    ).rejects.toBeInstanceOf(TimeoutError)
  })

  it.runIf(isLinux)('finds a process by the script that it runs', async () => {
    const path = join(temporaryFolder(), 'script.mjs')
    writeFileSync(path, 'setInterval(() => {}, 1000)')
    const node = child(process.execPath, ['--no-warnings', '--conditions', 'none', path])

    const [found] = await waitForProcess({ path }, { timeout })

    expect(found.pid).toBe(node.pid)
  })

  it('finds a process by all of its properties together', async () => {
    const name = basename(process.execPath)
    const one = child(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'mark-of-one'])
    child(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'mark-of-two'])

    const found = await waitForProcess({ name, command: /mark-of-one$/g }, { timeout })

    expect(found.map(({ pid }) => pid)).toEqual([one.pid])
    await expect(
      waitForProcess({ name: 'other', command: 'mark-of-one' }, { timeout: 0 }),
    ).rejects.toBeInstanceOf(TimeoutError)
  })

  it('waits for a process to come, and does not take itself for it', async () => {
    const mark = `mark-${process.pid}-${performance.now()}`
    const waiting = waitForProcess({ command: mark }, { timeout })
    await stateOf(waiting)

    const late = child(process.execPath, ['-e', 'setInterval(() => {}, 1000)', mark])

    expect((await waiting).map(({ pid }) => pid)).toEqual([late.pid])
  })

  it('does not take those for it that have started this process, whose words are the same', async () => {
    const mark = `mark-${process.pid}-${performance.now()}`
    const code = `
      import { waitForProcess } from '@cupola/autowait'
      const found = await waitForProcess({ command: '${mark}' }, { timeout: 0 }).catch(() => 'none')
      console.log(JSON.stringify(found))`
    const script = join(import.meta.dirname, `${mark}.mjs`)
    writeFileSync(script, code)
    onTestFinished(() => rmSync(script))
    const node = [process.execPath, ...process.execArgv, script].join(' ')

    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `${node}; true`])

    expect(JSON.parse(stdout)).toBe('none')
  })

  it.runIf(isLinux)('knows no process by the number of one of its threads', async () => {
    const threads = readdirSync('/proc/self/task').map(Number)
    const thread = threads.find((id) => id !== process.pid)!

    await expect(waitForProcess(thread, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(waitForProcess(process.pid, { timeout: 0 })).resolves.toHaveLength(1)
  })

  it.runIf(isLinux)('finds the title that a process has given itself', async () => {
    const title = `title ${process.pid}`
    const code = `process.title = '${title}'; setInterval(() => {}, 1000)`
    const node = child(process.execPath, ['-e', code, 'some', 'more', 'arguments'])

    const [found] = await waitForProcess({ command: new RegExp(`^${title}$`) }, { timeout })

    expect(found.pid).toBe(node.pid)
  })

  it('says what it has waited for', async () => {
    const query = { name: 'no such name', command: /no such command/ }

    const error = await errorOf(waitForProcess(query, { timeout: 0 }))

    expect(error.message).toBe(
      'Cannot wait for a process with name "no such name", command /no such command/ ' +
        '(last seen: there is none): waited 0 ms',
    )
  })

  it('looks every 500 ms at the latest, if nothing else is said', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const { signal } = controller
    const waiting = errorOf(waitForProcess(2 ** 31 - 1, { clock, signal }))
    let longestMs = 0
    for (let looks = 0; looks < 20; looks++) {
      while (clock.pending === 0) await stateOf(waiting)
      longestMs = Math.max(longestMs, clock.nextDueMs)
      await clock.advance(clock.nextDueMs)
    }

    controller.abort()

    await waiting
    expect(longestMs).toBe(500)
  })

  it.each([
    ['nothing', {}, TypeError],
    ['an empty command', { command: '' }, TypeError],
    ['a command that is no text', { command: 42 }, TypeError],
    ['an empty name', { name: '' }, TypeError],
    ['a pid of nobody', 0, RangeError],
    ['a pid that is no number', { pid: '1' }, TypeError],
    ['no query', undefined, TypeError],
  ])('rejects %s', async (_, query, kind) => {
    await expect(waitForProcess(query as number)).rejects.toThrow(kind)
  })
})

describe('waitForProcessExit()', () => {
  it.runIf(hasPython)('does not take a process for ended whose main thread alone has', async () => {
    const code = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(60)).start()
ctypes.CDLL(None).pthread_exit(None)`
    const { pid } = child('python3', ['-c', code])
    const isZombie = () => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    await waitUntil(isZombie, { timeout })

    const error = await errorOf(waitForProcessExit(pid!, { timeout: 0 }))

    expect(error.message).toContain(`process ${pid}`)
  })

  it('is told of the exit of a child by the child, however slow the pace', async () => {
    const node = child(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const options = { timeout, firstIntervalMs: 1e9, intervalMs: 1e9 }
    const waiting = waitForProcessExit(node, options)
    expect(await stateOf(waiting)).toBe('pending')

    node.kill()

    await waiting
    expect(node.signalCode).toBe('SIGTERM')
    expect(node.listenerCount('exit')).toBe(0)
  })

  it('resolves at once for a child that has ended, or could not be started', async () => {
    const ended = child(process.execPath, ['-e', ''])
    await once(ended, 'exit')
    const never = spawn('/no/such/program')
    never.on('error', () => {})

    await waitForProcessExit(ended, { timeout: 0 })
    await waitForProcessExit(never, { timeout: 0 })

    expect(never.pid).toBeUndefined()
  })

  it('resolves at once for a pid that nobody has', async () => {
    await expect(waitForProcessExit(2 ** 31 - 1, { timeout: 0 })).resolves.toBeUndefined()
  })

  it('notices the exit of a stranger', async () => {
    const pid = await orphan()
    const waiting = waitForProcessExit(pid, { timeout })
    expect(await stateOf(waiting)).toBe('pending')

    process.kill(pid)

    await waiting
  })

  it.runIf(isLinux)(
    'takes a zombie for one that has ended, though its pid still answers',
    async () => {
      const pid = await zombie()
      expect(process.kill(pid, 0)).toBe(true)

      await waitForProcessExit(pid, { timeout })

      await expect(waitForProcess(pid, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    },
  )

  it.runIf(isLinux)('takes another process with the same pid for another', async () => {
    const [self] = await waitForProcess(process.pid)
    const predecessor: ProcessInfo = { ...self, startTime: '1' }

    await expect(waitForProcessExit(self, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(waitForProcessExit(predecessor, { timeout: 0 })).resolves.toBeUndefined()
  })

  it.runIf(isLinux)('takes a process that has become another program for the same', async () => {
    const shell = child('/bin/sh', ['-c', 'read line; exec sleep 60'])
    const [before] = await waitForProcess(shell.pid!, { timeout })
    shell.stdin!.write('go on\n')
    await waitForProcess({ pid: shell.pid!, name: 'sleep' }, { timeout })

    const error = await errorOf(waitForProcessExit(before, { timeout: 0 }))

    expect(error.message).toContain(`process ${shell.pid} (sleep) runs`)
  })

  it('waits until nothing has the properties any more', async () => {
    const mark = `mark-${process.pid}-${performance.now()}`
    const args = ['-e', 'setInterval(() => {}, 1000)', mark]
    const one = child(process.execPath, args)
    const other = child(process.execPath, args)
    await waitUntil(async () => (await waitForProcess({ command: mark })).length === 2, { timeout })
    const waiting = waitForProcessExit({ command: mark }, { timeout })

    one.kill()
    await waitForProcessExit(one)
    expect(await stateOf(waiting)).toBe('pending')
    other.kill()

    await waiting
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const node = child(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const waiting = waitForProcessExit(node, { signal: leaks.watch(controller.signal) })
    await stateOf(waiting)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
    expect(node.listenerCount('exit')).toBe(0)
    expect(node.exitCode).toBeNull()
  })
})
