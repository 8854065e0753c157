import type { RequestOptions } from 'node:https'
import { systemClock } from '@cupola/core'
import { onAbort, requireFunction, requireObject } from '@cupola/core/authoring'
import { type Look, type LookContext, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { codeOf } from './connection.ts'
import { type HttpAnswer, HttpRequest, type OpenHttpAnswer } from './http-answer.ts'
import { netPace, type NetWaitOptions } from './net-options.ts'

/** How {@link waitForHttp} waits. */
export interface WaitForHttpOptions extends NetWaitOptions {
  /**
   * Whether an answer is the one that is waited for. What it throws ends the wait; one that has not
   * decided when `attemptMs` have passed is asked again at the next attempt.
   *
   * @defaultValue a status from 200 to 299
   */
  readonly until?: ((answer: OpenHttpAnswer) => boolean | PromiseLike<boolean>) | undefined
  /**
   * More about the request: `method`, `headers`, `ca`, `rejectUnauthorized` and so on, as for
   * `https.request()`. What that takes for wrong ends the wait.
   *
   * @defaultValue a GET
   */
  readonly request?: RequestOptions | undefined
}

/**
 * Waits until a server answers a request as it should.
 *
 * Each attempt is a connection of its own. Of a host with several addresses, those that do not answer
 * are passed over. Redirections are not followed. Name and password of a URL are sent, and in no
 * message.
 *
 * Cancellation: however the wait ends, its connections are closed when it settles.
 *
 * Cost: a request at each look. The timers keep the process alive.
 *
 * @param url - Where to ask: `http:` or `https:`.
 * @param options - What to ask, what to expect, how often, and what ends the wait.
 * @returns The answer that was waited for.
 * @throws What `until` throws.
 * @throws TypeError If an argument has the wrong type, the URL another protocol, or `node:http` refuses
 *   the request.
 * @throws RangeError If a number is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 *
 * @example Wait until a service says that it is ready
 * ```ts
 * import { createServer } from 'node:http'
 * import { waitForHttp } from '@cupola/autowait'
 *
 * const port = 20_000 + (process.pid % 10_000)
 * let calls = 0
 * const server = createServer((_, response) => {
 *   response.statusCode = ++calls < 3 ? 503 : 200
 *   response.end('ready')
 * }).listen(port, '127.0.0.1')
 *
 * const { status } = await waitForHttp(`http://127.0.0.1:${port}/health`, {
 *   until: async (answer) => answer.status === 200 && (await answer.text()) === 'ready',
 *   timeout: 10_000,
 * })
 * status // => 200
 * calls // => 3
 * server.close()
 * ```
 */
export async function waitForHttp(
  url: string | URL,
  options: WaitForHttpOptions = {},
): Promise<HttpAnswer> {
  const target = requireHttp(url)
  const { attemptMs, ...pace } = netPace(options)
  const { until = isSuccess, request = {}, clock = systemClock } = options
  requireFunction('until', until)
  requireRequest(request)
  const look = async ({ signal }: LookContext): Promise<Look<HttpAnswer>> => {
    const attempt = new AbortController()
    const abort = onAbort(signal, (reason) => attempt.abort(reason))
    const late = (): void => attempt.abort(new Error(`no answer within ${attemptMs} ms`))
    const timer = clock.setTimer(late, attemptMs)
    try {
      return await lookOnce(new HttpRequest(target, request, attempt.signal), until, attempt.signal)
    } finally {
      timer.cancel()
      abort[Symbol.dispose]()
    }
  }
  return await keepLooking({ ...pace, action: `wait for ${withoutSecrets(target)}`, look }, options)
}

type Until = NonNullable<WaitForHttpOptions['until']>

/** Asks, and lets a function examine the answer. The connection is closed when it resolves. */
async function lookOnce(
  request: HttpRequest,
  until: Until,
  signal: AbortSignal,
): Promise<Look<HttpAnswer>> {
  const examination = new Examination(until)
  try {
    const answer = await request.answer()
    return await unlessAborted(examination.of(answer), signal)
  } catch (cause) {
    if (examination.failedWith(cause)) throw cause
    return notMet(cause instanceof Error ? codeOf(cause) : String(cause), { cause })
  } finally {
    await request.close()
  }
}

/** Asks the user's function, and tells its errors from those of the network. */
class Examination {
  readonly #until: Until
  #failure: { readonly error: unknown } | undefined
  /** What the reading of the body has ended with. */
  readonly #breaks = new Set<unknown>()

  constructor(until: Until) {
    this.#until = until
  }

  /** Whether it was the function that has thrown this. */
  failedWith(error: unknown): boolean {
    return this.#failure?.error === error && !this.#breaks.has(error)
  }

  async of(answer: OpenHttpAnswer): Promise<Look<HttpAnswer>> {
    const { status, headers } = answer
    try {
      const accepted = await this.#until({ status, headers, text: () => this.#textOf(answer) })
      return accepted ? met({ status, headers }) : notMet(`status ${status}`)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  #textOf(answer: OpenHttpAnswer): Promise<string> {
    const text = answer.text()
    // A body that breaks off is the network's failure, whoever reads it; and nobody may: a function
    // that has seen enough of the status drops the promise.
    text.catch((error: unknown) => this.#breaks.add(error))
    return text
  }
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299
}

function requireHttp(url: string | URL): URL {
  const target = new URL(url)
  if (target.protocol === 'http:' || target.protocol === 'https:') return target
  throw new TypeError(`Cannot use url: got "${target.protocol}", expected "http:" or "https:"`)
}

/** What `node:http` notices only when it has opened a socket, which it then forgets. */
function requireRequest(request: RequestOptions): void {
  requireObject('request', request)
  const { family = 0, lookup } = request
  if (lookup !== undefined) requireFunction('request.lookup', lookup)
  if (family === 0 || family === 4 || family === 6) return
  throw new TypeError(`Cannot use request.family: got ${family}, expected 0, 4 or 6`)
}

/** The address as it may be read by others, in a log. */
function withoutSecrets({ href }: URL): string {
  const url = new URL(href)
  url.username = ''
  url.password = ''
  return url.href
}
