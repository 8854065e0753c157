import { randomUUID } from 'node:crypto'
import {
  CycleIdGenerator,
  nextNumber,
  NumberSequence,
  randomString,
  Snowflake,
  uniqueName,
  uuidv7,
} from '@cupola/ids'
import type { Loop, Race, RaceWorkload } from '../races/race.ts'
import { exported, ifInstalled, type Rivals } from '../races/rivals.ts'

/** How fast are ids, next to those of others? */
export const idRace: Race = {
  name: 'ids',
  question: 'How fast are names, numbers and ids, next to hyperid, uuid and nanoid?',
  subject: '@cupola/ids',
  unit: 'ids',
  ours: [
    'uniqueName()',
    'uuidv7()',
    'nextNumber()',
    'NumberSequence.next()',
    'in blocks of 1,024',
    'CycleIdGenerator.next()',
    'the same for IPv6',
    'Snowflake.next()',
    'randomString(21)',
  ],
  libraries: ['hyperid', 'uuid', 'nanoid'],
  open: idWorkloads,
}

const FLOOR = 'floor: texts that are there'

/** Each id is read: text that is put together out of pieces is not in one piece before that. */
function idWorkloads(rivals: Rivals): readonly RaceWorkload[] {
  return [names(rivals), uuids(rivals), numbers(), bigints(), strings(rivals)]
}

function names(rivals: Rivals): RaceWorkload {
  return {
    name: 'names',
    title: 'Names that are the process’s own, and a counter.',
    times: 300_000,
    contestants: {
      'uniqueName()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(uniqueName('job'))
        return sum
      },
      ...ifInstalled(rivals, 'hyperid', (rival) => {
        const hyper = exported<() => () => string>(rival, 'default')()
        return {
          hyperid: (ids) => {
            let sum = 0
            for (let made = 0; made < ids; made++) sum += read(hyper())
            return sum
          },
        }
      }),
      [FLOOR]: fixedTexts(),
    },
  }
}

function uuids(rivals: Rivals): RaceWorkload {
  return {
    name: 'uuids',
    title: 'UUIDs as text; those of `crypto.randomUUID()` are of version 4.',
    times: 60_000,
    contestants: {
      'uuidv7()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(uuidv7())
        return sum
      },
      ...ifInstalled(rivals, 'uuid', (rival) => {
        const v7 = exported<() => string>(rival, 'v7')
        return {
          'uuid v7()': (ids) => {
            let sum = 0
            for (let made = 0; made < ids; made++) sum += read(v7())
            return sum
          },
        }
      }),
      'crypto.randomUUID()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(randomUUID())
        return sum
      },
      [FLOOR]: fixedTexts(),
    },
  }
}

function numbers(): RaceWorkload {
  const sequence = new NumberSequence()
  const blocks = new NumberSequence({ block: 1024 })
  const cell = new BigInt64Array(new SharedArrayBuffer(8))
  return {
    name: 'numbers',
    title: 'Numbers of a count that all threads share, in one thread.',
    times: 500_000,
    contestants: {
      'nextNumber()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += nextNumber()
        return sum
      },
      'NumberSequence.next()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += sequence.next()
        return sum
      },
      'in blocks of 1,024': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += blocks.next()
        return sum
      },
      'floor: a bare Atomics.add': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += Number(Atomics.add(cell, 0, 1n))
        return sum
      },
    },
  }
}

function bigints(): RaceWorkload {
  const cycleIds = new CycleIdGenerator({ address: '10.0.0.1', port: 8080 })
  const cycleIdsV6 = new CycleIdGenerator({ address: '2001:db8::1', port: 8080 })
  const snowflakes = new Snowflake({ node: 1, maxAheadMs: Infinity })
  return {
    name: 'bigints',
    title: 'Ids of 63, 128 and 232 bits.',
    times: 300_000,
    contestants: {
      'CycleIdGenerator.next()': (ids) => {
        let last = 0n
        for (let made = 0; made < ids; made++) last = cycleIds.next()
        return Number(BigInt.asUintN(32, last))
      },
      'the same for IPv6': (ids) => {
        let last = 0n
        for (let made = 0; made < ids; made++) last = cycleIdsV6.next()
        return Number(BigInt.asUintN(32, last))
      },
      'Snowflake.next()': (ids) => {
        let last = 0n
        for (let made = 0; made < ids; made++) last = snowflakes.next()
        return Number(BigInt.asUintN(32, last))
      },
      'floor: a bigint counted up': (ids) => {
        let last = 1n << 127n
        for (let made = 0; made < ids; made++) last++
        return Number(BigInt.asUintN(32, last))
      },
    },
  }
}

function strings(rivals: Rivals): RaceWorkload {
  return {
    name: 'strings',
    title: 'Random strings of 21 symbols.',
    times: 100_000,
    contestants: {
      'randomString(21)': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(randomString(21))
        return sum
      },
      ...ifInstalled(rivals, 'nanoid', (rival) => {
        const nanoid = exported<() => string>(rival, 'nanoid')
        return {
          'nanoid()': (ids) => {
            let sum = 0
            for (let made = 0; made < ids; made++) sum += read(nanoid())
            return sum
          },
        }
      }),
      [FLOOR]: fixedTexts(),
    },
  }
}

function fixedTexts(): Loop {
  // Read in turn, because the compiler reads a text that is always the same only once.
  const texts = Array.from({ length: 256 }, (_, index) => `0123456789abcdef~${index}`)
  return (ids) => {
    let sum = 0
    for (let made = 0; made < ids; made++) sum += read(texts[made & 255] ?? '')
    return sum
  }
}

function read(text: string): number {
  return text.charCodeAt(text.length - 1)
}
