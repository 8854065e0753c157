/**
 * The lines of a checksum file, as GNU coreutils writes and reads them. Lines and paths are strings
 * with one byte per character (`latin1`), since paths need not be text.
 *
 * @module
 */

const SPECIAL = /[\\\n\r]/g
const ESCAPE = /\\(.?)/gs

/** The coreutils program that checks manifests of an algorithm. */
export function checkerOf(algorithm: string): string | undefined {
  if (/^(?:md5|sha1|sha224|sha256|sha384|sha512)$/.test(algorithm)) return `${algorithm}sum`
  return algorithm === 'blake2b512' ? 'b2sum' : undefined
}

/** One line with its end. A path with special characters is escaped and the line marked with `\`. */
export function manifestLine(path: string, digest: string): string {
  const escaped = path.replace(SPECIAL, escapeOf)
  return `${escaped === path ? '' : '\\'}${digest}  ${escaped}\n`
}

/** What a line says. */
export interface ManifestEntry {
  readonly path: string
  /** In hexadecimal, lower case. */
  readonly digest: string
}

/**
 * Reads a line, without its end: `digest  path`, `digest *path`, or `SHA256 (path) = digest`.
 * Blanks before it and the CR of a CRLF are not part of it: a name's own CR is escaped.
 *
 * @returns `undefined` if it is none of these with a digest of so many hexadecimal digits.
 */
export function parseLine(line: string, digits: number): ManifestEntry | undefined {
  const trimmed = line.replace(/^[ \t]+/, '').replace(/\r$/, '')
  const marked = trimmed.startsWith('\\')
  const plain = marked ? trimmed.slice(1) : trimmed
  const entry = parseUntagged(plain, digits) ?? parseTagged(plain, digits)
  if (entry === undefined || !marked) return entry
  const path = unescaped(entry.path)
  return path === undefined ? undefined : { path, digest: entry.digest }
}

function parseUntagged(line: string, digits: number): ManifestEntry | undefined {
  const digest = line.slice(0, digits)
  const separator = line.slice(digits, digits + 2)
  const path = line.slice(digits + 2)
  if (separator !== '  ' && separator !== ' *') return undefined
  return path === '' ? undefined : entryOf(path, digest, digits)
}

function parseTagged(line: string, digits: number): ManifestEntry | undefined {
  const match = /^[A-Za-z0-9/-]+ \((?<path>.+)\) = (?<digest>[0-9a-fA-F]+)$/s.exec(line)
  const { path, digest } = match?.groups ?? {}
  return path === undefined || digest === undefined ? undefined : entryOf(path, digest, digits)
}

function entryOf(path: string, digest: string, digits: number): ManifestEntry | undefined {
  if (digest.length !== digits || !/^[0-9a-fA-F]+$/.test(digest)) return undefined
  return { path, digest: digest.toLowerCase() }
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n'
  return character === '\r' ? '\\r' : '\\\\'
}

/** `undefined` if something is escaped that never is. */
function unescaped(path: string): string | undefined {
  let valid = true
  const text = path.replace(ESCAPE, (_, character: string) => {
    if (character === 'n') return '\n'
    if (character === 'r') return '\r'
    valid &&= character === '\\'
    return character
  })
  return valid ? text : undefined
}
