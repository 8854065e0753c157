// One cell in a process of its own, or one thread of it. Started by `run-cell.ts` with the cell as its
// argument; prints what it measured as JSON, in its last line.
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { Cell } from './cell.ts'
import { measureCell, measureInThread, type ThreadTask } from './measure-cell.ts'

if (isMainThread) {
  // Ctrl-C goes to the whole group of processes; whoever started this one ends it.
  process.on('SIGINT', () => {})
  const cell: Cell = JSON.parse(process.argv[2] ?? '')
  void measureCell(cell).then((answer) => process.stdout.write(`\n${JSON.stringify(answer)}\n`))
} else {
  const task: ThreadTask = workerData
  void measureInThread(task).then((result) => parentPort?.postMessage(result))
}
