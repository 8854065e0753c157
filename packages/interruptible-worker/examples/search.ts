// A worker module: searches by patterns that somebody else wrote, and keeps what it has found.
import { currentTask, onInterrupted } from '@cupola/interruptible-worker/task'

const found: string[] = []
let isSearching = false

// After an interrupt, `search` has not run to its end.
onInterrupted(() => (isSearching = false))

/** Some patterns take longer than the universe has. */
export function search(pattern: string, text: string): number {
  if (isSearching) throw new Error('one search at a time')
  isSearching = true
  const matches = text.match(new RegExp(pattern, 'g')) ?? []
  found.push(...matches)
  isSearching = false
  return matches.length
}

/** What all searches together have found. */
export function results(): readonly string[] {
  return found
}

/** Counts until it is told to stop, and says how far it came. */
export function count(): string {
  const task = currentTask()
  let counted = 0
  try {
    for (;;) {
      task.throwIfInterrupted()
      counted++
    }
  } catch {
    return counted > 0 ? 'counted for a while' : 'not even one'
  }
}
