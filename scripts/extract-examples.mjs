// Writes every `ts` and `js` fence of the documentation as a file into `.examples`, and tests that
// run them.
//
// A fence of `docs/guide.md` becomes `.examples/docs/guide.md/<section>/L<line>.ts`; its lines keep
// their numbers, so that an error at line 40 is an error at line 40 of `docs/guide.md`. The documents
// of a package share a test file, because each of those costs a process.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { relative } from 'node:path/posix'
import { withAssertions } from './assertions.mjs'
import { fencesOf } from './fences.mjs'
import { filesBelow, packagesOf, SCOPE } from './packages.mjs'

/** Everything but the fences themselves that a program needs, all on its first line. */
const PRELUDE = "import $assert from 'node:assert/strict'"
const COMMONJS_PRELUDE = "const $assert = require('node:assert/strict')"

/**
 * @param {string} root - The folder of the workspace.
 * @throws {SyntaxError} If a fence claims something that cannot be checked. Names the file and line.
 */
export function extractExamples(root) {
  const target = join(root, '.examples')
  rmSync(target, { recursive: true, force: true })
  const packages = packagesOf(root)
  linkPackages(packages, join(target, 'node_modules', SCOPE))
  for (const { name, documents } of groupsOf(root, packages)) {
    const suites = documents
      .filter((document) => existsSync(join(root, document)))
      .map((document) => extractFrom(document, root, target))
      .filter(({ programs }) => programs.length > 0)
    if (suites.length > 0) write(join(target, `${name}.test.ts`), testOf(name, suites))
  }
}

/** Makes `import '@cupola/core'` work in `.examples`. */
function linkPackages(packages, target) {
  mkdirSync(target, { recursive: true })
  for (const { folder, path } of packages) symlinkSync(path, join(target, folder), 'junction')
}

/** Where examples may stand: READMEs, the guide, and the comments of what packages export. */
function groupsOf(root, packages) {
  const guide = filesBelow(join(root, 'docs')).filter((file) => file.endsWith('.md'))
  return [
    { name: 'docs', documents: ['README.md', ...guide.map((file) => `docs/${file}`)] },
    ...packages.map(({ folder, path }) => {
      const name = `packages/${folder}`
      const sources = filesBelow(join(path, 'src')).map((file) => `${name}/src/${file}`)
      return { name, documents: [`${name}/README.md`, ...sources] }
    }),
  ]
}

/** Writes the examples of a document. @returns Those to run, under the document's name. */
function extractFrom(document, root, target) {
  const fences = fencesOf(readFileSync(join(root, document), 'utf8')).filter(
    ({ flags }) => !flags.includes('no-check'),
  )
  for (const fence of fences)
    write(join(target, pathOf(document, fence)), programOf(document, fence))
  return { document, programs: fences.filter((fence) => isRun(fence, fences)) }
}

function pathOf(document, { section, name, line, language }) {
  return `${document}/${section}/${name ?? `L${line}.${language}`}`
}

/** Fences with a name are there for the program of their section; without one, the last is it. */
function isRun(fence, fences) {
  if (fence.flags.includes('no-run')) return false
  if (fence.name === undefined) return true
  const section = fences.filter((other) => other.section === fence.section)
  return section.every(({ name }) => name !== undefined) && section.at(-1) === fence
}

function programOf(document, { line, body, name = '' }) {
  try {
    const code = withAssertions(body)
    const prelude = name.endsWith('.cjs') ? COMMONJS_PRELUDE : PRELUDE
    return (code === body ? '' : prelude) + '\n'.repeat(line) + code
  } catch (error) {
    throw new SyntaxError(`${document}:${line + 1 + error.line}: ${error.message}`)
  }
}

/** The test file `.examples/<name>.test.ts`. */
function testOf(name, suites) {
  const folder = dirname(name)
  return `import { beforeAll, beforeEach, describe, it, vi } from 'vitest'
import { replaceTemporaryFolder } from '${relative(`.examples/${folder}`, 'test')}/temporary-folder.ts'

// What examples leave in the temporary folder goes when they have ended.
beforeEach(replaceTemporaryFolder)

${suites.map((suite) => suiteOf(folder, suite)).join('\n')}`
}

function suiteOf(folder, { document, programs }) {
  const facts = programs.map((fence) => {
    const path = relative(folder, pathOf(document, fence))
    return `  it('${document}:${fence.line} runs', () => import('./${path}'))\n`
  })
  return `describe('${document}', () => {
  // No module remembers the examples of other documents.
  beforeAll(() => void vi.resetModules())

${facts.join('')}})
`
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
