import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { countText, sizeText } from './figures.ts'

/** Where figures come from; a figure without it is none. */
export interface Provenance {
  readonly machine: string
  readonly node: string
  /** Versions by the name of the package. */
  readonly packages: Readonly<Record<string, string>>
  /** As of ISO 8601, in UTC. */
  readonly date: string
  /** Of the checkout that the folder is in, if it is in one. */
  readonly commit: string | undefined
  /** What to type to measure again. */
  readonly command: string
}

/** Looks at where it runs. */
export async function provenanceOf(command: string, folder: string): Promise<Provenance> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const memory = sizeText(Math.round(totalmem() / 2 ** 30) * 2 ** 30)
  return {
    machine:
      `${model}, ${countText(availableParallelism(), 'core')}, ${memory}, ` +
      `${platform()} ${release()} ${arch()}`,
    node: `${process.versions.node} (V8 ${process.versions.v8})`,
    packages: await versionsOf(MEASURED),
    date: new Date().toISOString(),
    commit: await commitOf(folder),
    command,
  }
}

/** What is measured; each may be of another version. */
const MEASURED = [
  '@cupola/buffer-pool',
  '@cupola/executor',
  '@cupola/ids',
  '@cupola/queue',
  '@cupola/rw-lock',
  '@cupola/thread-pool',
]

/** The versions of this package and of its dependencies. */
async function versionsOf(names: readonly string[]): Promise<Provenance['packages']> {
  const { resolve } = createRequire(import.meta.url)
  const manifests = new Map<string, URL | string>([
    ['@cupola/bench', new URL('../package.json', import.meta.url)],
    ...names.map((name) => [name, resolve(`${name}/package.json`)] as const),
  ])
  const versions: Record<string, string> = {}
  for (const [name, manifest] of manifests) versions[name] = await versionAt(manifest)
  return versions
}

async function versionAt(manifest: URL | string): Promise<string> {
  const content: unknown = JSON.parse(await readFile(manifest, 'utf8'))
  const isManifest = typeof content === 'object' && content !== null && 'version' in content
  return isManifest ? String(content.version) : 'unknown'
}

/** Without git, and outside of a checkout, there is none. */
async function commitOf(folder: string): Promise<string | undefined> {
  try {
    const words = ['describe', '--always', '--dirty']
    const { stdout } = await promisify(execFile)('git', words, { cwd: folder })
    return stdout.trim()
  } catch {
    return undefined
  }
}
