// A module hook: loads `.ts` files with their types stripped. Never checks them: that is the
// compiler's work.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'oxc-transform'

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
  const path = fileURLToPath(url)
  const { code, errors } = transformSync(path, await readFile(path, 'utf8'))
  if (errors.length > 0)
    throw new SyntaxError(`Cannot strip types: ${errors[0].message} in ${path}`)
  return { format: 'module', source: code, shortCircuit: true }
}
