import {
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AtomicFileSystem, syncDirectory, writeFileAtomic } from '@cupola/core/authoring'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cupola-atomic-'))
})
afterEach(() => rm(directory, { recursive: true }))

const real: AtomicFileSystem = { open, rename, rm, stat }

describe('writeFileAtomic()', () => {
  it('replaces the content, keeps the permissions and leaves nothing else', async () => {
    const path = join(directory, 'settings.json')
    await writeFile(path, 'a long content of before', { mode: 0o640 })

    await writeFileAtomic(path, 'after ✓')

    expect(await readFile(path, 'utf8')).toBe('after ✓')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await readdir(directory)).toEqual(['settings.json'])
  })

  it('replaces a symbolic link, not the file that it leads to', async () => {
    const target = join(directory, 'target')
    const path = join(directory, 'link')
    await writeFile(target, 'kept')
    await symlink(target, path)

    await writeFileAtomic(path, 'new')

    expect(await readFile(target, 'utf8')).toBe('kept')
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('leaves the file as it is when it fails', async () => {
    const path = join(directory, 'missing/settings.json')

    expect(await reasonOf(writeFileAtomic(path, 'new'))).toMatchObject({ code: 'ENOENT' })

    expect(await readdir(directory)).toEqual([])
  })

  it('refuses what is neither text nor bytes', async () => {
    // @ts-expect-error -- what somebody without a compiler may pass
    expect(await reasonOf(writeFileAtomic(join(directory, 'x'), 7))).toBeInstanceOf(TypeError)
  })

  it('takes a file whose name is as long as a name can be', async () => {
    const path = join(directory, 'x'.repeat(255))

    await writeFileAtomic(path, 'new')

    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('goes on where the disk takes a part at a time', async () => {
    const path = join(directory, 'settings.json')
    const fileSystem: AtomicFileSystem = {
      ...real,
      async open(name, flags, permissions) {
        const file = await open(name, flags, permissions)
        const write = file.write.bind(file)
        file.write = ((bytes: Uint8Array, at: number, _: number, position: number) =>
          write(bytes, at, 1, position)) as typeof file.write
        return file
      },
    }

    await writeFileAtomic(path, 'a ✓', { fileSystem })

    expect(await readFile(path, 'utf8')).toBe('a ✓')
  })

  it.each(['open', 'rename'] as const)(
    'has the old content, and nothing beside it, when %s fails',
    async (step) => {
      const path = join(directory, 'settings.json')
      await writeFile(path, 'before')
      const cause = new Error('no space left')
      const fileSystem = { ...real, [step]: () => Promise.reject(cause) }

      expect(await reasonOf(writeFileAtomic(path, 'after', { fileSystem }))).toBe(cause)

      expect(await readFile(path, 'utf8')).toBe('before')
      expect(await readdir(directory)).toEqual(['settings.json'])
    },
  )

  it('overwrites what a crash has left under the temporary name that it is given', async () => {
    const path = join(directory, 'mark')
    const temporary = `${path}.new`
    await writeFile(temporary, 'a long content of a call that was killed')

    await writeFileAtomic(path, 'short', { temporary })

    expect(await readFile(path, 'utf8')).toBe('short')
    expect(await readdir(directory)).toEqual(['mark'])
  })
})

describe('syncDirectory()', () => {
  it('rejects where there is no directory', async () => {
    expect(await reasonOf(syncDirectory(join(directory, 'missing')))).toMatchObject({
      code: 'ENOENT',
    })
  })
})
