import type { PortWaitOptions, WaitForTextOptions } from '@cupola/autowait'

/** What every `cupola wait` takes. */
export interface WaitValues {
  readonly timeout?: number
  readonly quiet?: boolean
}

/** The lines to print when it is met. Each wait loads the package only when it begins. */
type Lines = Promise<readonly string[]>

/** `cupola wait file`. */
export async function waitForFiles(
  paths: readonly string[],
  { timeout, until, gone }: WaitValues & { readonly until?: Until; readonly gone?: boolean },
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

type Until = 'exists' | 'stable' | 'closed'

/** `cupola wait text`. */
export async function waitForLine(
  file: string,
  pattern: string | RegExp,
  { timeout, from, count }: WaitValues & Pick<WaitForTextOptions, 'from' | 'count'>,
): Lines {
  const { waitForText } = await import('@cupola/autowait')
  const { line } = await waitForText(file, pattern, { timeout, from, count })
  return [line]
}

/** `cupola wait port`. */
export async function waitForPorts(
  ports: readonly number[],
  { timeout, host, free }: WaitValues & Pick<PortWaitOptions, 'host'> & { readonly free?: boolean },
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

/** `cupola wait http`. */
export async function waitForServers(
  urls: readonly URL[],
  { timeout, status }: WaitValues & { readonly status?: number },
): Lines {
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
