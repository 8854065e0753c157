import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { outputOn } from '../src/terminal.ts'
import { cupola, CUPOLA, ended, run, startCupola } from './fixtures/command.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

const met = { exitCode: 0, stderr: '' }

describe('cupola wait file', () => {
  it('prints what is there and ends with 0', async () => {
    const cwd = tree({ 'a.txt': '', 'in/b.txt': '' })

    const outcome = await cupola(['wait', 'file', 'a.txt', '**/b.*'], { cwd })

    expect(outcome).toMatchObject({
      ...met,
      stdout: `${join(cwd, 'a.txt')}\n${join(cwd, 'in/b.txt')}\n`,
    })
  })

  it('waits for what comes later', async () => {
    const cwd = temporaryFolder()
    const waiting = startCupola(['wait', 'file', 'in/*.txt', '--timeout', '30s', '-q'], { cwd })
    await once(waiting, 'spawn')

    mkdirSync(join(cwd, 'in'))
    writeFileSync(join(cwd, 'in/a.txt'), '')

    expect(await ended(waiting)).toMatchObject({ ...met, stdout: '' })
  })

  it('ends with 1 when the timeout has passed, and says what is missing', async () => {
    const cwd = tree({ a: '' })

    const outcome = await cupola(['wait', 'file', 'a', 'b', '--timeout', '0'], { cwd })

    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' })
    expect(outcome.stderr).toMatch(/^error: Cannot wait for all of 2 things \(not met: .*b"/)
  })

  it('says of a single file what is missing, and no more', async () => {
    const { stderr } = await cupola(['wait', 'file', 'a', '--timeout', '0'], {
      cwd: temporaryFolder(),
    })

    expect(stderr).toMatch(/^error: Cannot wait for ".*a" \(last seen: .*\): waited 0 ms\n$/)
  })

  it('takes a name as it is with --literal, and ends it with a NUL with -0', async () => {
    const cwd = tree({ '[a]*.txt': '', 'a1.txt': '' })

    const outcome = await cupola(['wait', 'file', '-0', '--literal', '[a]*.txt'], { cwd })

    expect(outcome).toMatchObject({ ...met, stdout: `${join(cwd, '[a]*.txt')}\0` })
  })

  it('waits until files are gone', async () => {
    const outcome = await cupola(['wait', 'file', 'a', '--gone'], { cwd: temporaryFolder() })

    expect(outcome).toMatchObject({ ...met, stdout: '' })
  })
})

describe('cupola wait text', () => {
  it('prints the line', async () => {
    const cwd = tree({ log: 'one 1\ntwo 2\none 3\n' })

    const outcome = await cupola(['wait', 'text', 'log', '^one \\d', '--count', '2'], { cwd })

    expect(outcome).toMatchObject({ ...met, stdout: 'one 3\n' })
  })

  it('takes the pattern as it is with --fixed, from where it is told', async () => {
    const cwd = tree({ log: 'a.*b\na.*b again\n' })

    const args = ['wait', 'text', 'log', '.*', '--fixed', '--from', '1']
    const outcome = await cupola(args, { cwd })

    expect(outcome).toMatchObject({ ...met, stdout: '.*b\n' })
  })
})

describe('cupola wait port', () => {
  it('prints the address that has accepted', async () => {
    const { port } = await webServer(200)

    const outcome = await cupola(['wait', 'port', String(port), '--host', '127.0.0.1'])

    expect(outcome).toMatchObject({ ...met, stdout: `127.0.0.1:${port}\n` })
  })

  it('ends with 1 when a port is not free in time', async () => {
    const { port } = await webServer(200)

    const outcome = await cupola(['wait', 'port', String(port), '--free', '--timeout', '1ms'])

    expect(outcome.exitCode).toBe(1)
    expect(outcome.stderr).toContain(`port ${port} to be free`)
  })
})

describe('cupola wait', () => {
  it('waits for things of several kinds, its options before them or behind', async () => {
    const cwd = tree({ a: '' })
    const { url, port } = await webServer(200)

    const args = ['-t', '30s', 'file:a', `tcp:127.0.0.1:${port}`, url, 'gone:b', '-i', '20ms']
    const outcome = await cupola(['wait', ...args], { cwd })

    const lines = [join(cwd, 'a'), `127.0.0.1:${port}`, `200 ${url}`]
    expect(outcome).toMatchObject({ ...met, stdout: `${lines.join('\n')}\n` })
  })

  it('ends with the first that is met with --any', async () => {
    const cwd = tree({ a: '' })

    const outcome = await cupola(['wait', '--any', 'file:b', 'file:a'], { cwd })

    expect(outcome).toMatchObject({ ...met, stdout: `${join(cwd, 'a')}\n` })
  })

  it('takes its options before the command as well', async () => {
    const outcome = await cupola(['wait', '-t', '0', 'file', 'a'], { cwd: temporaryFolder() })

    expect(outcome).toMatchObject({ exitCode: 1 })
    expect(outcome.stderr).toContain('waited 0 ms')
  })
})

describe('cupola wait http', () => {
  it('prints no password', async () => {
    const { url } = await webServer(200)

    const outcome = await cupola(['wait', url.replace('//', '//joe:secret@')])

    expect(outcome).toMatchObject({ ...met, stdout: `200 ${url}\n` })
  })

  it('prints the status and the URL', async () => {
    const { url } = await webServer(200)

    const outcome = await cupola(['wait', 'http', url])

    expect(outcome).toMatchObject({ ...met, stdout: `200 ${url}\n` })
  })

  it('waits for another status, if told so', async () => {
    const { url } = await webServer(404)

    expect(await cupola(['wait', 'http', url, '--status', '404'])).toMatchObject(met)
    expect(await cupola(['wait', 'http', url, '--timeout', '0'])).toMatchObject({ exitCode: 1 })
  })
})

describe('cupola wait process', () => {
  it('prints the pid', async () => {
    const outcome = await cupola(['wait', 'process', '--pid', String(process.pid)])

    expect(outcome).toMatchObject({ ...met, stdout: `${process.pid}\n` })
  })

  it('waits for the end of what does not run, which is now', async () => {
    const outcome = await cupola(['wait', 'process', '--name', 'no such name', '--gone'])

    expect(outcome).toMatchObject({ ...met, stdout: '' })
  })
})

describe('cupola wait', () => {
  it.each([
    ['an unknown kind', ['fiel', 'a'], 'Expected a command, or a word that begins with file:'],
    ['nothing', [], 'missing required argument'],
    ['an empty file', ['file', ''], 'got an empty text'],
    ['an empty word', ['file:'], 'got an empty text'],
    ['a log without a name', ['text', '', 'a'], 'got an empty text'],
    ['an empty pattern', ['text', 'log', ''], 'got an empty text'],
    ['an empty name', ['process', '--name', ''], 'got an empty text'],
    ['an empty command line', ['process', '--command', ''], 'got an empty text'],
    ['an empty host', ['port', '80', '--host', ''], 'a name or an address'],
    ['two hosts', ['port', 'a:80', '--host', 'b'], 'no port to go with'],
    [
      'what is gone and stable',
      ['file', 'a', '--gone', '--until', 'stable'],
      'cannot be used with',
    ],
    ['a pause of nothing', ['file', 'a', '--interval', '0'], 'a millisecond or more'],
    ['no file', ['file'], 'missing required argument'],
    ['a timeout without a number', ['file', 'a', '--timeout', 'soon'], 'with ms, s, m or h'],
    ['an unknown state', ['file', 'a', '--until', 'done'], 'Allowed choices are exists, stable'],
    ['a bad pattern', ['text', 'log', '('], '--fixed takes it as it is'],
    ['a bad start', ['text', 'log', 'a', '--from', '-1'], 'a whole number from 0 up'],
    ['port 0', ['port', '0'], 'a whole number from 1 to 65535'],
    ['no web server', ['http', 'localhost:80'], 'a URL with http: or https:'],
    ['no process', ['process', '--gone'], '--pid, --name, --path or --command'],
  ])('ends with 2 for %s', async (_, args, message) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const outputs = { stdout: outputOn(stdout), stderr: outputOn(stderr) }

    const exitCode = await runCommandLine(['wait', ...args], outputs)

    expect(exitCode).toBe(2)
    expect(String(stderr.read())).toContain(message)
    expect(stdout.read()).toBeNull()
  })

  it('helps with examples', async () => {
    const { stdout, exitCode } = await cupola(['wait', '--help'])

    expect(exitCode).toBe(0)
    expect(stdout).toContain('$ cupola wait port 5432 cache:6379')
    expect(stdout).toContain('Exit codes:')
  })

  it.runIf(process.platform !== 'win32')('works in a shell script, as wait-on does', async () => {
    const cwd = temporaryFolder()
    const script = `
      (sleep 0.2; echo ready > log) &
      "$0" "$@" wait text log ready --timeout 30s && echo met
      "$0" "$@" wait file nothing --timeout 1ms 2>/dev/null || echo "not met: $?"`

    const outcome = await run('/bin/sh', ['-c', script, process.execPath, ...CUPOLA], { cwd })

    expect(outcome.stdout).toBe('ready\nmet\nnot met: 1\n')
  })
})

async function webServer(status: number): Promise<{ readonly port: number; readonly url: string }> {
  const server = createServer((_, response) => response.writeHead(status).end())
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}/` }
}
