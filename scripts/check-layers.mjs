// Proves that dependencies point strictly down. `layers.json` says on which layer a package is and
// which packages of others it may have; imports of types count like any other.
import { isBuiltin } from 'node:module'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { filesBelow, packagesOf, readJson, report, SCOPE } from './packages.mjs'

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const layers = readJson(join(root, 'scripts/layers.json'))

// No parser: the formatter sees to it that imports and comments look one way only.
const COMMENT_LINE = /^[ \t]*(?:\/\*|\*|\/\/).*$/gm
// Not what is quoted itself: `Pick<Range, 'from' | 'to'>` imports nothing.
const IMPORT = /(?<!['"`])\b(?:from|import|require\.resolve)\s*\(?\s*'(?<specifier>[^'\s]+)'/g

report(packagesOf(root).flatMap(problemsOf))

function problemsOf({ folder, path, manifest }) {
  if (layers[folder] === undefined) return [`packages/${folder}: has no layer in layers.json`]
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const imports = importsOf(path)
  const imported = new Set(imports.map(({ specifier }) => packageOf(specifier)))
  return [
    ...declared.flatMap((name) => problemsOfDependency(folder, name)),
    ...declared
      .filter((name) => !imported.has(name))
      .map((name) => `packages/${folder}/package.json: depends on ${name}, but imports it nowhere`),
    ...imports.flatMap(({ file, specifier }) => {
      const problem = problemOfImport(folder, declared, file, specifier)
      return problem === undefined ? [] : [`packages/${folder}/src/${file}: ${problem}`]
    }),
  ]
}

function problemsOfDependency(folder, name) {
  const at = `packages/${folder}/package.json`
  const { layer, dependencies } = layers[folder]
  if (!name.startsWith(SCOPE)) {
    return dependencies.includes(name) ? [] : [`${at}: layers.json does not allow ${name}`]
  }
  const below = layers[name.slice(SCOPE.length)]?.layer
  if (below < layer) return []
  return [`${at}: depends on ${name} (layer ${below}), not below its own layer ${layer}`]
}

function problemOfImport(folder, declared, file, specifier) {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier)
    return target.startsWith('..') ? `reaches out of src with '${specifier}'` : undefined
  }
  if (isBuiltin(specifier)) {
    return specifier.startsWith('node:') ? undefined : `write 'node:${specifier}'`
  }
  const name = packageOf(specifier)
  if (name === SCOPE + folder) return `imports itself by name`
  return declared.includes(name) ? undefined : `imports ${name}, which is no dependency`
}

/** `@cupola/core/authoring` is in `@cupola/core`. */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function importsOf(path) {
  const source = join(path, 'src')
  return filesBelow(source).flatMap((file) => {
    const code = readFileSync(join(source, file), 'utf8').replace(COMMENT_LINE, '')
    return [...code.matchAll(IMPORT)].map((match) => ({ file, ...match.groups }))
  })
}
