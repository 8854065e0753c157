// Extracts the examples of the documentation and type-checks them as a user would. The tests run
// them.
import { ChildFailed, ROOT, runTool } from './children.mjs'
import { extractExamples } from './extract-examples.mjs'

/** Where `.examples/docs/guide.md/3/L40.ts(44,7)` comes from: `docs/guide.md:44:7`. */
const PLACE = /^\.examples\/(?<document>.+?)\/\d+\/[^/]+?\((?<line>\d+),(?<column>\d+)\)/gm

/** TypeScript as strict as we are; then JavaScript, which declares no types. */
const PASSES = [[], ['--checkJs', '--noImplicitAny', 'false']]

extractExamples(ROOT)
try {
  for (const flags of PASSES) {
    await runTool('tsc', ['-p', 'tsconfig.examples.json', '--pretty', 'false', ...flags])
  }
} catch (error) {
  if (!(error instanceof ChildFailed)) throw error
  console.log(error.message.replace(PLACE, '$<document>:$<line>:$<column>'))
  process.exitCode = 1
}
