// A worker module: digests of strings, slow on purpose.
import { pbkdf2Sync } from 'node:crypto'

export function stretch(password: string, rounds: number): string {
  return pbkdf2Sync(password, 'salt', rounds, 32, 'sha256').toString('hex')
}
