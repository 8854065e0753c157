import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { BrokenError } from '@cupola/core'
import { Deferred, onAbort } from '@cupola/core/authoring'
import { type BeatInbox, isAccepted } from '../beat-inbox.ts'
import { LineReader } from './line-reader.ts'
import { ACCEPTED, type BeatReceiver, requireAccepted, type Transport } from './transport.ts'
import type { SocketAddress } from './udp.ts'

/** An answer is a word. */
const MAX_ANSWER_BYTES = 256

/** A sender that says nothing for so long is gone: its connection was cut without a word. */
const IDLE_MS = 600_000

/**
 * One line for each message over a connection that is kept, each of which is answered. A connection on
 * which something failed is not used again: on one that is half open no answer ever comes.
 */
export function sendOverTcp(address: SocketAddress): Transport {
  let connection: Connection | undefined
  return {
    async send(message, { signal }) {
      const used = connection ?? new Connection(address)
      connection = used
      try {
        requireAccepted(await used.ask(message, signal))
      } finally {
        if (used.isOver) connection = undefined
      }
    },
    close() {
      connection?.end()
      connection = undefined
    },
  }
}

/** A connection on which one question is asked at a time. It does not keep the process alive. */
class Connection {
  readonly #socket: Socket
  readonly #lines = new LineReader(MAX_ANSWER_BYTES)
  #answer: Deferred<string> | undefined
  #lastError: unknown

  constructor({ host = '127.0.0.1', port }: SocketAddress) {
    this.#socket = connect({ host, port, noDelay: true }).unref()
    this.#socket.on('error', (error) => (this.#lastError = error))
    this.#socket.on('close', () => this.#fail('the connection was closed'))
    this.#socket.on('data', (chunk) => this.#read(chunk))
  }

  get isOver(): boolean {
    return this.#socket.destroyed
  }

  async ask(message: string, signal: AbortSignal): Promise<string> {
    const answer = new Deferred<string>()
    this.#answer = answer
    const abort = onAbort(signal, (reason) => {
      answer.reject(reason)
      this.end()
    })
    try {
      this.#socket.write(`${message}\n`)
      return await answer.promise
    } finally {
      abort[Symbol.dispose]()
    }
  }

  end(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    for (const line of this.#lines.read(chunk)) this.#answer?.resolve(line)
    if (this.#lines.isOversized) this.end()
  }

  #fail(problem: string): void {
    const cause = this.#lastError
    this.#answer?.reject(new BrokenError('send a heartbeat', problem, { cause }))
  }
}

/**
 * Takes messages, one a line, and answers each. It keeps the process alive.
 *
 * @throws What the system says if it cannot listen there.
 */
export async function receiveOverTcp<Meta>(
  { host = '127.0.0.1', port }: SocketAddress,
  inbox: BeatInbox<Meta>,
): Promise<BeatReceiver> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, inbox)
  })
  server.listen(port, host)
  await once(server, 'listening')
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeServer(server)
    for (const socket of sockets) socket.destroy()
    return closing
  }
  return { address: addressOf(server), close, [Symbol.asyncDispose]: close }
}

function serve<Meta>(socket: Socket, inbox: BeatInbox<Meta>): void {
  const lines = new LineReader(inbox.maxBytes)
  // It is closed after that, and who sends will connect again.
  socket.on('error', () => {})
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('drain', () => socket.resume())
  socket.on('data', (chunk) => {
    for (const line of lines.read(chunk)) {
      const outcome = inbox.accept(line)
      // Who does not read the answers is not read from either.
      if (!socket.write(`${isAccepted(outcome) ? ACCEPTED : outcome}\n`)) socket.pause()
    }
    if (!lines.isOversized) return
    inbox.refuse('oversized')
    socket.end('oversized\n', () => socket.destroy())
  })
}

/** Where a server listens that does. */
export function addressOf(server: Server): BeatReceiver['address'] {
  const address = server.address()
  if (address === null || typeof address === 'string') return undefined
  return { host: address.address, port: address.port }
}

/** Resolves when it has let go of its port and its connections have ended. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
