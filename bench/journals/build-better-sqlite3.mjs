// `node bench/journals/build-better-sqlite3.mjs` builds the native part of better-sqlite3, which pnpm
// does not do here: its installer downloads from GitHub, or else wants the headers of Node from
// nodejs.org. This needs neither, but a C++ compiler, make and Python; it takes about a minute. The
// headers are those beside this Node, or come from npm, where each Node is a package with its headers.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The last major version that runs on Node 20.19. */
const NODE_GYP = 'node-gyp@11'

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('better-sqlite3/package.json'))

if (existsSync(join(folder, 'build/Release/better_sqlite3.node'))) {
  console.log('better-sqlite3 is built')
} else {
  const headers = ownHeaders() ?? downloadedHeaders()
  run('npx', ['--yes', NODE_GYP, 'rebuild', '--release', `--nodedir=${headers}`], folder)
}

/** Where `include/node` is, if it is that of this very Node. */
function ownHeaders() {
  const prefix = dirname(dirname(process.execPath))
  const version = join(prefix, 'include/node/node_version.h')
  if (!existsSync(version)) return undefined
  const text = readFileSync(version, 'utf8')
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
  )
  return parts.join('.') === process.versions.node ? prefix : undefined
}

function downloadedHeaders() {
  const name = `node-${process.platform}-${process.arch}`
  const cache = join(import.meta.dirname, '../../.cupola', `${name}-${process.versions.node}`)
  mkdirSync(cache, { recursive: true })
  run('npm', ['pack', `${name}@${process.versions.node}`], cache)
  run('tar', ['xzf', `${name}-${process.versions.node}.tgz`, 'package/include'], cache)
  return join(cache, 'package')
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
}
