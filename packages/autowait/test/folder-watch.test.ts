// What the waits for files share, and when they had better not be told.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../../test/until.ts'
import { watchFolders } from '../src/file/shared-watches.ts'
import { Strain } from '../src/file/strain.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

/** Somebody who listens to a folder, and what he has heard. */
function listen(base: string) {
  const heard: string[] = []
  const watch = watchFolders(
    { base, depth: 0 },
    { changed: () => heard.push('changed'), polling: (reason) => heard.push(reason) },
  )
  onTestFinished(async () => await watch.close())
  return { heard, watch }
}

describe('watchFolders()', () => {
  it('tells everybody who listens to the same folder', async () => {
    const base = temporaryFolder()
    const [one, other] = [listen(base), listen(base)]
    await until(() => one.heard.length > 0 && other.heard.length > 0)
    const before = one.heard.length

    writeFileSync(join(base, 'a'), '')

    await until(() => one.heard.length > before)
    expect(other.heard).toEqual(one.heard)
  })

  it('tells whoever comes late that it is armed', async () => {
    const base = temporaryFolder()
    const one = listen(base)
    await until(() => one.heard.length > 0)

    const late = listen(base)

    expect(late.heard).toEqual(['changed'])
  })

  it.runIf(process.platform === 'linux')('says once to each that it cannot watch', async () => {
    const one = listen('/proc/self')
    await until(() => one.heard.length > 0)

    const late = listen('/proc/self')

    expect(one.heard).toEqual(['procfs does not tell of changes'])
    expect(late.heard).toEqual(one.heard)
  })

  it('goes on for the others when one leaves', async () => {
    const base = temporaryFolder()
    const [one, other] = [listen(base), listen(base)]
    await until(() => other.heard.length > 0)
    await one.watch.close()
    const before = other.heard.length

    writeFileSync(join(base, 'a'), '')

    await until(() => other.heard.length > before)
    expect(one.heard).toHaveLength(before)
  })

  it('still says that something may have changed when too much does', async () => {
    const base = temporaryFolder()
    const { heard } = listen(base)
    await until(() => heard.length > 0)
    for (let writes = 0; writes < 200; writes++) {
      writeFileSync(join(base, 'busy'), String(writes))
      await new Promise((resolve) => setImmediate(resolve))
    }
    const before = heard.length

    await until(() => heard.length > before + 3)

    expect(process.getActiveResourcesInfo()).not.toContain('FSEventWrap')
  })
})

describe('Strain', () => {
  it('takes fifty signs a second of a small folder', () => {
    const strain = new Strain(0.1)

    const signs = Array.from({ length: 51 }, () => strain.sign(10))

    expect(signs.indexOf(true)).toBe(50)
  })

  it('takes fewer of a folder that takes long to read', () => {
    const strain = new Strain(40)

    const signs = Array.from({ length: 6 }, () => strain.sign(10))

    expect(signs.indexOf(true)).toBe(5)
  })

  it('begins anew every second', () => {
    const strain = new Strain(40)
    for (let signs = 0; signs < 5; signs++) strain.sign(10)

    expect(strain.sign(1010)).toBe(false)
  })
})
