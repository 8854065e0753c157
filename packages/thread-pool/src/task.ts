/**
 * For worker modules: what the code inside a thread can know of the call that it is part of.
 *
 * @module
 */
export { currentTask, move, onInterrupted, type Task } from '@cupola/interruptible-worker/task'
