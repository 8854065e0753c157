// `node scripts/new-package.mjs <name> <layer>` makes `packages/<name>` from `templates/package`
// and enters it where the build and the layers are written down. What it makes passes the gate.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, readJson } from './packages.mjs'

const root = join(import.meta.dirname, '..')
const [name = '', layer = ''] = process.argv.slice(2)

const problem = findProblem()
if (problem === undefined) {
  copyTemplate()
  addReference()
  addLayer()
  console.log(`packages/${name} is there. Now:
  npx --yes ${readJson(join(root, 'package.json')).packageManager} install
  npx tsc -b && node scripts/api-snapshot.mjs --write`)
} else {
  console.error(`Cannot make a package: ${problem}`)
  console.error('usage: node scripts/new-package.mjs <name> <layer>')
  process.exitCode = 1
}

function findProblem() {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) return `"${name}" is no kebab-case name`
  if (!/^\d$/.test(layer)) return `"${layer}" is no layer, which is a digit`
  if (existsSync(join(root, 'packages', name))) return `packages/${name} exists`
  return undefined
}

function copyTemplate() {
  const template = join(root, 'templates/package')
  for (const file of filesBelow(template)) {
    const target = join(root, 'packages', name, named(file))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, named(readFileSync(join(template, file), 'utf8')))
  }
}

function named(text) {
  return text.replaceAll('__name__', name)
}

function addReference() {
  const path = join(root, 'tsconfig.json')
  const config = readJson(path)
  config.references.push({ path: `packages/${name}` })
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`)
}

/** As text, so that the other lines stay as they are. */
function addLayer() {
  const path = join(root, 'scripts/layers.json')
  const entry = `,\n  "${name}": { "layer": ${layer}, "dependencies": [] }\n}\n`
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\}\n$/, entry))
}
