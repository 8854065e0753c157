import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const runTypescript = fileURLToPath(new URL('./scripts/run-typescript.mjs', import.meta.url))

/** Source is what every test sees, in worker threads as well: a stale `dist` cannot pass. */
const SOURCE = '@cupola/source'

/** Every test file is a process of its own: Node keeps there what it compiled, from 22.1 on. */
const compiled = fileURLToPath(new URL('./.cupola/compiled', import.meta.url))

const slow = process.env['CUPOLA_SLOW'] === '1'

export default defineConfig({
  resolve: { conditions: [SOURCE] },
  ssr: { resolve: { conditions: [SOURCE], externalConditions: [SOURCE] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', '.examples/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(slow ? [] : ['**/*.slow.test.ts'])],
    globalSetup: './test/nothing-left-behind.ts',
    pool: 'forks',
    // Left to itself, the runner keeps one core for the terminal, which is half of a small machine.
    maxWorkers: '100%',
    execArgv: ['--import', runTypescript, `--conditions=${SOURCE}`, '--expose-gc'],
    env: { NODE_COMPILE_CACHE: compiled },
    sequence: { shuffle: true },
    testTimeout: slow ? 600_000 : 60_000,
    hookTimeout: 60_000,
    typecheck: { enabled: false },
  },
})
