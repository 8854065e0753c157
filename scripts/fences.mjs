// Finds the code fences of a Markdown file, or of the doc comments of a TypeScript file.
//
// A fence whose first line is a comment with nothing but a file name (`// work.js`) is that file;
// the fences of one section (from a heading or a doc comment's start to the next) stand in one
// folder and can import each other by these names. A fence without a name is a program of its own.

const FENCE =
  /^(?<indent>[ \t]*)(?<star>\*[ \t])?```(?<language>\w*)(?<flags>[^\n]*)\n(?<body>[\s\S]*?)^[ \t]*(?:\*[ \t]?)?```/gm
const LANGUAGES = ['ts', 'js']
const HEADING = /^#{1,6}[ \t].*$|^[ \t]*\/\*\*/gm
const FILE_NAME = /^\/\/ (?<name>[\w.-]+\.(?:ts|js|mjs|cjs))\n/

/**
 * @param {string} text - The whole file.
 * @returns {{ language: 'ts' | 'js', flags: string[], name: string | undefined, body: string,
 *   line: number, section: number }[]} In the order of the file. `line` is that of the opening
 *   fence, from 1; `section` numbers the sections; `flags` are the words after the language:
 *   `no-run` is type-checked only, `no-check` neither.
 */
export function fencesOf(text) {
  const headings = [...withoutFences(text).matchAll(HEADING)].map((match) => match.index)
  // Fences of other languages are matched as well, so that their ends begin nothing.
  const fences = [...text.matchAll(FENCE)].filter(({ groups }) =>
    LANGUAGES.includes(groups.language),
  )
  return fences.map((match) => {
    const { language, flags, star, indent, body } = match.groups
    const code = unindent(body, star === undefined ? indent : undefined)
    return {
      language,
      flags: flags.trim().split(/\s+/).filter(Boolean),
      name: FILE_NAME.exec(code)?.groups.name,
      body: code,
      line: text.slice(0, match.index).split('\n').length,
      section: headings.filter((index) => index < match.index).length,
    }
  })
}

/** A `#` inside a fence is no heading: blank the fences, keeping every position. */
function withoutFences(text) {
  return text.replace(FENCE, (fence) => fence.replace(/[^\n]/g, ' '))
}

function unindent(body, indent) {
  if (indent === undefined) return body.replace(/^[ \t]*\*[ ]?/gm, '')
  return body.replace(new RegExp(`^${indent}`, 'gm'), '')
}
