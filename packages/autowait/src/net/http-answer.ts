import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'

/** What a server answered. */
export interface HttpAnswer {
  /** The status code. Redirections are not followed: theirs is 3xx. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** An answer whose body can still be read. */
export interface OpenHttpAnswer extends HttpAnswer {
  /** Reads the body as UTF-8, at most 1 MiB of it. */
  text(): Promise<string>
}

const MOST_BODY_BYTES = 1024 * 1024

/** A request that is under way. */
export class HttpRequest {
  readonly #request: ClientRequest
  /** Resolves when no connection is left. */
  readonly #closed: Promise<void>

  /**
   * @param signal - Ends the request when it aborts, with its reason.
   * @throws What `node:http` throws for options that no request can have.
   */
  constructor(url: URL, options: RequestOptions, signal: AbortSignal) {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    // An agent would keep the connection, and the process with it.
    this.#request = send(url, { ...options, agent: false })
    // Of a request that ends before it has a socket, nothing but its own end tells.
    this.#closed = new Promise((resolve) => {
      this.#request.once('socket', (socket) => socket.once('close', () => resolve()))
      this.#request.once('close', () => resolve())
    })
    const end = (): void => void this.#request.destroy(errorOf(signal.reason))
    signal.addEventListener('abort', end, { once: true })
    void this.#closed.then(() => signal.removeEventListener('abort', end))
  }

  /** What the server answers. Rejects if the connection fails, or ends without an answer. */
  async answer(): Promise<OpenHttpAnswer> {
    const request = this.#request
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // They stay: an error that comes after the response would have nobody to go to.
      request.on('error', reject)
      request.on('close', () => reject(new Error('the connection was closed without an answer')))
      request.once('response', resolve)
      request.once('upgrade', (switching, socket) => {
        socket.destroy()
        resolve(switching)
      })
      request.end()
    })
    response.on('error', () => {})
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: async () => await textOf(response),
    }
  }

  /** Ends the request. Resolves when its connection is closed. */
  async close(): Promise<void> {
    this.#request.destroy()
    await this.#closed
  }
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the attempt was given up')
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MOST_BODY_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_BODY_BYTES)
}
