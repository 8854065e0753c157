import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, systemClock, type Timer } from '@cupola/core'
import { type BeatInbox, isAccepted } from '../beat-inbox.ts'
import { LineReader } from './line-reader.ts'
import { ACCEPTED, type BeatReceiver } from './transport.ts'
import type { SocketAddress } from './udp.ts'

/** How much patience a receiver has with whoever connects. */
export interface Patience {
  /** For a message that has begun, and for the first that is accepted. */
  readonly messageMs: number
  /** For the next: whoever says nothing for so long is gone, its connection cut without a word. */
  readonly idleMs: number
}

const PATIENCE: Patience = { messageMs: 10_000, idleMs: 600_000 }

/**
 * Takes messages, one a line, and answers each. It keeps the process alive.
 *
 * Nobody holds a connection for nothing: one on which no message is accepted, or none is finished, is cut.
 *
 * @throws What the system says if it cannot listen there.
 */
export async function receiveOverTcp<Meta>(
  { host = '127.0.0.1', port }: SocketAddress,
  inbox: BeatInbox<Meta>,
  patience: Patience = PATIENCE,
  clock: Clock = systemClock,
): Promise<BeatReceiver> {
  const connections = new Set<ReceivingConnection<Meta>>()
  const server = createServer((socket) => {
    const connection = new ReceivingConnection(socket, inbox, patience, clock)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  server.listen(port, host)
  await once(server, 'listening')
  // Such an error concerns one connection that could not be accepted.
  server.on('error', () => inbox.refuse('malformed'))
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeServer(server)
    for (const connection of connections) connection.cut()
    return closing
  }
  return { address: addressOf(server), close, [Symbol.asyncDispose]: close }
}

/** A connection of somebody who sends, or seems to. */
class ReceivingConnection<Meta> {
  readonly #socket: Socket
  readonly #inbox: BeatInbox<Meta>
  readonly #patience: Patience
  readonly #clock: Clock
  readonly #lines: LineReader
  /** Cuts it off. A byte now and then does not put it off, as it would the idle time of the socket. */
  #deadline: Timer | undefined

  constructor(socket: Socket, inbox: BeatInbox<Meta>, patience: Patience, clock: Clock) {
    this.#socket = socket
    this.#inbox = inbox
    this.#patience = patience
    this.#clock = clock
    this.#lines = new LineReader(inbox.maxBytes)
    this.#expectMessage()
    // It is closed after that, and who sends will connect again.
    socket.on('error', () => {})
    socket.on('close', () => this.#deadline?.cancel())
    socket.on('drain', () => socket.resume())
    socket.on('data', (chunk) => this.#read(chunk))
    socket.setTimeout(patience.idleMs, () => this.cut())
  }

  cut(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    // What still comes before it is closed.
    if (this.#lines.isOversized) return
    this.#answer(Array.from(this.#lines.read(chunk), (line) => this.#take(line)))
    if (this.#lines.isOversized) this.#refuseMore()
    else if (this.#lines.hasBegun) this.#expectMessage()
  }

  #take(line: string): string {
    const outcome = this.#inbox.accept(line)
    if (!isAccepted(outcome)) return outcome
    this.#expectNothing()
    return ACCEPTED
  }

  /** All at once: a chunk may have thousands of lines that are empty. */
  #answer(answers: readonly string[]): void {
    if (answers.length === 0) return
    // Who does not read the answers is not read from either.
    if (!this.#socket.write(`${answers.join('\n')}\n`)) this.#socket.pause()
  }

  #refuseMore(): void {
    this.#inbox.refuse('oversized')
    // Who never reads that is cut all the same.
    this.#expectMessage()
    this.#socket.end('oversized\n', () => this.cut())
  }

  /** From the first of several times on. */
  #expectMessage(): void {
    this.#deadline ??= this.#clock.setTimer(() => this.cut(), this.#patience.messageMs)
  }

  #expectNothing(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
  }
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
