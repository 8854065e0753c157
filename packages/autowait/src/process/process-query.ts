import { basename, isAbsolute, resolve } from 'node:path'
import { requireInteger } from '@cupola/core/authoring'

/** A process that runs. */
export interface ProcessInfo {
  readonly pid: number
  /**
   * When it was started, in a form that depends on the system. Together with the pid it says which
   * process it is, as pids are used again. `undefined` where the system does not tell.
   */
  readonly startTime: string | undefined
  /** What it is called: the name of its executable, mostly. */
  readonly name: string
  /** Its executable, as an absolute path; `undefined` if it belongs to somebody else. */
  readonly path: string | undefined
  /** Its command line, the arguments joined by spaces; `undefined` on Windows. */
  readonly command: string | undefined
}

/**
 * Which process is meant: a pid, or whatever has all of the properties. A {@link ProcessInfo} is a
 * query too, for just that process.
 */
export type ProcessQuery = number | ProcessProperties

/** Properties of a process. At least one has to be given. */
export interface ProcessProperties {
  /** Its number. */
  readonly pid?: number | undefined
  /** Which of those that have had the pid; the other properties do not matter then. */
  readonly startTime?: string | undefined
  /** Its name: that of its executable, or what it calls itself. The whole of it. */
  readonly name?: string | undefined
  /**
   * Its executable, or the script that the executable runs: its first argument that is neither an
   * option nor the value of one. A whole path, not the beginning of one.
   */
  readonly path?: string | undefined
  /** A part of its command line, or an expression that matches it. */
  readonly command?: string | RegExp | undefined
}

/** What is to be known of a process to tell whether it is meant. */
export interface ProcessRecord extends ProcessInfo {
  /** The pid of the process that looks after it; `undefined` where the system does not tell. */
  readonly parent: number | undefined
  /** All that it may be called. */
  readonly names: readonly string[]
  /** Its executable and its script, as absolute paths. */
  readonly paths: readonly string[]
}

/** Checks a query, and gives it one form. */
export function propertiesOf(query: ProcessQuery): ProcessProperties {
  const properties = typeof query === 'number' ? { pid: query } : query
  if (typeof properties !== 'object' || properties === null) {
    throw new TypeError(`Cannot use query: got ${typeof query}, expected a pid or properties`)
  }
  const { pid, startTime, name, path, command } = properties
  if (pid !== undefined) requireInteger('pid', pid, 1, 2 ** 31 - 1)
  for (const [key, text] of Object.entries({ startTime, name, path })) {
    if (text !== undefined && (typeof text !== 'string' || text === '')) {
      throw new TypeError(`Cannot use ${key}: got "${String(text)}", expected a text`)
    }
  }
  if (command !== undefined && typeof command !== 'string' && !(command instanceof RegExp)) {
    throw new TypeError(`Cannot use command: got ${typeof command}, expected a text or a RegExp`)
  }
  // Every command line has the empty text in it: whoever passes it has lost what he meant.
  if (pid === undefined && name === undefined && path === undefined && !command) {
    throw new TypeError('Cannot use query: expected a pid, a name, a path or a command')
  }
  return properties
}

/** Whether a process is the one that is meant. */
export function isMeant(properties: ProcessProperties, record: ProcessRecord): boolean {
  const { pid, startTime, name, path, command } = properties
  if (pid !== undefined && pid !== record.pid) return false
  if (pid !== undefined && startTime !== undefined) return startTime === record.startTime
  return (
    (name === undefined || record.names.includes(name)) &&
    (path === undefined || record.paths.includes(resolve(path))) &&
    (command === undefined || hasCommand(record, command))
  )
}

/** Names a query, for messages. */
export function titleOf({ pid, startTime, name, path, command }: ProcessProperties): string {
  const parts = Object.entries({
    pid,
    // The rest does not matter then.
    ...(pid !== undefined && startTime !== undefined ? {} : { name, path, command }),
  })
  return parts
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? `"${value}"` : String(value)}`)
    .join(', ')
}

/** Makes a record of what the arguments of a process say. */
export function recordOf(
  info: ProcessInfo & Pick<ProcessRecord, 'parent'>,
  args: readonly string[],
  cwd: string | undefined,
): ProcessRecord {
  const [program = '', ...others] = args
  const script = others.find(
    (argument, index) => !argument.startsWith('-') && !takesValue(others[index - 1]),
  )
  const absolute = (path: string): string[] =>
    isAbsolute(path) ? [resolve(path)] : cwd === undefined ? [] : [resolve(cwd, path)]
  return {
    ...info,
    names: [info.name, ...[info.path, program].flatMap((path) => (path ? [basename(path)] : []))],
    paths: [info.path, program, script].flatMap((path) => (path ? absolute(path) : [])),
  }
}

/** The options of Node.js, Python, Ruby and Perl that may come before a script and be two arguments. */
const OPTIONS_WITH_VALUE = [
  '-r',
  '--require',
  '--import',
  '--loader',
  '-C',
  '--conditions',
  '-W',
  '-X',
]

function takesValue(option: string | undefined): boolean {
  return option !== undefined && OPTIONS_WITH_VALUE.includes(option)
}

function hasCommand(record: ProcessRecord, command: string | RegExp): boolean {
  if (record.command === undefined) return false
  return typeof command === 'string'
    ? record.command.includes(command)
    : // Otherwise a global one would go on where it matched last, in another command line.
      new RegExp(command).test(record.command)
}

/** The record without what is only there to compare. */
export function infoOf({ pid, startTime, name, path, command }: ProcessRecord): ProcessInfo {
  return { pid, startTime, name, path, command }
}
