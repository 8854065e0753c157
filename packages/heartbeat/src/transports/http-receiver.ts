import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type BeatInbox, isAccepted } from '../beat-inbox.ts'
import type { BeatReceiver } from './transport.ts'
import { addressOf, closeServer } from './tcp-receiver.ts'
import type { SocketAddress } from './udp.ts'

/** How long a request may take to arrive, from when its sender has connected. */
const REQUEST_TIMEOUT_MS = 10_000

/** How often that is looked at, next to how long it may take. Node does so every 30 s by itself. */
const LOOK_SHARE = 1 / 10

/**
 * Takes messages that are posted, whatever the path: 204 if it was accepted, 4xx and why if not. It
 * keeps the process alive. Within a server of your own, give the body to `inbox.accept()`.
 *
 * @throws What the system says if it cannot listen there.
 */
export async function receiveOverHttp<Meta>(
  { host = '127.0.0.1', port }: SocketAddress,
  inbox: BeatInbox<Meta>,
  requestTimeout: number = REQUEST_TIMEOUT_MS,
): Promise<BeatReceiver> {
  const connectionsCheckingInterval = requestTimeout * LOOK_SHARE
  const limits = { requestTimeout, headersTimeout: requestTimeout, connectionsCheckingInterval }
  const server = createServer(limits, (request, response) => void serve(request, response, inbox))
  server.listen(port, host)
  await once(server, 'listening')
  // Such an error concerns one connection that could not be accepted.
  server.on('error', () => inbox.refuse('malformed'))
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeServer(server)
    server.closeAllConnections()
    return closing
  }
  return { address: addressOf(server), close, [Symbol.asyncDispose]: close }
}

/** Never rejects. */
async function serve<Meta>(
  request: IncomingMessage,
  response: ServerResponse,
  inbox: BeatInbox<Meta>,
): Promise<void> {
  response.on('error', () => {})
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST', connection: 'close' }).end()
    return
  }
  const body = await bodyOf(request, inbox.maxBytes)
  if (body === undefined) return
  if (body === 'oversized') inbox.refuse(body)
  const outcome = body === 'oversized' ? body : inbox.accept(body)
  if (isAccepted(outcome)) response.writeHead(204).end()
  else response.writeHead(statusOf(outcome), { connection: 'close' }).end(outcome)
}

/** `undefined` if its sender did not finish it. */
async function bodyOf(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'oversized' | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    // The request stays open, for there is an answer to give.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Buffer)) continue
      length += chunk.length
      if (length > maxBytes) return 'oversized'
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

function statusOf(reason: string): number {
  if (reason === 'oversized') return 413
  if (reason === 'unsigned' || reason === 'forged') return 401
  if (reason === 'closed' || reason === 'full') return 503
  return reason === 'stale' || reason === 'replayed' ? 409 : 400
}
