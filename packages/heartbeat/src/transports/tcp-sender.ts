import { connect, type Socket } from 'node:net'
import { BrokenError } from '@cupola/core'
import { Deferred, onAbort } from '@cupola/core/authoring'
import { LineReader } from './line-reader.ts'
import { requireAccepted, type Transport } from './transport.ts'
import type { SocketAddress } from './udp.ts'

/** An answer is a word. */
const MAX_ANSWER_BYTES = 256

/**
 * One line for each message over a connection that is kept, each of which is answered. A connection on
 * which something failed is not used again: on one that is half open no answer ever comes.
 */
export function sendOverTcp(address: SocketAddress): Transport {
  let connection: Connection | undefined
  return {
    async send(message, { signal }) {
      // It may have ended since it was used last.
      if (connection === undefined || connection.isOver) connection = new Connection(address)
      requireAccepted(await connection.ask(message, signal))
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
