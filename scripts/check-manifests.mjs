// Proves that every package looks like every other: the same files, the same fields in the same
// order, and project references that say what the dependencies say.
import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { packagesOf, readJson, report, SCOPE } from './packages.mjs'

const root = process.argv[2] ?? join(import.meta.dirname, '..')

const FILES = ['README.md', 'package.json', 'tsconfig.json', 'src/index.ts', 'test']

const FIELDS = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'repository',
  'bin',
  'files',
  'type',
  'sideEffects',
  'exports',
  'dependencies',
  'devDependencies',
  'engines',
]

const OPTIONAL = ['bin', 'dependencies', 'devDependencies']

/** What a field has to be; those that are not here are the package's own. */
const expectedFields = (folder, manifest) => ({
  name: SCOPE + folder,
  license: 'MIT',
  repository: {
    type: 'git',
    url: 'git+https://github.com/cupola-js/cupola.git',
    directory: `packages/${folder}`,
  },
  files: ['dist', 'src'],
  type: 'module',
  sideEffects: false,
  exports: expectedExports(Object.keys(manifest.exports)),
  engines: { node: '^20.19.0 || >=22.12.0' },
})

/** Source first, for our tests; then types; `default` and not `import`, for `require`. */
function expectedExports(paths) {
  const entries = paths.map((path) => {
    const name = path === '.' ? 'index' : path.slice('./'.length)
    const conditions = {
      '@cupola/source': `./src/${name}.ts`,
      types: `./dist/${name}.d.ts`,
      default: `./dist/${name}.js`,
    }
    return [path, path === './package.json' ? path : conditions]
  })
  return Object.fromEntries(entries)
}

const packages = packagesOf(root)
report([...packages.flatMap(problemsOf), ...problemsOfReferences()])

function problemsOf({ folder, path, manifest }) {
  const missing = FILES.filter((file) => !existsSync(join(path, file)))
  return [
    ...missing.map((file) => `${file} is missing`),
    ...problemsOfFields(folder, manifest),
    ...problemsOfTsconfig(path, manifest),
  ].map((problem) => `packages/${folder}: ${problem}`)
}

function problemsOfFields(folder, manifest) {
  const fields = Object.keys(manifest)
  const wanted = FIELDS.filter((field) => !OPTIONAL.includes(field) || fields.includes(field))
  const problems = isDeepStrictEqual(fields, wanted)
    ? []
    : [`package.json has the fields ${fields.join(', ')}; expected ${wanted.join(', ')}`]
  for (const [field, value] of Object.entries(expectedFields(folder, manifest))) {
    // As text, because the order of conditions in `exports` matters.
    if (JSON.stringify(manifest[field]) === JSON.stringify(value)) continue
    problems.push(`package.json: expected "${field}" to be ${JSON.stringify(value)}`)
  }
  return problems
}

function problemsOfTsconfig(path, { dependencies = {} }) {
  const wanted = Object.keys(dependencies)
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => `../${name.slice(SCOPE.length)}`)
  const { references = [] } = readJson(join(path, 'tsconfig.json'))
  const actual = references.map((reference) => reference.path)
  if (isDeepStrictEqual(actual, wanted)) return []
  return [`tsconfig.json references [${actual}], but the dependencies are [${wanted}]`]
}

function problemsOfReferences() {
  const { references } = readJson(join(root, 'tsconfig.json'))
  const built = references.map((reference) => reference.path)
  return packages
    .map(({ folder }) => `packages/${folder}`)
    .filter((path) => !built.includes(path))
    .map((path) => `tsconfig.json: has no reference to ${path}, so nothing builds it`)
}
