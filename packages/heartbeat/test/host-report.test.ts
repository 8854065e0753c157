import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type HostReport, hostReport } from '@cupola/heartbeat'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { readGroupLimits } from '../src/host/cgroup.ts'
import { readMemory } from '../src/host/memory.ts'
import { readNetwork } from '../src/host/network.ts'
import { readProcessorTimes, timesOfAll } from '../src/host/processor.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cupola-heartbeat-'))
})
afterEach(() => rm(root, { recursive: true }))

/** Makes files below a folder that stands for the system's. */
async function make(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return root
}

function isShare(value: number | undefined): boolean {
  return value !== undefined && value >= 0 && value <= 1
}

async function secondReport(): Promise<HostReport> {
  const first = await hostReport()
  const begin = process.cpuUsage()
  // Counters of processors move in hundredths of a second.
  await until(() => process.cpuUsage(begin).user > 50_000)
  return hostReport({ since: first, diskPath: root })
}

describe('hostReport()', () => {
  it('tells of the machine and of this process in it', async () => {
    const report = await hostReport()

    expect(report).toMatchObject({ version: 1, host: hostname(), platform: process.platform })
    expect(report.memory.processBytes).toBeGreaterThan(1e6)
    expect(report.memory.totalBytes).toBeGreaterThan(report.memory.processBytes)
    expect(report.processor.count).toBeGreaterThan(0)
    expect(report.processor.usableCount).toBeGreaterThan(0)
    expect(report.network.map(({ name }) => name)).toContain(
      process.platform === 'linux' ? 'lo' : report.network[0]?.name,
    )
  })

  it('tells no shares and rates without a report before', async () => {
    const { processor, eventLoop, network, disk } = await hostReport()

    expect(processor.busyShare).toBeUndefined()
    expect(eventLoop.busyShare).toBeUndefined()
    expect(eventLoop.lagMs).toBeUndefined()
    expect(network.every(({ sentBytesPerSecond }) => sentBytesPerSecond === undefined)).toBe(true)
    expect(disk).toBeUndefined()
  })

  it('tells shares and space since the report before', async () => {
    const { processor, eventLoop, disk } = await secondReport()

    expect(isShare(processor.busyShare)).toBe(true)
    expect(isShare(eventLoop.busyShare)).toBe(true)
    expect(disk?.totalBytes).toBeGreaterThan(0)
    expect(disk?.availableBytes).toBeLessThanOrEqual(disk?.totalBytes ?? 0)
  })

  it.skipIf(process.platform !== 'linux')('tells rates of each interface on Linux', async () => {
    const { network, memory } = await secondReport()

    const loopback = network.find(({ name }) => name === 'lo')
    expect(loopback?.receivedBytesPerSecond).toBeGreaterThanOrEqual(0)
    expect(loopback?.addresses).toContain('127.0.0.1')
    expect(memory.availableBytes).toBeLessThan(memory.totalBytes)
  })

  it('tells the lag of the event loop from a histogram', async () => {
    const eventLoopDelay = monitorEventLoopDelay({ resolution: 1 })
    eventLoopDelay.enable()
    await until(() => eventLoopDelay.count > 3)
    eventLoopDelay.disable()

    const { eventLoop } = await hostReport({ eventLoopDelay })

    expect(eventLoop.lagMs?.max).toBe(eventLoopDelay.max / 1e6)
    expect(eventLoop.lagMs?.p50).toBeLessThanOrEqual(eventLoop.lagMs?.max ?? 0)
  })

  it('knows no lag from a histogram that is empty', async () => {
    const { eventLoop } = await hostReport({ eventLoopDelay: monitorEventLoopDelay() })

    expect(eventLoop.lagMs).toBeUndefined()
  })

  it('is data that JSON can hold', async () => {
    const report = await hostReport({ diskPath: root })

    expect(structuredClone(report)).toEqual(report)
    expect(JSON.stringify(report).length).toBeLessThan(8192)
  })

  it('lets the event loop turn meanwhile', async () => {
    let turns = 0
    const turning = new AbortController()
    const report = hostReport().finally(() => turning.abort())

    for (; !turning.signal.aborted; turns++) await eventLoopTurn()

    await report
    expect(turns).toBeGreaterThan(1)
  })

  it('fails for a disk that is not there', async () => {
    const report = hostReport({ diskPath: join(root, 'nowhere') })

    await expect(report).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('readGroupLimits()', () => {
  it('takes the tightest of version 2 on the way up', async () => {
    await make({
      'proc/self/cgroup': '0::/outer/inner\n',
      'sys/fs/cgroup/outer/inner/memory.max': 'max\n',
      'sys/fs/cgroup/outer/inner/cpu.max': '300000 100000\n',
      'sys/fs/cgroup/outer/memory.max': '1073741824\n',
      'sys/fs/cgroup/outer/memory.current': '4096\n',
      'sys/fs/cgroup/outer/cpu.max': '150000 100000\n',
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
    })

    expect(await readGroupLimits(root)).toEqual({
      memoryLimitBytes: 1_073_741_824,
      memoryUsedBytes: 4096,
      processors: 1.5,
    })
  })

  it('finds those of version 1, each in its own hierarchy', async () => {
    await make({
      'proc/self/cgroup': '12:memory:/job\n5:cpu,cpuacct:/job\n0::/\n',
      'sys/fs/cgroup/memory/job/memory.limit_in_bytes': '2147483648\n',
      'sys/fs/cgroup/memory/job/memory.usage_in_bytes': '8192\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/cpu/job/cpu.cfs_quota_us': '50000\n',
      'sys/fs/cgroup/cpu/job/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    })

    expect(await readGroupLimits(root)).toEqual({
      memoryLimitBytes: 2_147_483_648,
      memoryUsedBytes: 8192,
      processors: 0.5,
    })
  })

  it('finds those of a container, whose own group is the outermost', async () => {
    await make({
      'proc/self/cgroup': '3:memory:/docker/abc\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1048576\n',
    })

    expect((await readGroupLimits(root)).memoryLimitBytes).toBe(1_048_576)
  })

  it('finds none where there are none', async () => {
    const none = { memoryLimitBytes: undefined, memoryUsedBytes: undefined, processors: undefined }

    expect(await readGroupLimits(root)).toEqual(none)
    await make({ 'proc/self/cgroup': 'nonsense\n0::/a/../b\n', 'sys/fs/cgroup/b/cpu.max': 'x y' })
    expect(await readGroupLimits(root)).toEqual(none)
  })
})

describe('readMemory()', () => {
  it('tells what is available, not what nobody uses', async () => {
    await make({ meminfo: 'MemTotal: 100 kB\nMemFree: 10 kB\nMemAvailable:      60 kB\n' })

    expect((await readMemory(join(root, 'meminfo'))).availableBytes).toBe(60 * 1024)
  })

  it('does not guess', async () => {
    const { availableBytes } = await readMemory(join(root, 'nowhere'))

    expect(availableBytes === undefined).toBe(process.platform !== 'win32')
  })
})

describe('readProcessorTimes()', () => {
  it('adds up what is idle and what is not', async () => {
    await make({
      stat: 'cpu  100 20 30 400 50 6 7 8 99 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\n',
    })

    expect(await readProcessorTimes(join(root, 'stat'))).toEqual({
      count: 2,
      idleMs: 4500,
      busyMs: 1710,
    })
  })

  it('asks Node where Linux does not say', async () => {
    const { count, idleMs } = await readProcessorTimes(join(root, 'nowhere'))

    expect(count).toBeGreaterThan(0)
    expect(idleMs).toBeGreaterThan(0)
  })
})

describe('timesOfAll()', () => {
  it('says that it does not know where a system shows no processors', () => {
    const { count, idleMs, busyMs } = timesOfAll([])

    expect(count).toBeGreaterThan(0)
    expect([idleMs, busyMs]).toEqual([undefined, undefined])
  })

  it('adds up what Node tells of each', () => {
    const times = { idle: 100, user: 1, nice: 2, sys: 3, irq: 4 }

    expect(timesOfAll([{ times }, { times }])).toEqual({ count: 2, idleMs: 200, busyMs: 20 })
  })
})

describe('readNetwork()', () => {
  function countersOf(received: number, sent: number): string {
    const rest = '0 0 0 0 0 0 0'
    return `Inter-| Receive\n face |bytes\n  test0: ${received} ${rest} ${sent} ${rest}\n`
  }

  async function testReport(before: Parameters<typeof readNetwork>[0], counters: string) {
    await make({ dev: counters })
    const reports = await readNetwork(before, 2, join(root, 'dev'))
    return reports.find(({ name }) => name === 'test0')
  }

  it('divides by the time since', async () => {
    const before = await testReport([], countersOf(1000, 500))
    const now = await testReport(before === undefined ? [] : [before], countersOf(5000, 600))

    expect(before).toMatchObject({ receivedBytes: 1000, sentBytes: 500, addresses: [] })
    expect(now).toMatchObject({ receivedBytesPerSecond: 2000, sentBytesPerSecond: 50 })
  })

  it('has no counters where there are none to read', async () => {
    await make({ dev: `Inter-|\n face |\n test0: many ${'0 '.repeat(15)}\n test1: 5\n\n` })
    const reports = await readNetwork([], 0, join(root, 'dev'))

    expect(reports.some(({ name }) => name.startsWith('test'))).toBe(false)
    expect(reports.every(({ receivedBytes }) => receivedBytes === undefined)).toBe(true)
    expect(await readNetwork([], 0, join(root, 'nowhere'))).toEqual(reports)
  })

  it('has no rate when a counter began anew', async () => {
    const before = await testReport([], countersOf(1000, 500))
    const now = await testReport(before === undefined ? [] : [before], countersOf(0, 500))

    expect(now).toMatchObject({ receivedBytesPerSecond: undefined, sentBytesPerSecond: 0 })
  })
})
