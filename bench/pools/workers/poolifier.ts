import { type TaskFunctions, ThreadWorker } from 'poolifier'
import { add, fail, keptBytes, spin, spinLong, spinShort, touch } from './tasks.ts'

/** It has no way to move a result: `move` copies on the way back. */
const tasks = { add, fail, keptBytes, move: touch, spin, spinLong, spinShort }

// oxlint-disable-next-line import/no-default-export -- how poolifier finds it
export default new ThreadWorker(tasks as unknown as TaskFunctions)
