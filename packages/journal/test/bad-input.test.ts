import { describe, expect, it } from 'vitest'
import {
  foldJournal,
  importCupLog,
  Journal,
  readCupLog,
  readJournal,
  Store,
  verifyJournal,
  writeFileAtomic,
} from '@cupola/journal'
import { errorOf } from '../../../test/reason-of.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { contentOf, DIRECTORY, openOn } from './script.ts'

type Name = 'TypeError' | 'RangeError'

/** What somebody without a compiler may pass, and the whole of what they are told. */
type Case = readonly [wrong: unknown, name: Name, message: string]

/** That everything wrong is refused, with exactly these words, whatever the function is. */
function refuses(title: string, call: (wrong: never) => Promise<unknown>, cases: readonly Case[]) {
  describe(`${title}, when it is wrong`, () => {
    it.each(cases)('refuses %o', async (wrong, name, message) => {
      const error = await errorOf(call(wrong as never))

      expect({ name: error.name, message: error.message }).toEqual({ name, message })
    })
  })
}

/** The same for one option or argument. */
function noNumber(name: string): readonly Case[] {
  return [
    ['5', 'TypeError', `Cannot use ${name}: got string, expected a number`],
    [null, 'TypeError', `Cannot use ${name}: got null, expected a number`],
    [5n, 'TypeError', `Cannot use ${name}: got bigint, expected a number`],
  ]
}

const NO_OPTIONS: readonly Case[] = [
  [null, 'TypeError', 'Cannot use options: got null, expected an object'],
  [7, 'TypeError', 'Cannot use options: got number, expected an object'],
  [[], 'TypeError', 'Cannot use options: got array, expected an object'],
]

const NO_PATH: readonly Case[] = [
  [undefined, 'TypeError', 'Cannot use directory: got undefined, expected a path'],
  [5, 'TypeError', 'Cannot use directory: got number, expected a path'],
  [Buffer.from('a'), 'TypeError', 'Cannot use directory: got object, expected a path'],
  ['', 'RangeError', 'Cannot use directory: got an empty text, expected a path'],
]

const NO_FILE_SYSTEM: readonly Case[] = [
  [null, 'TypeError', 'Cannot use fileSystem: got null, expected an object'],
  [{}, 'TypeError', 'Cannot use fileSystem: it has no makeDirectory(), expected a FileSystem'],
]

const fileSystem = new MemoryFileSystem()

function opened(option: string): (value: never) => Promise<unknown> {
  return (value) => Journal.open(DIRECTORY, { fileSystem, [option]: value })
}

const MAX = Number.MAX_SAFE_INTEGER

refuses('Journal.open(directory)', (wrong) => Journal.open(wrong, { fileSystem }), NO_PATH)
refuses('Journal.open(…, options)', (wrong) => Journal.open(DIRECTORY, wrong), NO_OPTIONS)
refuses('options.sync', opened('sync'), [
  ['never', 'TypeError', 'Cannot use sync: got never, expected always, os or { everyMs }'],
  [null, 'TypeError', 'Cannot use sync: got null, expected always, os or { everyMs }'],
  [{}, 'TypeError', 'Cannot use sync.everyMs: got undefined, expected a number'],
  [
    { everyMs: -1 },
    'RangeError',
    'Cannot use sync.everyMs: got -1, expected milliseconds from 0 up',
  ],
  [
    { everyMs: Number.NaN },
    'RangeError',
    'Cannot use sync.everyMs: got NaN, expected milliseconds from 0 up',
  ],
])
refuses('options.recovery', opened('recovery'), [
  [
    'lenient',
    'TypeError',
    "Cannot use recovery: got 'lenient', expected one of 'strict', 'torn-tail', 'point-in-time', 'salvage'",
  ],
  [
    null,
    'TypeError',
    "Cannot use recovery: got null, expected one of 'strict', 'torn-tail', 'point-in-time', 'salvage'",
  ],
])
refuses('options.firstId', opened('firstId'), [
  [1, 'TypeError', 'Cannot use firstId: got number, expected a bigint'],
  [0n, 'RangeError', `Cannot use firstId: got 0, expected 1 to ${MAX}`],
  [2n ** 53n, 'RangeError', `Cannot use firstId: got 9007199254740992, expected 1 to ${MAX}`],
])
refuses('options.segmentBytes', opened('segmentBytes'), [
  ...noNumber('segmentBytes'),
  [0, 'RangeError', 'Cannot use segmentBytes: got 0, expected an integer from 1 up, or Infinity'],
  [
    1.5,
    'RangeError',
    'Cannot use segmentBytes: got 1.5, expected an integer from 1 up, or Infinity',
  ],
])
refuses('options.segmentAgeMs', opened('segmentAgeMs'), [
  ...noNumber('segmentAgeMs'),
  [-1, 'RangeError', 'Cannot use segmentAgeMs: got -1, expected milliseconds from 0 up'],
])
refuses('options.maxPayloadBytes', opened('maxPayloadBytes'), [
  ...noNumber('maxPayloadBytes'),
  [
    -1,
    'RangeError',
    'Cannot use maxPayloadBytes: got -1, expected an integer from 0 to 2147483627',
  ],
  [
    2 ** 31,
    'RangeError',
    'Cannot use maxPayloadBytes: got 2147483648, expected an integer from 0 to 2147483627',
  ],
])
refuses('options.maxWaitingBytes', opened('maxWaitingBytes'), [
  ...noNumber('maxWaitingBytes'),
  [
    0,
    'RangeError',
    'Cannot use maxWaitingBytes: got 0, expected an integer from 1 up, or Infinity',
  ],
])
refuses('options.clock', opened('clock'), [
  [null, 'TypeError', 'Cannot use clock: got null, expected an object'],
  [{ now: () => 0 }, 'TypeError', 'Cannot use clock: it has no wall(), expected a Clock'],
])
refuses('options.fileSystem', opened('fileSystem'), NO_FILE_SYSTEM)

const record = { payload: Buffer.alloc(1) }
const RECORDS: readonly Case[] = [
  [undefined, 'TypeError', 'Cannot use record: got undefined, expected an object'],
  ['text', 'TypeError', 'Cannot use record: got string, expected an object'],
  [{}, 'TypeError', 'Cannot use payload: got undefined, expected a Uint8Array'],
  [{ payload: 'text' }, 'TypeError', 'Cannot use payload: got string, expected a Uint8Array'],
  [
    { payload: Buffer.alloc(101) },
    'RangeError',
    'Cannot use payload: it has 101 bytes, expected at most 100',
  ],
  [{ ...record, type: '1' }, 'TypeError', 'Cannot use type: got string, expected a number'],
  [
    { ...record, type: 65_536 },
    'RangeError',
    'Cannot use type: got 65536, expected an integer from 0 to 65535',
  ],
  [
    { ...record, type: -1 },
    'RangeError',
    'Cannot use type: got -1, expected an integer from 0 to 65535',
  ],
  [
    { ...record, mode: 15 },
    'RangeError',
    'Cannot use mode: got 15, expected an integer from 16 to 255',
  ],
  [
    { ...record, mode: 256 },
    'RangeError',
    'Cannot use mode: got 256, expected an integer from 16 to 255',
  ],
  [
    { ...record, mode: 'replace' },
    'TypeError',
    'Cannot use mode: got replace, expected add, set, delete or a number',
  ],
  [
    { ...record, mode: 'toString' },
    'TypeError',
    'Cannot use mode: got toString, expected add, set, delete or a number',
  ],
  [
    { ...record, mode: null },
    'TypeError',
    'Cannot use mode: got null, expected add, set, delete or a number',
  ],
]

/** Lets something happen to a journal, and finds that the refusal has changed nothing of it. */
function unchanged(act: (journal: Journal, wrong: never) => Promise<unknown>) {
  return async (wrong: never): Promise<void> => {
    const journal = await openOn(new MemoryFileSystem(), { maxPayloadBytes: 100 })
    try {
      await act(journal, wrong)
    } finally {
      expect(journal.waitingBytes).toBe(0)
      expect(await journal.append(record)).toBe(1n)
      expect((await contentOf(journal)).size).toBe(1)
      await journal.close()
    }
  }
}

refuses(
  'Journal.append()',
  unchanged((journal, wrong) => journal.append(wrong)),
  RECORDS,
)
refuses(
  'Journal.appendMany()',
  unchanged((journal, wrong) => journal.appendMany([record, wrong])),
  RECORDS,
)
refuses(
  'Journal.appendMany(records)',
  unchanged((journal, wrong) => journal.appendMany(wrong)),
  [
    [undefined, 'TypeError', 'Cannot use records: expected something to iterate over'],
    [5, 'TypeError', 'Cannot use records: expected something to iterate over'],
    [record, 'TypeError', 'Cannot use records: expected something to iterate over'],
    ['text', 'TypeError', 'Cannot use records: expected something to iterate over'],
  ],
)
refuses(
  'Journal.read()',
  unchanged((journal, wrong) => journal.read(wrong).next()),
  [
    ...NO_OPTIONS,
    [{ from: 1 }, 'TypeError', 'Cannot use from: got number, expected a bigint'],
    [{ from: '1' }, 'TypeError', 'Cannot use from: got string, expected a bigint'],
    [{ follow: 1 }, 'TypeError', 'Cannot use follow: got number, expected a boolean'],
    [{ signal: {} }, 'TypeError', 'Cannot use signal: got object, expected an AbortSignal'],
    [{ from: 0n }, 'RangeError', 'Cannot read from record 0: the journal begins with record 1'],
    [{ from: -1n }, 'RangeError', 'Cannot read from record -1: the journal begins with record 1'],
  ],
)
refuses(
  'Journal.snapshot(id)',
  unchanged((journal, wrong) => journal.snapshot(wrong, [])),
  [
    [0, 'TypeError', 'Cannot use id: got number, expected a bigint'],
    ['0', 'TypeError', 'Cannot use id: got string, expected a bigint'],
    [-1n, 'RangeError', 'Cannot make a snapshot: there is no record -1, expected at most 0'],
    [1n, 'RangeError', 'Cannot make a snapshot: there is no record 1, expected at most 0'],
    [
      2n ** 70n,
      'RangeError',
      `Cannot make a snapshot: there is no record ${2n ** 70n}, expected at most 0`,
    ],
  ],
)
refuses(
  'Journal.snapshot(…, entries)',
  unchanged((journal, wrong) => journal.snapshot(0n, wrong)),
  [
    [undefined, 'TypeError', 'Cannot use entries: expected something to iterate over'],
    ['text', 'TypeError', 'Cannot use entries: expected something to iterate over'],
    [['text'], 'TypeError', 'Cannot use an entry: got string, expected a Uint8Array'],
  ],
)
refuses(
  'Journal.purge()',
  unchanged((journal, wrong) => journal.purge(wrong)),
  [
    [undefined, 'TypeError', 'Cannot use options: got undefined, expected an object'],
    [1n, 'TypeError', 'Cannot use options: got bigint, expected an object'],
    [{}, 'TypeError', 'Cannot use before: got undefined, expected a bigint'],
    [{ before: 1 }, 'TypeError', 'Cannot use before: got number, expected a bigint'],
    [
      { before: 1n, withoutSnapshot: 'false' },
      'TypeError',
      'Cannot use withoutSnapshot: got string, expected a boolean',
    ],
  ],
)

refuses('foldJournal(journal)', (wrong) => foldJournal(wrong, 0, { record: () => 0 }), [
  [undefined, 'TypeError', 'Cannot use journal: got undefined, expected an object'],
  [{}, 'TypeError', 'Cannot use journal: it has no latestSnapshot(), expected a Journal'],
])
refuses(
  'foldJournal(…, folding)',
  unchanged((journal, wrong) => foldJournal(journal, 0, wrong)),
  [
    [undefined, 'TypeError', 'Cannot use folding: got undefined, expected an object'],
    [{}, 'TypeError', 'Cannot use folding.record: got undefined, expected a function'],
    [
      { record: () => 0, entry: 1 },
      'TypeError',
      'Cannot use folding.entry: got number, expected a function',
    ],
  ],
)

refuses('readJournal(directory)', (wrong) => readJournal(wrong).next(), NO_PATH)
refuses('readJournal(…, options)', (wrong) => readJournal(DIRECTORY, wrong).next(), [
  ...NO_OPTIONS,
  [{ fileSystem, from: 1 }, 'TypeError', 'Cannot use from: got number, expected a bigint'],
  [{ fileSystem: null }, 'TypeError', 'Cannot use fileSystem: got null, expected an object'],
])
refuses('verifyJournal(directory)', (wrong) => verifyJournal(wrong), NO_PATH)
refuses('verifyJournal(…, options)', (wrong) => verifyJournal(DIRECTORY, wrong), [
  ...NO_OPTIONS,
  [{ fileSystem: null }, 'TypeError', 'Cannot use fileSystem: got null, expected an object'],
])
refuses('readCupLog(directory)', (wrong) => readCupLog(wrong).next(), NO_PATH)
refuses('readCupLog(…, options)', (wrong) => readCupLog(DIRECTORY, wrong).next(), [
  ...NO_OPTIONS,
  [{ skipDamaged: 'no' }, 'TypeError', 'Cannot use skipDamaged: got string, expected a boolean'],
  [{ fileSystem: null }, 'TypeError', 'Cannot use fileSystem: got null, expected an object'],
])
refuses('importCupLog(…, journal)', (wrong) => importCupLog(DIRECTORY, wrong), [
  [undefined, 'TypeError', 'Cannot use journal: got undefined, expected an object'],
  [{}, 'TypeError', 'Cannot use journal: it has no appendMany(), expected a Journal'],
])
refuses('writeFileAtomic(…, data)', (wrong) => writeFileAtomic('/no/such/file', wrong), [
  [5, 'TypeError', 'Cannot use data: got number, expected a string or a Uint8Array'],
  [undefined, 'TypeError', 'Cannot use data: got undefined, expected a string or a Uint8Array'],
])

function storeWith(option: string): (value: never) => Promise<unknown> {
  return (value) => Store.open(DIRECTORY, { fileSystem, [option]: value })
}

refuses('Store.open(directory)', (wrong) => Store.open(wrong, { fileSystem }), NO_PATH)
refuses('Store.open(…, options)', (wrong) => Store.open(DIRECTORY, wrong), NO_OPTIONS)
refuses('options.codec', storeWith('codec'), [
  [null, 'TypeError', 'Cannot use codec: got null, expected an object'],
  ['json', 'TypeError', 'Cannot use codec: got string, expected an object'],
  [{}, 'TypeError', 'Cannot use codec.encode: got undefined, expected a function'],
  [
    { encode: () => Buffer.alloc(0) },
    'TypeError',
    'Cannot use codec.decode: got undefined, expected a function',
  ],
])
refuses('options.compactAfter', storeWith('compactAfter'), [
  ...noNumber('compactAfter'),
  [0, 'RangeError', 'Cannot use compactAfter: got 0, expected an integer from 1 up, or Infinity'],
])

async function inStore(act: (store: Store<unknown, unknown>) => Promise<unknown>): Promise<void> {
  const store = await Store.open(DIRECTORY, { fileSystem: new MemoryFileSystem() })
  try {
    await act(store)
  } finally {
    expect(store.size).toBe(0)
    await store.close()
  }
}

const NO_KEYS: readonly Case[] = [
  [undefined, 'TypeError', 'Cannot use key: JSON does not keep undefined; bring a codec'],
  [Number.NaN, 'TypeError', 'Cannot use key: JSON does not keep NaN; bring a codec'],
  [Symbol('a'), 'TypeError', 'Cannot use key: JSON does not keep Symbol(a); bring a codec'],
  [
    { a: 1 },
    'TypeError',
    'Cannot use key: an object is not the same once it is read; bring a codec',
  ],
]

refuses('Store.set(key)', (wrong) => inStore((store) => store.set(wrong, 1)), NO_KEYS)
refuses('Store.delete(key)', (wrong) => inStore((store) => store.delete(wrong)), NO_KEYS)
refuses('Store.set(…, value)', (wrong) => inStore((store) => store.set('key', wrong)), [
  [undefined, 'TypeError', 'Cannot set undefined: delete the key instead'],
  [Infinity, 'TypeError', 'Cannot use value: JSON does not keep Infinity; bring a codec'],
])
