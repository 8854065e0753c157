import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runStorm } from './fixtures/storms.ts'

const NEWEST_LTS = '../../../test/newest-lts/node_modules/node/bin/node'
const nodes = [process.execPath, fileURLToPath(new URL(NEWEST_LTS, import.meta.url))]
const storms = nodes.flatMap((node) => [
  { node, hooks: 'no hooks' as const },
  { node, hooks: 'hooks' as const },
])

describe('10,000 interrupts that race with the end of tasks', () => {
  it.each(storms)('hit nothing else, lose nothing: $hooks, $node', async ({ node, hooks }) => {
    const { wrong, interrupts, stats } = await runStorm(node, 10_000, hooks)

    expect(wrong).toEqual([])
    expect(interrupts).toBe(10_000)
    expect(stats).toMatchObject({ crashed: 0, lost: 0 })
  })
})
