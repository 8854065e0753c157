import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { systemClock } from '@cupola/core'
import type { AttemptLimit } from './connection.ts'

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

/**
 * Sends a request and lets a function look at the answer. When it settles, the connection is closed.
 *
 * @returns What the function returns; or an error if there is no answer to look at.
 */
export async function askHttp<T>(
  url: URL,
  options: RequestOptions,
  { signal, attemptMs, clock = systemClock }: AttemptLimit,
  examine: (answer: OpenHttpAnswer) => Promise<T>,
): Promise<T> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  // An agent would keep the connection, and the process with it.
  const request = send(url, { ...options, agent: false, signal })
  const closed = new Promise<void>((resolve) => {
    request.once('socket', (socket) => socket.once('close', () => resolve()))
  })
  const late = (): void => void request.destroy(new Error(`no answer within ${attemptMs} ms`))
  const timer = clock.setTimer(late, attemptMs)
  try {
    return await examine(openAnswer(await responseTo(request)))
  } finally {
    timer.cancel()
    request.destroy()
    await closed
  }
}

async function responseTo(request: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    // It stays: an error that comes after the response would have nobody to go to.
    request.on('error', reject)
    request.once('response', (response) => {
      response.on('error', () => {})
      resolve(response)
    })
    request.end()
  })
}

function openAnswer(response: IncomingMessage): OpenHttpAnswer {
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: async () => await textOf(response),
  }
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
