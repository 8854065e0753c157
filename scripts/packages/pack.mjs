// Packs the packages, and says what a tarball may hold.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.mjs'
import { root } from './workspace.mjs'

/**
 * Packs with the pinned pnpm, as publishing does: it turns `workspace:^` and `catalog:` into the
 * ranges that npm understands, and adds the license of the root.
 *
 * @returns {Promise<Map<string, { path: string, files: string[] }>>} By the package's name.
 */
export async function pack(packages) {
  const tarballs = join(root, '.cupola/tarballs')
  await rm(tarballs, { recursive: true, force: true })
  await mkdir(tarballs, { recursive: true })
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const filters = packages.flatMap(({ name }) => ['--filter', name])
  const args = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', tarballs]
  const packed = await run('npx', ['--yes', packageManager, ...args], { cwd: root })
  return new Map(JSON.parse(packed).map((one) => [one.name, tarballOf(one)]))
}

function tarballOf({ filename, files }) {
  return { path: filename, files: files.map(({ path }) => path) }
}

const REQUIRED = ['LICENSE', 'README.md', 'package.json']
const ALLOWED = [...REQUIRED, 'CHANGELOG.md']
/** What a package puts into a page, as it is. */
const PAGE = /^src\/page\/[\w-]+\.(?:css|js)$/
const SOURCE = /^src\/(?<module>.+)\.ts$/
const OUTPUT = /^dist\/(?<module>.+?)(?:\.d\.ts|\.js)(?:\.map)?$/
const TEST = /\.test(?:-d)?\.|\/(?:test|fixtures)\//

/**
 * A tarball holds `src`, all of `dist` that the compiler makes of it, what goes into pages, and four files beside. The
 * compiler never removes what it once wrote: output without a source is a leftover, and would ship.
 *
 * @param {string[]} files - The tarball's.
 */
export function checkContents(files) {
  const present = new Set(files)
  const expected = new Set([...REQUIRED, ...files.flatMap(counterpartsOf)])
  const problems = [
    ...[...expected].filter((file) => !present.has(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !belongs(file)).map((file) => `${file} does not belong there`),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return `${files.length} files`
}

/** What has to be there since `file` is: the output of a source, the source of an output. */
function counterpartsOf(file) {
  const source = SOURCE.exec(file)?.groups.module
  if (source !== undefined) return [`dist/${source}.js`, `dist/${source}.d.ts`]
  const output = OUTPUT.exec(file)?.groups.module
  return output === undefined ? [] : [`src/${output}.ts`]
}

function belongs(file) {
  if (ALLOWED.includes(file) || PAGE.test(file)) return true
  return (SOURCE.test(file) || OUTPUT.test(file)) && !TEST.test(file)
}
