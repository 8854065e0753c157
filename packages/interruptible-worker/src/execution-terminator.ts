import type { Session } from 'node:inspector'
import { isMainThread } from 'node:worker_threads'

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

/** Where the one of this process is kept, or `null` where there can be none. */
const TERMINATOR = Symbol.for('@cupola/interruptible-worker/terminator')

/**
 * Terminates whatever JavaScript a worker thread is executing, through Node's inspector; the thread
 * lives on. It hits what is on the thread's stack, and if nothing is, the next thing that will be: who
 * calls this has to make sure that the right one is.
 *
 * A process has one, which is made before the first thread that may need it, and keeps a session of
 * the inspector until the process ends. The tempting one for each interruption crashes the process
 * now and then: while a new session is told of the workers that there are, Node walks a list which a
 * worker that starts or ends at that moment changes. Before the first worker, that list is empty; and
 * to be told of those that come later is safe, and costs their start next to nothing.
 */
export class ExecutionTerminator {
  readonly #session: Session
  /** By thread. */
  readonly #sessionIds = new Map<number, string>()
  /** Whoever waits for a thread that has not been told of. */
  readonly #awaited = new Map<number, (sessionId: string) => void>()

  constructor(session: Session) {
    this.#session = session
    session.on('NodeWorker.attachedToWorker', (event: AttachedToWorker) => this.#onAttached(event))
    session.on('NodeWorker.detachedFromWorker', (event: DetachedFromWorker) =>
      this.#onDetached(event),
    )
  }

  /**
   * The one of this process.
   *
   * @returns `undefined` where it is not possible: without an inspector (some builds, other runtimes),
   *   where it is forbidden (the permission model), and in a thread that is a worker itself.
   */
  static ofProcess(): ExecutionTerminator | undefined {
    const known: unknown = Reflect.get(globalThis, TERMINATOR)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else knows the symbol
    if (known !== undefined) return (known as ExecutionTerminator | null) ?? undefined
    const value = isMainThread ? ExecutionTerminator.#make() : undefined
    Object.defineProperty(globalThis, TERMINATOR, { value: value ?? null, configurable: true })
    return value
  }

  static #make(): ExecutionTerminator | undefined {
    try {
      const inspector = process.getBuiltinModule('node:inspector')
      const session = new inspector.Session()
      session.connect()
      const terminator = new ExecutionTerminator(session)
      return terminator.#enable() ? terminator : undefined
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
    const sessionId = this.#sessionIds.get(threadId) ?? (await this.#attachment(threadId))
    const message = JSON.stringify({ id: 1, method: 'Runtime.terminateExecution' })
    return this.#isDone('NodeWorker.sendMessageToWorker', { sessionId, message })
  }

  #enable(): boolean {
    return this.#isDone('NodeWorker.enable', { waitForDebuggerOnStart: false })
  }

  /** The inspector of the own thread answers before `post` returns. */
  #isDone(method: string, parameters: object): boolean {
    let isDone = false
    this.#session.post(method, parameters, (error) => (isDone = error === null))
    return isDone
  }

  /** A thread that has just been started may not have been told of. */
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
