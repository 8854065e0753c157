// Checks what a stranger gets from npm. `node scripts/check-packages.mjs [name...]`, after the
// build, packs every published package and holds the tarballs, not the checkout, to their promises:
// nothing is missing or left over, each entry loads and stays small, and each package, installed
// alone into an empty project, runs and type-checks the first example of its README as pasted.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkSizes } from './packages/bundle-size.mjs'
import { Consumer } from './packages/consumer.mjs'
import { checkContents, pack } from './packages/pack.mjs'
import { Report } from './packages/report.mjs'
import { run } from './packages/run.mjs'
import { checkTypes, compilers, prepareTypeCheck } from './packages/type-check.mjs'
import { chosen, closureOf, publishedPackages, root } from './packages/workspace.mjs'

const published = await publishedPackages()
const wanted = chosen(published, process.argv.slice(2))
const projects = await mkdtemp(join(tmpdir(), 'cupola-consumers-'))
const report = new Report()
let tarballs = new Map()
const typed = []

const packed = await report.check('workspace', 'pnpm packs every package', async () => {
  tarballs = await pack(published)
})
if (packed) {
  // Most checks are one thread of one program: as many packages at a time as there are cores.
  const queue = wanted.values()
  await Promise.all(Array.from({ length: availableParallelism() }, () => checkEach(queue)))
  await checkTypesOfAll()
}
if (report.finish()) await rm(projects, { recursive: true })
else console.log(`The projects that were tried are in ${projects}`)

async function checkEach(queue) {
  for (const one of queue) await checkPackage(one)
}

async function checkPackage(one) {
  const check = (title, attempt) => report.check(one.name, title, attempt)
  const { path, files } = tarballs.get(one.name)
  await check('the tarball holds what it should', () => checkContents(files))
  await check('publint --strict', () => tool('publint', '--strict', path))
  await check('attw --profile esm-only', () => tool('attw', '--profile', 'esm-only', path))
  await check('size', () => checkSizes(one))
  await checkConsumer(one, check)
}

async function checkConsumer(one, check) {
  const consumer = new Consumer(projects, one)
  const closure = closureOf(one, published).map(({ name }) => tarballs.get(name).path)
  if (!(await check('installs alone', () => consumer.install(closure)))) return
  await check('npm ls finds no problem', () => consumer.listTree())
  await check('every entry loads, by import and by require()', () => consumer.loadEntries())
  for (const command of Object.keys(one.manifest.bin ?? {})) {
    await check(`npx ${command}`, () => consumer.runCommand(command))
  }
  typed.push(await consumer.writeTypedEntries())
  const pasted = await check('the README opens with an example', async () => {
    typed.push(await consumer.pasteExample())
  })
  if (!pasted) return
  await check('the example runs as pasted', () => consumer.runExample())
  await check('the example runs from CommonJS', () => consumer.runExampleFromCommonJs())
}

async function checkTypesOfAll() {
  if (typed.length === 0) return
  const check = (title, attempt) => report.check('workspace', title, attempt)
  const prepare = () => prepareTypeCheck(projects, typed)
  if (!(await check('the types of Node install', prepare))) return
  for (const { title, tsc } of await compilers()) {
    await check(`examples and entries type-check: ${title}`, () => checkTypes(projects, tsc))
  }
}

async function tool(name, ...args) {
  await run(join(root, 'node_modules/.bin', name), args, { cwd: root })
}
