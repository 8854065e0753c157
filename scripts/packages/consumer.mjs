// A stranger's project: one package, installed from tarballs with npm where nothing else is.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asCommonJs, firstExampleOf } from './first-example.mjs'
import { run } from './run.mjs'
import { entriesOf } from './workspace.mjs'

export class Consumer {
  #directory
  #package

  /**
   * @param {string} parent - Where projects are, outside the checkout: nothing may be found in a
   *   `node_modules` further up. The project's folder has the name of the package.
   * @param one - The package.
   */
  constructor(parent, one) {
    this.#directory = join(parent, one.name)
    this.#package = one
  }

  /**
   * @param {string[]} tarballs - Of the package and those it depends on, in one go: npm then finds
   *   here what the registry need not have yet.
   */
  async install(tarballs) {
    await mkdir(this.#directory, { recursive: true })
    await this.#write('package.json', '{ "private": true, "type": "module" }\n')
    await this.#run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs)
  }

  async listTree() {
    await this.#run('npm', 'ls', '--all')
  }

  /** A top-level `await` somewhere would let `import` pass and `require` fail. */
  async loadEntries() {
    await this.#write('entries.js', this.#specifiers.map(importOf).join(''))
    await this.#write('entries.cjs', this.#specifiers.map(requireOf).join(''))
    await this.#run(process.execPath, 'entries.js')
    await this.#run(process.execPath, 'entries.cjs')
  }

  /** @returns {Promise<string>} A file that leads a compiler to the declarations of each entry. */
  async writeTypedEntries() {
    const modules = this.#specifiers.filter((specifier) => !isJson(specifier))
    return this.#write('entries-typed.ts', modules.map(exportOf).join(''))
  }

  /** @param {string} command - One of the package's `bin`. */
  async runCommand(command) {
    const { version } = this.#package.manifest
    await this.#expectOutput(version, command, '--version')
    await this.#expectOutput(command, command, '--help')
  }

  /**
   * Puts the README's first example there.
   *
   * @returns {Promise<string>} The file whose types are to be checked.
   */
  async pasteExample() {
    const readme = await readFile(join(this.#package.directory, 'README.md'), 'utf8')
    const { files, program, language } = firstExampleOf(readme)
    for (const [name, body] of files) await this.#write(name, body)
    await this.#write('main.js', program)
    await this.#write('main.cjs', asCommonJs(program))
    const typed = language === 'js' ? `// @ts-check\n${program}` : program
    return this.#write(`main-typed.${language}`, typed)
  }

  async runExample() {
    await this.#run(process.execPath, 'main.js')
  }

  async runExampleFromCommonJs() {
    await this.#run(process.execPath, 'main.cjs')
  }

  get #specifiers() {
    return entriesOf(this.#package).map(({ specifier }) => specifier)
  }

  async #expectOutput(expected, ...commandLine) {
    // `--no` is for npx: never fetch somebody else's package of that name.
    const output = await this.#run('npx', '--no', '--', ...commandLine)
    if (output.includes(expected)) return
    throw new Error(`$ ${commandLine.join(' ')}\n${output}Expected it to print ${expected}`)
  }

  async #write(name, text) {
    const path = join(this.#directory, name)
    await writeFile(path, text)
    return path
  }

  #run(command, ...args) {
    // What an example leaves in the temporary folder goes with the project.
    const env = { TMPDIR: this.#directory, TEMP: this.#directory, TMP: this.#directory }
    return run(command, args, { cwd: this.#directory, env })
  }
}

function importOf(specifier) {
  const options = isJson(specifier) ? `, { with: { type: 'json' } }` : ''
  return `await import('${specifier}'${options})\n`
}

function requireOf(specifier) {
  return `require('${specifier}')\n`
}

function exportOf(specifier, index) {
  return `export * as entry${index} from '${specifier}'\n`
}

function isJson(specifier) {
  return specifier.endsWith('.json')
}
