/** A worker module given as text. */
export function textModule(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

/** Its functions take and give anything. */
export type TextModule = Record<string, (...args: unknown[]) => unknown>
