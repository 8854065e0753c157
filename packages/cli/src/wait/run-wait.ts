import type { CombinedWaitOptions, TailStart, Wait } from '@cupola/autowait'

/** What every `cupola wait` takes. */
export interface SharedValues {
  readonly timeout?: number
  readonly interval?: number
  readonly any?: boolean
  readonly quiet?: boolean
  /** `-0`: what is printed ends with a NUL, not with the end of a line. */
  readonly 0?: boolean
}

/** Something to wait for: gives the lines to print when it is met. */
export type Thing = Wait<readonly string[]>

/** Waits for all of several things, or any. Each loads the package when it begins, not before. */
export async function waitForThings(
  things: readonly Thing[],
  { timeout, any = false }: SharedValues,
): Promise<readonly string[]> {
  const { waitForAll, waitForAny } = await import('@cupola/autowait')
  if (any) return await waitForAny(things, { timeout })
  const lines = await waitForAll(things, { timeout })
  return lines.flat()
}

/** What `cupola wait file` takes. */
export interface FileValues extends SharedValues {
  readonly until?: 'exists' | 'stable' | 'closed'
  readonly gone?: boolean
  readonly literal?: boolean
}

/** A file that is there, or gone. */
export function fileThing(path: string, values: FileValues): Thing {
  const { interval: intervalMs, until, gone = false, literal } = values
  return async (options: CombinedWaitOptions) => {
    const { waitForFile, waitForFileGone } = await import('@cupola/autowait')
    const how = { ...options, intervalMs, literal }
    if (gone) {
      await waitForFileGone(path, how)
      return []
    }
    const found = await waitForFile(path, { ...how, until })
    return found.map((file) => file.path)
  }
}

/** What `cupola wait text` takes. */
export interface TextValues extends SharedValues {
  readonly from?: TailStart
  readonly count?: number
  readonly fixed?: boolean
}

/** A line of a file. */
export function lineThing(file: string, pattern: string | RegExp, values: TextValues): Thing {
  const { interval: intervalMs, from, count } = values
  return async (options) => {
    const { waitForText } = await import('@cupola/autowait')
    const { line } = await waitForText(file, pattern, { ...options, intervalMs, from, count })
    return [line]
  }
}

/** What `cupola wait port` takes. */
export interface PortValues extends SharedValues {
  readonly host?: string
  readonly free?: boolean
}

/** A port, of a host if one is named. */
export interface Place {
  readonly port: number
  readonly host: string | undefined
}

/** A port that is used, or free. */
export function portThing({ port, host }: Place, values: PortValues): Thing {
  const { interval: intervalMs, free = false } = values
  return async (options) => {
    const { waitForPort, waitForPortFree } = await import('@cupola/autowait')
    const how = { ...options, intervalMs, host: host ?? values.host }
    if (free) {
      await waitForPortFree(port, how)
      return []
    }
    const { address, family } = await waitForPort(port, how)
    return [family === 6 ? `[${address}]:${port}` : `${address}:${port}`]
  }
}

/** What `cupola wait http` takes. */
export interface HttpValues extends SharedValues {
  readonly status?: number
  readonly insecure?: boolean
}

/** A web server that answers. */
export function serverThing(url: URL, values: HttpValues): Thing {
  const { interval: intervalMs, status, insecure = false } = values
  return async (options) => {
    const { waitForHttp } = await import('@cupola/autowait')
    const until =
      status === undefined ? undefined : (answer: { status: number }) => answer.status === status
    const request = insecure ? { rejectUnauthorized: false } : {}
    const answer = await waitForHttp(url, { ...options, intervalMs, until, request })
    return [`${answer.status} ${withoutSecrets(url)}`]
  }
}

/** A socket that somebody listens on. */
export function socketThing(path: string, { interval: intervalMs }: SharedValues): Thing {
  return async (options) => {
    const { waitForSocket } = await import('@cupola/autowait')
    await waitForSocket(path, { ...options, intervalMs })
    return [path]
  }
}

/** What `cupola wait process` takes. */
export interface ProcessValues extends SharedValues {
  readonly pid?: number
  readonly name?: string
  readonly path?: string
  readonly command?: RegExp
  readonly gone?: boolean
}

/** A process that runs, or has ended. */
export function processThing(values: ProcessValues): Thing {
  const { interval: intervalMs, pid, name, path, command, gone = false } = values
  const query = { pid, name, path, command }
  return async (options) => {
    const { waitForProcess, waitForProcessExit } = await import('@cupola/autowait')
    if (gone) {
      await waitForProcessExit(query, { ...options, intervalMs })
      return []
    }
    const found = await waitForProcess(query, { ...options, intervalMs })
    return found.map((process) => String(process.pid))
  }
}

/** An address as it may stand in a log. */
function withoutSecrets({ href }: URL): string {
  const url = new URL(href)
  url.username = ''
  url.password = ''
  return url.href
}
