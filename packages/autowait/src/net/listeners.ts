import { readFile } from 'node:fs/promises'
import { absentAs } from '../system-errors.ts'

/** The state of a listening socket in `/proc/net/tcp`, by include/net/tcp_states.h of Linux. */
const LISTEN = '0A'

/** Local address and port in hexadecimal, remote ones, state. */
const LINE = /^\s*\d+: [\dA-F]+:(?<port>[\dA-F]{4}) [\dA-F]+:[\dA-F]{4} (?<state>[\dA-F]{2}) /

/** Whether somebody listens on a TCP port at any address of this machine, by what Linux says. */
export async function hasListener(port: number): Promise<boolean> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable))
  return tables.some((table) => table.split('\n').some((line) => isListener(line, port)))
}

function isListener(line: string, port: number): boolean {
  const groups = LINE.exec(line)?.groups
  return groups?.['state'] === LISTEN && Number.parseInt(groups['port'] ?? '', 16) === port
}

/** There is no table for IPv6 where the kernel has none. */
async function readTable(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(absentAs(''))
}
