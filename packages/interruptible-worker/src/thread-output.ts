import type { Readable } from 'node:stream'
import type { Worker, WorkerOptions } from 'node:worker_threads'

/** Which of the two a thread wrote to. */
export type OutputStream = 'stdout' | 'stderr'

/** Told what a thread writes. Text, and never half a character. */
export type OutputListener = (threadId: number, stream: OutputStream, text: string) => void

/** Reads what the thread writes to the streams that are not passed on to those of the process. */
export function readOutput(
  worker: Worker,
  { stdout = false, stderr = false }: WorkerOptions,
  listener: OutputListener,
): void {
  // Later, the worker has forgotten it.
  const { threadId } = worker
  if (stdout) read(worker.stdout, (text) => listener(threadId, 'stdout', text))
  if (stderr) read(worker.stderr, (text) => listener(threadId, 'stderr', text))
}

function read(stream: Readable, listener: (text: string) => void): void {
  stream.setEncoding('utf8').on('data', listener)
}
