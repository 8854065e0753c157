import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

function example(name: string, cwd: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url))
  return spawn(process.execPath, [...process.execArgv, path, ...args], { cwd })
}

describe('examples/wait-for-build.ts', () => {
  it('runs the command when the build is done', async () => {
    const cwd = temporaryFolder()
    const build = example('wait-for-build', cwd, ['dist/*.js', 'echo', 'deployed'])

    mkdirSync(join(cwd, 'dist'))
    writeFileSync(join(cwd, 'dist/index.js'), '')

    expect(await text(build.stdout!)).toBe('deployed\n')
  })

  it('gives up when the build says that it has failed', async () => {
    const cwd = temporaryFolder()
    const build = example('wait-for-build', cwd, ['dist/*.js', 'echo', 'deployed'])

    writeFileSync(join(cwd, 'build.log'), 'compiling\nERROR no such thing\n')

    expect(await text(build.stderr!)).toBe('The build has failed: ERROR no such thing\n')
  })
})

describe('examples/follow.ts', () => {
  it('prints the lines of a file that is rotated meanwhile', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'log'), 'one\n')
    const follow = example('follow', cwd, ['log'])
    follow.stdout!.once('data', () => {
      appendFileSync(join(cwd, 'log'), 'two\n')
      renameSync(join(cwd, 'log'), join(cwd, 'log.1'))
      writeFileSync(join(cwd, 'log'), 'the end\n')
    })

    expect(await text(follow.stdout!)).toBe('one\ntwo\nthe end\n')
  })
})
