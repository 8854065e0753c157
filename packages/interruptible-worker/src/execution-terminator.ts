import type { Session } from 'node:inspector'

/** How a worker's thread is called by the inspector; newer Nodes append its name. */
const TITLE = /^\[worker (\d+)\]/

/** What the inspector tells of a worker. */
interface AttachedToWorker {
  readonly params: { readonly sessionId: string; readonly workerInfo: { readonly title: string } }
}

/** What it tells when the worker has ended. */
interface DetachedFromWorker {
  readonly params: { readonly sessionId: string }
}

/** Where the one of this process is kept. */
const TERMINATOR = Symbol.for('@cupola/interruptible-worker/terminator')

/**
 * Terminates whatever JavaScript a worker thread is executing, through Node's inspector; the thread
 * lives on. It hits what is on the thread's stack, and if nothing is, the next thing that will be: who
 * calls this has to make sure that the right one is.
 *
 * A process has one, from the first interruption to its end. Not one for each interruption: while a
 * session is told of the workers that there are, JavaScript runs between one and the next, and a
 * worker that starts or ends at that moment changes the list that Node is walking; the process
 * crashes. What starts and ends later is told without that danger, and costs a worker's start next to
 * nothing.
 *
 * Not possible where the inspector is missing or forbidden (a build without it, the permission model,
 * another runtime), nor from inside a worker thread.
 */
export class ExecutionTerminator {
  readonly #session: Session
  /** By thread. */
  readonly #sessionIds = new Map<number, string>()
  /** Whoever waits for a thread that has not been told of. */
  readonly #awaited = new Map<number, (sessionId: string) => void>()
  readonly #enabled: Promise<boolean>

  constructor(session: Session) {
    this.#session = session
    session.on('NodeWorker.attachedToWorker', (event: AttachedToWorker) => this.#onAttached(event))
    session.on('NodeWorker.detachedFromWorker', (event: DetachedFromWorker) =>
      this.#onDetached(event),
    )
    this.#enabled = new Promise((resolve) => {
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) =>
        resolve(error === null),
      )
    })
  }

  /** @returns The one of this process; `undefined` where there is no inspector. */
  static async attach(): Promise<ExecutionTerminator | undefined> {
    try {
      const inspector = await import('node:inspector')
      const known: unknown = Reflect.get(globalThis, TERMINATOR)
      if (known instanceof ExecutionTerminator) return known
      const session = new inspector.Session()
      session.connect()
      const value = new ExecutionTerminator(session)
      Object.defineProperty(globalThis, TERMINATOR, { value, configurable: true })
      return value
    } catch {
      return undefined
    }
  }

  /**
   * Asks the thread to stop. It does when it next executes JavaScript, which native code keeps it
   * from.
   *
   * @returns Whether it could be asked. A thread that is not known never answers: have a time limit.
   */
  async terminate(threadId: number): Promise<boolean> {
    if (!(await this.#enabled)) return false
    const sessionId = this.#sessionIds.get(threadId) ?? (await this.#attachment(threadId))
    const message = JSON.stringify({ id: 1, method: 'Runtime.terminateExecution' })
    return await new Promise((resolve) => {
      this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) =>
        resolve(error === null),
      )
    })
  }

  /** It may be told of after the answer that it will be. */
  #attachment(threadId: number): Promise<string> {
    return new Promise((resolve) => this.#awaited.set(threadId, resolve))
  }

  #onAttached({ params: { sessionId, workerInfo } }: AttachedToWorker): void {
    const threadId = Number(TITLE.exec(workerInfo.title)?.[1])
    this.#sessionIds.set(threadId, sessionId)
    this.#awaited.get(threadId)?.(sessionId)
    this.#awaited.delete(threadId)
  }

  #onDetached({ params: { sessionId } }: DetachedFromWorker): void {
    for (const [threadId, known] of this.#sessionIds) {
      if (known === sessionId) this.#sessionIds.delete(threadId)
    }
  }
}
