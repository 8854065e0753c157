import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { BrokenError } from '@cupola/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import type { TextModule } from '../../../test/text-module.ts'
import { poolOf } from './fixtures/pools.ts'

const LOADER = fileURLToPath(new URL('../../../scripts/run-typescript.mjs', import.meta.url))
const stripsTypes = Boolean(Reflect.get(process.features, 'typescript'))
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(
    join(folder, 'work.ts'),
    'export function double(x: number): number { return x * 2 as number }',
  )
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('a worker module in TypeScript', () => {
  it('runs with a loader that the threads are given', async () => {
    const pool = poolOf<TextModule>(pathToFileURL(join(folder, 'work.ts')), {
      workerOptions: { execArgv: ['--import', LOADER, '--conditions=@cupola/source'] },
    })

    await expect(pool.run('double', [21])).resolves.toBe(42)
  })

  it('is reported to need a loader where Node does not run it', async () => {
    await writeFile(join(folder, 'view.tsx'), 'export const one = () => 1')
    const pool = poolOf<TextModule>(join(folder, 'view.tsx'))

    const error = await errorOf(pool.run('one', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toContain(
      'does not load: this Node does not run such files by itself, expected a loader in `workerOptions.execArgv`',
    )
    expect(error.cause).toMatchObject({ code: 'ERR_UNKNOWN_FILE_EXTENSION' })
  })

  it.runIf(stripsTypes)('runs without one where Node strips types', async () => {
    const pool = poolOf<TextModule>(join(folder, 'work.ts'), { workerOptions: { execArgv: [] } })

    await expect(pool.run('double', [21])).resolves.toBe(42)
  })
})
