import { join } from 'node:path'
import { readText } from './read-text.ts'

/** What the control groups of this process, the containers it is in, leave it. */
export interface GroupLimits {
  /** How much memory the tightest group may use. */
  readonly memoryLimitBytes: number | undefined
  /** How much that group uses now, caches included. */
  readonly memoryUsedBytes: number | undefined
  /** How many processors' time the tightest group may use; may be a fraction. */
  readonly processors: number | undefined
}

/** A limit of version 1 that is none: the most that fits, down to whole pages. */
const ENDLESS_BYTES = 2 ** 62

/** Where each version keeps what, below a group's folder. */
const VERSION_2 = { limit: 'memory.max', used: 'memory.current' }
const VERSION_1 = { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes' }

/**
 * Reads the limits of this process's control groups, of version 1 or 2; nothing where there are none.
 *
 * A limit of a group holds for all groups in it, so all on the way up are read and the tightest counts.
 *
 * @param root - Where the system's files are.
 */
export async function readGroupLimits(root = '/'): Promise<GroupLimits> {
  const groups = parseGroups((await readText(join(root, 'proc/self/cgroup'))) ?? '')
  const mount = join(root, 'sys/fs/cgroup')
  const memoryGroup = groups.get('memory')
  const memoryFolders =
    memoryGroup === undefined
      ? foldersUpFrom(mount, groups.get(''))
      : foldersUpFrom(join(mount, 'memory'), memoryGroup)
  const memory = await readMemory(memoryFolders, memoryGroup === undefined ? VERSION_2 : VERSION_1)
  const cpuGroup = groups.get('cpu')
  const processors =
    cpuGroup === undefined
      ? await least(foldersUpFrom(mount, groups.get('')), readQuota)
      : await least(foldersUpFrom(join(mount, 'cpu'), cpuGroup), readOldQuota)
  return { ...memory, processors }
}

/** The path of the group by its controller; that of version 2 has the name ''. */
function parseGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    for (const controller of controllers.split(',')) groups.set(controller, path)
  }
  return groups
}

/** The folders of a group and of all around it. In a container its own may be the outermost. */
function foldersUpFrom(mount: string, path: string | undefined): string[] {
  if (path === undefined) return []
  const names = path.split('/').filter((name) => name !== '' && name !== '..')
  return Array.from({ length: names.length + 1 }, (_, count) =>
    join(mount, ...names.slice(0, names.length - count)),
  )
}

async function readMemory(
  folders: readonly string[],
  names: { readonly limit: string; readonly used: string },
): Promise<Pick<GroupLimits, 'memoryLimitBytes' | 'memoryUsedBytes'>> {
  let tightest: { readonly limit: number; readonly folder: string } | undefined
  for (const folder of folders) {
    const limit = numberIn(await readText(join(folder, names.limit)))
    if (limit === undefined || limit >= ENDLESS_BYTES) continue
    if (tightest === undefined || limit < tightest.limit) tightest = { limit, folder }
  }
  if (tightest === undefined) return { memoryLimitBytes: undefined, memoryUsedBytes: undefined }
  const used = numberIn(await readText(join(tightest.folder, names.used)))
  return { memoryLimitBytes: tightest.limit, memoryUsedBytes: used }
}

/** `cpu.max` is "quota period", or "max period". */
async function readQuota(folder: string): Promise<number | undefined> {
  const [quota, period] = ((await readText(join(folder, 'cpu.max'))) ?? '').split(' ')
  return shareOf(numberIn(quota), numberIn(period))
}

async function readOldQuota(folder: string): Promise<number | undefined> {
  const quota = numberIn(await readText(join(folder, 'cpu.cfs_quota_us')))
  return shareOf(quota, numberIn(await readText(join(folder, 'cpu.cfs_period_us'))))
}

/** A quota of -1 is none. */
function shareOf(quota: number | undefined, period: number | undefined): number | undefined {
  return quota === undefined || period === undefined || quota <= 0 ? undefined : quota / period
}

async function least(
  folders: readonly string[],
  read: (folder: string) => Promise<number | undefined>,
): Promise<number | undefined> {
  const values = await Promise.all(folders.map(read))
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

function numberIn(text: string | undefined): number | undefined {
  return /^-?\d+$/.test(text?.trim() ?? '') ? Number(text) : undefined
}
