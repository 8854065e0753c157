import { describe, expect, it } from 'vitest'
import { htmlReport, jsonReport, provenanceOf, terminalList, terminalReport } from '../src/index.ts'
import { FINDINGS, PROVENANCE } from './fixtures/findings.ts'

describe('terminalReport', () => {
  it('ends with the answer', () => {
    expect(terminalReport(FINDINGS, PROVENANCE)).toBe(
      `Spoons per second
       per second            range
wood       12.0 k  11.0 k – 13.0 k
floor           1

Which spoon pays?
         it
4 KiB  pays

Three rounds.
Node 20.19.0, Abacus, 2 cores, commit abc1234, 2026-01-02T03:04:05.000Z

silver is not installed here: npm install silver
failed: tin: it bends
Interrupted: this is what there was by then.
Twice as much.
The wooden spoon pays for 4 KiB & more.`,
    )
  })

  it.each([20, 30, 80])('has no line of more than %d columns', (columns) => {
    const lines = terminalReport(FINDINGS, PROVENANCE, { columns }).split('\n')

    expect(lines.filter((line) => line.length > Math.max(columns, 24))).toEqual([])
  })

  it('splits a table that is too wide, each part with the names', () => {
    const columns = 20
    const text = terminalReport({ ...FINDINGS, complete: true }, PROVENANCE, { columns })

    expect(text.split('\n').slice(0, 9)).toEqual([
      'Spoons per second',
      '       per second',
      'wood       12.0 k',
      'floor           1',
      '',
      '                 range',
      'wood   11.0 k – 13.0 k',
      'floor',
      '',
    ])
  })

  it('emphasizes as it is told', () => {
    const style = {
      strong: (text: string) => `*${text}*`,
      faint: (text: string) => `(${text})`,
      alarming: (text: string) => `!${text}!`,
    }

    const text = terminalReport(FINDINGS, PROVENANCE, { style })

    expect(text).toContain('*Spoons per second*')
    expect(text).toContain('(Three rounds.)')
    expect(text).toContain('!failed: tin: it bends!')
  })
})

describe('terminalList', () => {
  it('puts what belongs to a name beside it, and breaks it between words', () => {
    const spoons = {
      name: 'spoons',
      question: 'Which is the quickest of them?',
      contestants: ['wood', 'tin'],
      run: () => Promise.resolve(FINDINGS),
    }

    expect(terminalList([spoons], { columns: 24 })).toBe(
      ['spoons  Which is the', '        quickest of', '        them?', '        wood, tin'].join(
        '\n',
      ),
    )
  })
})

describe('jsonReport', () => {
  it('is the findings and where they come from', () => {
    expect(JSON.parse(jsonReport(FINDINGS, PROVENANCE))).toEqual({
      schema: 1,
      provenance: PROVENANCE,
      ...FINDINGS,
    })
  })
})

describe('htmlReport', () => {
  it('begins with the answer, and has every figure as text', async () => {
    const page = await htmlReport(FINDINGS, PROVENANCE)

    expect(page).toContain('<h1>Which spoon is &lt;quickest&gt;?</h1>\n<p class="answer">')
    expect(page).toContain('pays for 4\u00A0KiB &amp; more.</p>')
    expect(page).toContain('<tr><th scope="row">4 KiB</th><td>12.0 k</td><td>20.0 k</td></tr>')
    expect(page).toContain('<code>cupola bench spoons --quick</code>')
    for (const fact of ['Abacus, 2 cores', '20.19.0', '@cupola/bench 1.2.3', 'abc1234']) {
      expect(page).toContain(`<dd>${fact}</dd>`)
    }
  })

  it('refers to nothing outside of itself', async () => {
    const page = await htmlReport(FINDINGS, PROVENANCE)

    expect(page).not.toMatch(/<(?:link|script|img)[^>]+(?:src|href)="(?!data:)/)
    expect(page).toContain(`content="default-src 'none'`)
  })
})

describe('provenanceOf', () => {
  it('tells the commit of a checkout, and none elsewhere', async () => {
    const inside = await provenanceOf('cupola bench', import.meta.dirname)
    const outside = await provenanceOf('cupola bench', '/')

    expect(inside.commit).toMatch(/^[\da-f]{7}|^v/)
    expect(outside.commit).toBeUndefined()
    expect(outside.node).toContain(process.versions.node)
  })

  it('tells the versions of all that is measured', async () => {
    const { packages } = await provenanceOf('cupola bench', '/')

    const names = ['bench', 'buffer-pool', 'executor', 'ids', 'queue', 'rw-lock', 'thread-pool']
    expect(Object.keys(packages)).toEqual(names.map((name) => `@cupola/${name}`))
    for (const version of Object.values(packages)) expect(version).toMatch(/^\d+\.\d+\.\d+/)
  })
})
