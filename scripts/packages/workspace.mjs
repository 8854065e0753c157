// The packages that go to npm, and what each of them brings along.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** @returns Every package under `packages/` that is not private, in the order of their names. */
export async function publishedPackages() {
  const parent = join(root, 'packages')
  const names = (await readdir(parent)).toSorted()
  const packages = await Promise.all(names.map((name) => readPackage(join(parent, name))))
  return packages.filter(({ manifest }) => manifest.private !== true)
}

/** @returns The packages of these names, or all of them if there are none. */
export function chosen(packages, names) {
  if (names.length === 0) return packages
  const unknown = names.filter((name) => packages.every((one) => one.name !== name))
  if (unknown.length > 0) throw new RangeError(`Cannot check ${unknown.join()}: not published`)
  return packages.filter((one) => names.includes(one.name))
}

/** @returns The package itself, then the packages of this workspace that it needs at run time. */
export function closureOf(one, packages) {
  const closure = new Set([one])
  for (const { manifest } of closure) {
    const needed = packages.filter(({ name }) => name in (manifest.dependencies ?? {}))
    for (const dependency of needed) closure.add(dependency)
  }
  return [...closure]
}

/**
 * @returns What a program may import from the package: under which name, such as
 *   `@cupola/core/testing`, and what `exports` has there, conditions or a path.
 */
export function entriesOf({ name, manifest }) {
  return Object.entries(manifest.exports).map(([entry, target]) => {
    return { specifier: name + entry.slice('.'.length), target }
  })
}

async function readPackage(directory) {
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
  return { name: manifest.name, directory, manifest }
}
