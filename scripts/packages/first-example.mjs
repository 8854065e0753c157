// The program that a README opens with, as files.
import { fencesOf } from '../fences.mjs'

/**
 * The program is the last fence of the first section that has any; named fences of that section are
 * the files that it needs. It has to be plain JavaScript, whatever its fence is called: Node 20
 * knows no types.
 *
 * @param {string} readme - The whole file.
 * @returns {{ files: Map<string, string>, program: string, language: 'ts' | 'js' }} `files` by name.
 */
export function firstExampleOf(readme) {
  const fences = fencesOf(readme)
  const section = fences.filter((fence) => fence.section === fences[0].section)
  const program = section.pop()
  if (program === undefined) throw new Error('README.md has no ts or js fence')
  if (program.flags.length > 0) {
    throw new Error(
      `README.md:${program.line}: the first example is marked ${program.flags.join()}`,
    )
  }
  const named = section.filter(({ name }) => name !== undefined)
  const files = new Map(named.map(({ name, body }) => [name, body]))
  return { files, program: program.body, language: program.language }
}

const IMPORT = /^import\s+(?<names>[^'"]+?)\s+from\s+(?<from>'[^']+'|"[^"]+")/gm

/** What somebody writes instead who has a CommonJS project. */
export function asCommonJs(program) {
  const body = program
    .replace(IMPORT, (_, names, from) => `const ${bindingOf(names)} = require(${from})`)
    .replaceAll('import.meta.url', `require('node:url').pathToFileURL(__filename).href`)
  return `'use strict'\n;(async () => {\n${body}\n})()\n`
}

function bindingOf(names) {
  return names.replace(/^\*\s+as\s+/, '').replaceAll(/\s+as\s+/g, ': ')
}
