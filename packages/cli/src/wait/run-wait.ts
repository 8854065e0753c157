import type { TailStart } from '@cupola/autowait'

/** What every `cupola wait` takes. */
export interface WaitValues {
  readonly timeout?: number
  readonly quiet?: boolean
}

/** The lines to print when it is met. Each wait loads the package only when it begins. */
type Lines = Promise<readonly string[]>

/** What `cupola wait file` takes. */
export interface FileValues extends WaitValues {
  readonly until?: 'exists' | 'stable' | 'closed'
  readonly gone?: boolean
}

/** `cupola wait file`. */
export async function waitForFiles(
  paths: readonly string[],
  { timeout, until, gone }: FileValues,
): Lines {
  const { waitForAll, waitForFile, waitForFileGone } = await import('@cupola/autowait')
  if (gone === true) {
    await waitForAll(
      paths.map((path) => async (options) => await waitForFileGone(path, options)),
      { timeout },
    )
    return []
  }
  const found = await waitForAll(
    paths.map((path) => async (options) => await waitForFile(path, { ...options, until })),
    { timeout },
  )
  return found.flat().map(({ path }) => path)
}

/** What `cupola wait text` takes. */
export interface TextValues extends WaitValues {
  readonly from?: TailStart
  readonly count?: number
  readonly fixed?: boolean
}

/** `cupola wait text`. */
export async function waitForLine(
  file: string,
  pattern: string | RegExp,
  { timeout, from, count }: TextValues,
): Lines {
  const { waitForText } = await import('@cupola/autowait')
  const { line } = await waitForText(file, pattern, { timeout, from, count })
  return [line]
}

/** What `cupola wait port` takes. */
export interface PortValues extends WaitValues {
  readonly host?: string
  readonly free?: boolean
}

/** `cupola wait port`. */
export async function waitForPorts(
  ports: readonly number[],
  { timeout, host, free }: PortValues,
): Lines {
  const { waitForAll, waitForPort, waitForPortFree } = await import('@cupola/autowait')
  if (free === true) {
    await waitForAll(
      ports.map((port) => async (options) => await waitForPortFree(port, { ...options, host })),
      { timeout },
    )
    return []
  }
  const found = await waitForAll(
    ports.map((port) => async (options) => await waitForPort(port, { ...options, host })),
    { timeout },
  )
  return found.map(({ address, family, port }) =>
    family === 6 ? `[${address}]:${port}` : `${address}:${port}`,
  )
}

/** What `cupola wait http` takes. */
export interface HttpValues extends WaitValues {
  readonly status?: number
}

/** `cupola wait http`. */
export async function waitForServers(urls: readonly URL[], { timeout, status }: HttpValues): Lines {
  const { waitForAll, waitForHttp } = await import('@cupola/autowait')
  const until =
    status === undefined ? undefined : (answer: { status: number }) => answer.status === status
  const answers = await waitForAll(
    urls.map((url) => async (options) => await waitForHttp(url, { ...options, until })),
    { timeout },
  )
  return answers.map((answer, index) => `${answer.status} ${urls[index]?.href}`)
}

/** `cupola wait socket`. */
export async function waitForSockets(paths: readonly string[], { timeout }: WaitValues): Lines {
  const { waitForAll, waitForSocket } = await import('@cupola/autowait')
  await waitForAll(
    paths.map((path) => async (options) => await waitForSocket(path, options)),
    { timeout },
  )
  return paths
}

/** What `cupola wait process` takes. */
export interface ProcessValues extends WaitValues {
  readonly pid?: number
  readonly name?: string
  readonly path?: string
  readonly command?: RegExp
  readonly gone?: boolean
}

/** `cupola wait process`. */
export async function waitForProcesses(values: ProcessValues): Lines {
  const { waitForProcess, waitForProcessExit } = await import('@cupola/autowait')
  const { timeout, pid, name, path, command, gone } = values
  const query = { pid, name, path, command }
  if (gone === true) {
    await waitForProcessExit(query, { timeout })
    return []
  }
  const found = await waitForProcess(query, { timeout })
  return found.map((process) => String(process.pid))
}
