/** Where systems look it up, Windows in the last two. */
const NAMES = ['TMPDIR', 'TEMP', 'TMP']

/**
 * Makes `folder` the temporary folder of this process, and of those that it starts from now on.
 *
 * @returns Makes it what it was before, when disposed.
 */
export function setTemporaryFolder(folder: string): Disposable {
  const before = NAMES.map((name) => [name, process.env[name]] as const)
  for (const name of NAMES) process.env[name] = folder
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    },
  }
}
