// Compares the public API of every package with the one that is committed in its `api` folder, a
// file for each entry. `--write` accepts the API as it is now. Reads what `tsc -b` wrote.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lineDiff } from './line-diff.mjs'
import { filesBelow, packagesOf, report } from './packages.mjs'
import { publicDeclarations } from './public-declarations.mjs'
import { entryOf, ROOT } from './children.mjs'

const write = process.argv.includes('--write')

report(packagesOf(ROOT).flatMap(problemsOf))

function problemsOf({ folder, path, manifest }) {
  const entries = Object.values(manifest.exports).filter((target) => target.types !== undefined)
  const snapshots = entries.map(({ types }) => types.replace('./dist/', 'api/'))
  const stale = filesBelow(join(path, 'api')).filter((file) => !snapshots.includes(`api/${file}`))
  return [
    ...entries.flatMap(({ types }, index) => {
      const now = formatted(publicDeclarations(join(path, types)))
      return problemsOfEntry(`packages/${folder}/${snapshots[index]}`, now)
    }),
    ...stale.map((file) => `packages/${folder}/api/${file}: no entry has this name`),
  ]
}

function problemsOfEntry(snapshot, now) {
  const path = join(ROOT, snapshot)
  if (write) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, now)
    return []
  }
  const before = contentOf(path)
  if (before === now) return []
  const howTo = 'If that is meant, run `node scripts/api-snapshot.mjs --write`.'
  return [`${snapshot}: the public API has changed. ${howTo}\n${lineDiff(before, now)}\n`]
}

function contentOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function formatted(text) {
  const args = [entryOf('oxfmt'), '--stdin-filepath=snapshot.d.ts']
  return execFileSync(process.execPath, args, { cwd: ROOT, input: text, encoding: 'utf8' })
}
