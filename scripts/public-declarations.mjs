// What of a package's declarations its users can reach: from an entry to the statements it exports,
// and from each statement to those that it names.
//
// No parser: the compiler writes every statement of a `.d.ts` from the first column on, and
// `isolatedDeclarations` sees to it that types are spelled out.
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const COMMENT = /(?<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|\/\*[\s\S]*?\*\/|\/\/.*$/gm
const LINKED = /^(?<kind>import|export) (?:type )?(?<names>[^'"]*?) from ['"](?<from>.+)['"];$/
const LOCAL_EXPORT = /^export (?:type )?\{(?<names>[^}]*)\};$/
const DECLARED =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|let|var) (?<name>[\w$]+)/
const INLINE = /\bimport\(['"]\./
const NAME = /[A-Za-z_$][\w$]*/g

/**
 * @param {string} entry - The `.d.ts` of an entry.
 * @returns {string} The reachable statements of each module under a line with the module's name,
 *   the entry first, then in alphabetical order. Not formatted.
 */
export function publicDeclarations(entry) {
  const modules = new Map()
  const root = moduleAt(entry, modules)
  for (const name of exportedNames(root)) reach(root, name, modules)
  for (const link of root.exports) root.reached.add(link.statement)
  const others = [...modules.values()].filter((module) => module !== root && isReached(module))
  others.sort((left, right) => (left.path < right.path ? -1 : 1))
  return [root, ...others].map(textOf).join('\n')
}

/** Reads a module, once. */
function moduleAt(path, modules) {
  const known = modules.get(path)
  if (known !== undefined) return known
  const module = { path, declarations: [], imports: [], exports: [], reached: new Set() }
  modules.set(path, module)
  for (const statement of statementsOf(readFileSync(path, 'utf8'))) addTo(module, statement)
  return module
}

function statementsOf(text) {
  const code = text.replace(COMMENT, '$<string>').replace(/^\s*\n/gm, '')
  return code.split(/^(?=[a-z])/m).map((statement) => statement.trimEnd())
}

function addTo(module, statement) {
  const link = (LINKED.exec(statement) ?? LOCAL_EXPORT.exec(statement))?.groups
  if (link === undefined) {
    module.declarations.push({ statement, name: DECLARED.exec(statement)?.groups.name })
    return
  }
  if (link.names === '*') throw new Error(`${module.path}: export by name, not with *`)
  const links = link.kind === 'import' ? module.imports : module.exports
  for (const names of bindingsOf(link.names)) links.push({ ...names, from: link.from, statement })
}

/** `{ type A, b as c }` is `A` there and here, and `b` there but `c` here. */
function bindingsOf(names) {
  return names
    .replace(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '')
    .map((name) => {
      const [there, here = there] = name.split(' as ')
      return { there, here }
    })
}

function exportedNames({ declarations, exports }) {
  const own = declarations.filter(({ statement }) => statement.startsWith('export '))
  return [...own.map(({ name }) => name), ...exports.map(({ here }) => here)]
}

/** Marks what `name` stands for in `module`, and all that it names. Other packages end the way. */
function reach(module, name, modules) {
  for (const { there, from, statement, here } of [...module.exports, ...module.imports]) {
    if (here !== name) continue
    if (from === undefined) reach(module, there, modules)
    else if (from.startsWith('.')) reach(moduleAt(pathOf(module, from), modules), there, modules)
    else module.reached.add(statement)
  }
  for (const { statement, name: declared } of module.declarations) {
    if (declared !== name || module.reached.has(statement)) continue
    module.reached.add(statement)
    if (INLINE.test(statement)) throw new Error(`${module.path}: import "${name}"'s types by name`)
    for (const [named] of statement.matchAll(NAME)) reach(module, named, modules)
  }
}

function pathOf(module, from) {
  return join(dirname(module.path), from.replace(/\.[jt]s$/, '.d.ts'))
}

function isReached(module) {
  return module.reached.size > 0
}

/** Reached statements in the order of the module. */
function textOf({ path, declarations, imports, exports, reached }) {
  const statements = [...imports, ...exports, ...declarations].map(({ statement }) => statement)
  const kept = [...new Set(statements)].filter((statement) => reached.has(statement))
  return [`// ${basename(path)}`, ...kept, ''].join('\n')
}
