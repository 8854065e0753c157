// Turns what an example claims into what it checks.

const CLAIM = /^(?<indent>[ \t]*)(?<code>\S.*?);?[ \t]*\/\/ => (?<expected>.+)$/
const DECLARATION = /^(?:const|let) (?<name>[\w$]+)(?:: [^=]+)? = /
const PRINTED = /^console\.log\((?<expression>.+)\)$/

/** A line that ends so is continued by the next, which is then no expression of its own. */
const UNFINISHED = /(?:[([,.?&|]|=>?)$/

/**
 * Rewrites every line `expression // => value` so that it fails unless the two are deeply equal.
 * `const name = … // => value` claims it of the name, `console.log(…) // => value` of what is
 * printed. Every line stays on its line.
 *
 * @param {string} code
 * @returns {string} Code that wants `$assert`, which is `node:assert/strict`, in its scope; the
 *   same as before if it claims nothing.
 * @throws {SyntaxError} If a claim is made of a part of an expression. Its `line` counts from 0.
 */
export function withAssertions(code) {
  let before = ''
  const lines = code.split('\n').map((line, index) => {
    const claim = CLAIM.exec(line)?.groups
    if (claim !== undefined && (UNFINISHED.test(before) || /^\??\./.test(claim.code))) {
      const message = `"// =>" claims something of a whole expression on one line: ${line.trim()}`
      throw Object.assign(new SyntaxError(message), { line: index })
    }
    before = line.replace(/\s*\/\/.*$/, '').trimEnd()
    return claim === undefined ? line : claim.indent + assertionOf(claim)
  })
  return lines.join('\n')
}

/** `void`, because an assertion of TypeScript would narrow the type of what it is called with. */
function assertionOf({ code, expected }) {
  const declared = DECLARATION.exec(code)?.groups.name
  if (declared !== undefined) return `${code}; void $assert.deepEqual(${declared}, ${expected})`
  const expression = PRINTED.exec(code)?.groups.expression ?? code
  return `void $assert.deepEqual(${expression}, ${expected})`
}
