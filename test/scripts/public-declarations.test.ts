import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publicDeclarations } from '../../scripts/public-declarations.mjs'
import { TemporaryWorkspace } from './temporary-workspace.ts'

const DECLARATIONS = {
  'dist/index.d.ts': "export { open, type Door as Gate } from './door.ts';\n",
  'dist/door.d.ts': `import { type WaitOptions } from '@cupola/core';
import { type Key, type Unused } from './key.ts';
/** A door. */
export interface Door {
    /** Whether it's open. */
    readonly open: boolean;
}
/** Opens a door. */
export declare function open(key: Key, options?: WaitOptions): Door;
export declare function secret(): void;
type Hidden = 1;
//# sourceMappingURL=door.d.ts.map`,
  'dist/key.d.ts': 'export type Key = Teeth[];\ntype Teeth = number;\nexport type Unused = 1;\n',
}

const declarationsOf = (files: Record<string, string>): string => {
  using workspace = new TemporaryWorkspace({ ...DECLARATIONS, ...files })
  return publicDeclarations(join(workspace.root, 'dist/index.d.ts'))
}

describe('publicDeclarations()', () => {
  it('keeps what the entry exports and what that names, and nothing else', () => {
    expect(declarationsOf({})).toBe(`// index.d.ts
export { open, type Door as Gate } from './door.ts';

// door.d.ts
import { type WaitOptions } from '@cupola/core';
export interface Door {
    readonly open: boolean;
}
export declare function open(key: Key, options?: WaitOptions): Door;

// key.d.ts
export type Key = Teeth[];
type Teeth = number;
`)
  })

  it('shows a change of a type that a signature only leads to', () => {
    const changed = { 'dist/key.d.ts': 'export type Key = Teeth[];\ntype Teeth = bigint;\n' }

    expect(declarationsOf(changed)).not.toBe(declarationsOf({}))
  })

  it('does not change with a comment or with what nobody can reach', () => {
    const changed = { 'dist/key.d.ts': `${DECLARATIONS['dist/key.d.ts']}/* A */\ntype More = 2;\n` }

    expect(declarationsOf(changed)).toBe(declarationsOf({}))
  })

  it('refuses an entry that exports everything', () => {
    const everything = { 'dist/index.d.ts': "export * from './door.ts';\n" }

    expect(() => declarationsOf(everything)).toThrow('export by name')
  })
})
