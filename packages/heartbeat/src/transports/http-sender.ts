import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { ACCEPTED, requireAccepted, type Transport } from './transport.ts'

/** Of an answer. Why a beat was refused is a word. */
const MAX_ANSWER_CHARACTERS = 256

/**
 * Posts each message to a URL, with headers such as `authorization` if it wants them. It follows no
 * redirections, and does not keep the process alive: with `fetch()`, which lets nobody at its sockets, a
 * server that never answers would.
 */
export function sendOverHttp(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Transport {
  const isSecure = new URL(url).protocol === 'https:'
  const request = isSecure ? requestHttps : requestHttp
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const type = { 'content-type': 'text/plain; charset=utf-8' }
  const options = { method: 'POST', agent, headers: { ...type, ...headers } }
  return {
    async send(message, { signal }) {
      const response = await responseTo(request(url, { ...options, signal }).end(message))
      const answer = await textOf(response)
      const { statusCode: status = 0 } = response
      requireAccepted(status >= 200 && status < 300 ? ACCEPTED : answer || String(status))
    },
    close() {
      agent.destroy()
    },
  }
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('socket', (socket) => socket.unref())
    request.on('response', resolve)
    // One that comes after the response is of that, and told to whoever reads it.
    request.on('error', reject)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of response.setEncoding('utf8')) {
    text += String(part)
    if (text.length > MAX_ANSWER_CHARACTERS) break
  }
  return text
}
