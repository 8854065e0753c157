/**
 * For worker modules: what the code inside a thread can know of the call that it is part of.
 *
 * @module
 */
export { currentTask, type Task } from './current-task.ts'
export { move } from './move.ts'
export { onInterrupted } from './on-interrupted.ts'
