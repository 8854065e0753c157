// `node --import ./scripts/run-typescript.mjs --conditions=@cupola/source file.ts` runs our source
// as it stands, in worker threads as well. Node strips types by itself from 22.18 on; Node 20 needs
// a hook for it.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/** It strips the types of all that its main thread imports, and a hook would slow that down. */
const isTestRunner = isMainThread && /[\\/]vitest[\\/]dist[\\/]/.test(process.argv[1])

if (!process.features.typescript && !isTestRunner)
  register('./strip-types-hook.mjs', import.meta.url)
