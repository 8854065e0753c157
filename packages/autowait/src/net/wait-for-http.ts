import type { RequestOptions } from 'node:https'
import { requireFunction } from '@cupola/core/authoring'
import { type Look, type LookContext, met, notMet } from '../condition.ts'
import { keepLooking } from '../keep-looking.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { codeOf } from './connection.ts'
import { askHttp, type HttpAnswer, type OpenHttpAnswer } from './http-answer.ts'
import { netPace, type NetWaitOptions } from './net-options.ts'

/** How {@link waitForHttp} waits. */
export interface WaitForHttpOptions extends NetWaitOptions {
  /**
   * Whether an answer is the one that is waited for. What it throws ends the wait.
   *
   * @defaultValue a status from 200 to 299
   */
  readonly until?: ((answer: OpenHttpAnswer) => boolean | PromiseLike<boolean>) | undefined
  /**
   * More about the request: `method`, `headers`, `ca`, `rejectUnauthorized` and so on, as for
   * `https.request()`.
   *
   * @defaultValue a GET
   */
  readonly request?: RequestOptions | undefined
}

/**
 * Waits until a server answers a request as it should.
 *
 * Each attempt is a connection of its own. Of a host with several addresses, those that do not answer
 * are passed over. Redirections are not followed.
 *
 * Cancellation: however the wait ends, its connections are closed when it settles.
 *
 * Cost: a request at each look. The timers keep the process alive.
 *
 * @param url - Where to ask: `http:` or `https:`.
 * @param options - What to ask, what to expect, how often, and what ends the wait.
 * @returns The answer that was waited for.
 * @throws What `until` throws.
 * @throws TypeError If an argument has the wrong type, or the URL another protocol.
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
  const { until = isSuccess, request = {}, clock } = options
  requireFunction('until', until)
  const look = async ({ signal }: LookContext): Promise<Look<HttpAnswer>> => {
    const verdict = new Verdict(until)
    try {
      const limit = { signal, attemptMs, clock }
      const examine = async (answer: OpenHttpAnswer): Promise<Look<HttpAnswer>> =>
        await unlessAborted(verdict.on(answer), signal)
      return await askHttp(target, request, limit, examine)
    } catch (cause) {
      if (verdict.failed || !(cause instanceof Error)) throw cause
      return notMet(codeOf(cause), { cause })
    }
  }
  return await keepLooking({ ...pace, action: `wait for ${target.href}`, look }, options)
}

/** Asks the user's function, and tells its errors from those of the network. */
class Verdict {
  readonly #until: NonNullable<WaitForHttpOptions['until']>
  #reading = false
  #failed = false

  constructor(until: NonNullable<WaitForHttpOptions['until']>) {
    this.#until = until
  }

  get failed(): boolean {
    return this.#failed
  }

  async on(answer: OpenHttpAnswer): Promise<Look<HttpAnswer>> {
    const { status, headers } = answer
    try {
      const accepted = await this.#until({
        status,
        headers,
        text: async () => await this.#read(answer),
      })
      return accepted ? met({ status, headers }) : notMet(`status ${status}`)
    } catch (error) {
      this.#failed = !this.#reading
      throw error
    }
  }

  async #read(answer: OpenHttpAnswer): Promise<string> {
    // A body that breaks off is the network's failure, whoever reads it.
    this.#reading = true
    const text = await answer.text()
    this.#reading = false
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
