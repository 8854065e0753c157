import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { ThreadIdentity } from '../src/liveness.ts'
import { threadFiles } from '../src/thread-files.ts'

const onLinux = process.platform === 'linux'

describe.runIf(onLinux)('threadFiles', () => {
  it('knows that a thread lives, and that it has ended', async () => {
    const thread = new Worker(new URL('./fixtures/say-who-i-am.ts', import.meta.url))
    const [identity] = (await once(thread, 'message')) as [ThreadIdentity]

    expect(identity).not.toEqual(threadFiles.self())
    expect(threadFiles.hasEnded(identity)).toBe(false)
    await thread.terminate()
    expect(threadFiles.hasEnded(identity)).toBe(true)
  })

  it('does not take another thread with the same number for the one that is meant', () => {
    const { thread, start } = threadFiles.self()

    expect(threadFiles.hasEnded({ thread, start })).toBe(false)
    expect(threadFiles.hasEnded({ thread, start: start + 1 })).toBe(true)
  })

  it('says of nobody it cannot name that it has ended', () => {
    const { thread } = threadFiles.self()

    expect(threadFiles.hasEnded({ thread, start: 0 })).toBe(false)
    expect(threadFiles.hasEnded({ thread: 0, start: 0 })).toBe(false)
  })
})

describe.runIf(onLinux)('a thread that cannot be identified for lack of file descriptors', () => {
  it('is told so when it attaches, and can attach later', async () => {
    const program = fileURLToPath(new URL('./fixtures/out-of-files.ts', import.meta.url))
    const limited = ['-c', 'ulimit -n 100 && exec "$0" "$@"', process.execPath]

    const { stdout } = await promisify(execFile)('sh', [...limited, ...process.execArgv, program])

    expect(stdout).toMatch(/^BrokenError: Cannot attach to the SharedMutex: .*EMFILE.*\nfree\n$/)
  })
})
