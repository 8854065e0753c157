// How much code an import costs: minified, gzipped, without the package's dependencies.
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entriesOf, root } from './workspace.mjs'

const BUDGETS = new URL('./bundle-sizes.json', import.meta.url)

/** Its extension may be a variable: that of the module that names it. */
const WORKER = /new URL\(['`](?<path>\.[^'`$]+?)(?:\.js|\$\{[^}]+\})['`], import\.meta\.url\)/g

/** A line of a doc comment, whose examples name workers as well. */
const COMMENT_LINE = /^\s*\*.*$/gm

/**
 * Compares each entry of `exports` with its line in `bundle-sizes.json`.
 *
 * @returns {Promise<string>} The sizes.
 * @throws If an entry is larger than its budget, or has none.
 */
export async function checkSizes(one) {
  const budgets = JSON.parse(await readFile(BUDGETS, 'utf8'))
  const modules = entriesOf(one).filter(({ target }) => typeof target === 'object')
  const sizes = await Promise.all(
    modules.map(async ({ specifier, target }) => {
      const bytes = await sizeOf(join(one.directory, target.default))
      const budget = budgets[specifier] ?? 0
      return { fits: bytes <= budget, told: `${specifier} ${bytes} of ${budget} bytes` }
    }),
  )
  const told = sizes.map((size) => size.told).join(', ')
  if (sizes.every(({ fits }) => fits)) return told
  throw new Error(`${told}; the budgets are in ${fileURLToPath(BUDGETS)}`)
}

/** A worker module is code of the package as well, though no import leads to it. */
async function sizeOf(entry) {
  const { metafile } = await bundle([entry])
  const modules = Object.keys(metafile.inputs).map((input) => resolve(root, input))
  const workers = (await Promise.all(modules.map(workersIn))).flat()
  const { outputFiles } = await bundle([entry, ...new Set(workers)])
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}

async function workersIn(module) {
  const text = await readFile(module, 'utf8')
  const matches = text.replace(COMMENT_LINE, '').matchAll(WORKER)
  return [...matches].map(({ groups }) => join(dirname(module), `${groups.path}.js`))
}

function bundle(entryPoints) {
  return build({
    entryPoints,
    absWorkingDir: root,
    outdir: join(root, '.cupola/bundles'),
    write: false,
    logLevel: 'silent', // what is wrong is in the error as well
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  })
}
