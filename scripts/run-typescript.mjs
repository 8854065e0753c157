// `node --import ./scripts/run-typescript.mjs --conditions=@cupola/source file.ts` runs our source
// as it stands, in worker threads as well. Node strips types by itself from 22.18 on; Node 20 needs
// a hook for it.
import { register } from 'node:module'

if (!process.features.typescript) register('./strip-types-hook.mjs', import.meta.url)
