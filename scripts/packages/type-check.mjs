// What the compilers of strangers are asked: which versions, with which options.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { run } from './run.mjs'
import { root } from './workspace.mjs'

/** How a program resolves its imports: as Node does it, or as bundlers do. */
const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'esnext', moduleResolution: 'bundler' },
]

/** The declarations of a package are checked like one's own: `skipLibCheck` hides their faults. */
const OPTIONS = {
  target: 'es2022',
  strict: true,
  skipLibCheck: false,
  types: ['node'],
  allowJs: true,
  noEmit: true,
}

/** @returns The TypeScripts that have to do, the current one first: their titles and paths. */
export async function compilers() {
  const older = join(root, 'test/older-typescripts/package.json')
  const { dependencies } = await readManifest(older)
  return Promise.all([
    compiler('typescript', join(root, 'package.json')),
    ...Object.keys(dependencies).map((name) => compiler(name, older)),
  ])
}

/**
 * Prepares a check of all consumers at once. A compiler spends most of its time on the declarations
 * of the language and of Node, and this way it reads them once.
 *
 * @param {string} directory - Above all the consumers, so that they find the types of Node there.
 * @param {string[]} files - What the consumers want checked.
 */
export async function prepareTypeCheck(directory, files) {
  const { version } = await readManifest(installed('@types/node', join(root, 'package.json')))
  await writeFile(join(directory, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', `@types/node@${version}`]
  await run('npm', args, { cwd: directory })
  for (const resolution of RESOLUTIONS) {
    const config = JSON.stringify({ compilerOptions: { ...OPTIONS, ...resolution }, files })
    await writeFile(join(directory, configOf(resolution)), config)
  }
}

/** @param {string} tsc - The path of a compiler. */
export async function checkTypes(directory, tsc) {
  const check = (resolution) =>
    run(process.execPath, [tsc, '--project', configOf(resolution)], { cwd: directory })
  const results = await Promise.allSettled(RESOLUTIONS.map(check))
  const failures = results.filter(({ status }) => status === 'rejected')
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason.message).join('\n'))
}

function configOf({ moduleResolution }) {
  return `tsconfig.${moduleResolution}.json`
}

async function compiler(name, dependent) {
  const manifest = installed(name, dependent)
  const { version, bin } = await readManifest(manifest)
  return { title: `TypeScript ${version}`, tsc: join(dirname(manifest), bin.tsc) }
}

function installed(name, dependent) {
  return createRequire(dependent).resolve(`${name}/package.json`)
}

async function readManifest(path) {
  return JSON.parse(await readFile(path, 'utf8'))
}
