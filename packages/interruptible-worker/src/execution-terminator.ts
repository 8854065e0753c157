import type { Session } from 'node:inspector'

/** How a worker's thread is called by the inspector; newer Nodes append its name. */
const TITLE = /^\[worker (\d+)\]/

/** What the inspector tells of a worker. */
interface AttachedToWorker {
  readonly params: { readonly sessionId: string; readonly workerInfo: { readonly title: string } }
}

/**
 * Terminates whatever JavaScript a worker thread is executing, through Node's inspector; the thread
 * lives on. It hits what is on the thread's stack, and if nothing is, the next thing that will be: who
 * calls this has to make sure that the right one is.
 *
 * Attached for this one purpose and detached by {@link close}: an open session would be told of every
 * worker of the process. Not possible where the inspector is missing or forbidden (a build without
 * it, the permission model, another runtime), nor from inside a worker thread.
 */
export class ExecutionTerminator {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** @returns `undefined` where there is no inspector. */
  static async attach(): Promise<ExecutionTerminator | undefined> {
    try {
      const inspector = await import('node:inspector')
      const session = new inspector.Session()
      session.connect()
      return new ExecutionTerminator(session)
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
  terminate(threadId: number): Promise<boolean> {
    return new Promise((resolve) => {
      const listen = ({ params: { sessionId, workerInfo } }: AttachedToWorker) => {
        if (Number(TITLE.exec(workerInfo.title)?.[1]) !== threadId) return
        const message = JSON.stringify({ id: 1, method: 'Runtime.terminateExecution' })
        this.#session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) =>
          resolve(error === null),
        )
      }
      this.#session.on('NodeWorker.attachedToWorker', listen)
      this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
        if (error !== null) resolve(false)
      })
    })
  }

  /** Detaches. Before the thread has stopped, this may take back what it was asked. */
  close(): void {
    this.#session.disconnect()
  }
}
