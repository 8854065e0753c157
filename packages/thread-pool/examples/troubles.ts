// A worker module that gives trouble.
import { readFileSync } from 'node:fs'

export function loopForEver(): never {
  for (;;);
}

export function double(n: number): number {
  return 2 * n
}

export function exit(): never {
  process.exit(3)
}

export function readMissing(): string {
  return readFileSync('/nowhere/at/all', 'utf8')
}
