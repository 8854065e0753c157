/**
 * Ends the thread, which has lost track of its calls: whoever made them is told when it is gone. A
 * module that listens to what is not caught must not keep it alive.
 */
export function die(error: unknown): never {
  process.removeAllListeners('uncaughtException')
  if (process.hasUncaughtExceptionCaptureCallback()) {
    process.setUncaughtExceptionCaptureCallback(null)
  }
  throw error
}
