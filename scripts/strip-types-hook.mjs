// A module hook: loads `.ts` files with their types stripped. Never checks them: that is the
// compiler's work.
//
// Every thread that a test starts has a hook of its own. So what was stripped is kept, a file for
// each source, and what strips is not even loaded where no source has changed.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const KEPT = fileURLToPath(new URL('../.cupola/stripped', import.meta.url))
const STRIPPER = readFileSync(
  new URL('../node_modules/oxc-transform/package.json', import.meta.url),
  'utf8',
)

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const source = readFileSync(path, 'utf8')
  const kept = `${KEPT}/${hashOf(path)}.js`
  // In the end, so that a file which is not whole is none.
  const seal = `\n// ${hashOf(STRIPPER + source)}\n`
  const code = readKept(kept, seal) ?? keep(kept, (await strip(path, source)) + seal)
  return { format: 'module', source: code, shortCircuit: true }
}

async function strip(path, source) {
  const { transformSync } = await import('oxc-transform')
  const { code, errors } = transformSync(path, source)
  if (errors.length === 0) return code
  throw new SyntaxError(`Cannot strip types: ${errors[0].message} in ${path}`)
}

function readKept(path, seal) {
  try {
    const code = readFileSync(path, 'utf8')
    return code.endsWith(seal) ? code : undefined
  } catch {
    return undefined
  }
}

/**
 * Others may read it, or keep the same, at this moment. Whoever is not allowed to write, as a program
 * under the permission model or one of another user, keeps nothing and runs all the same.
 */
function keep(path, code) {
  const unfinished = `${path}.${randomUUID()}`
  try {
    mkdirSync(KEPT, { recursive: true })
    writeFileSync(unfinished, code)
    renameSync(unfinished, path)
  } catch {
    // The next one will strip it again.
  }
  return code
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex')
}
