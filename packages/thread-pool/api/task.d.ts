// task.d.ts
export { currentTask, move, onInterrupted, type Task } from '@cupola/interruptible-worker/task'
