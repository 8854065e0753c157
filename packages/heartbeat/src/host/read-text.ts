import { readFile } from 'node:fs/promises'

/** A small file of the system, `undefined` if there is none, or it may not be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
