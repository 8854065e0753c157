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
import hyperid from 'hyperid'
import { nanoid } from 'nanoid'
import { v7 } from 'uuid'

/**
 * Makes so many ids and reads each of them: text that is put together out of pieces is not in one piece
 * before somebody reads it. Gives something that depends on all of them. Each contestant has a loop of its
 * own, because the compiler fits a loop to what it calls.
 */
export type Loop = (ids: number) => number

/** Who makes ids of one kind. */
export interface Workload {
  readonly name: string
  readonly title: string
  /** How many ids a turn makes. */
  readonly ids: number
  readonly contestants: Readonly<Record<string, Loop>>
  /** What a contestant is held to: so many times the rate of another. */
  readonly ratios?: readonly (readonly [one: string, bound: number, other: string])[]
  /** What a contestant is held to: so many million ids per second. */
  readonly millions?: Readonly<Record<string, number>>
}

const hyper = hyperid()
/** Read in turn, because the compiler reads a text that is always the same only once. */
const fixedTexts = Array.from({ length: 256 }, (_, index) => `0123456789abcdef~${index}`)
const sequence = new NumberSequence()
const blocks = new NumberSequence({ block: 1024 })
const cell = new BigInt64Array(new SharedArrayBuffer(8))
const cycleIds = new CycleIdGenerator({ address: '10.0.0.1', port: 8080 })
const cycleIdsV6 = new CycleIdGenerator({ address: '2001:db8::1', port: 8080 })
const snowflakes = new Snowflake({ node: 1, maxAheadMs: Infinity })

function read(text: string): number {
  return text.charCodeAt(text.length - 1)
}

export const workloads: readonly Workload[] = [
  {
    name: 'names',
    title: 'Names that are the process’s own, and a counter.',
    ids: 300_000,
    contestants: {
      'uniqueName()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(uniqueName('job'))
        return sum
      },
      hyperid: (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(hyper())
        return sum
      },
      'floor: texts that are there': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(fixedTexts[made & 255] ?? '')
        return sum
      },
    },
    ratios: [['uniqueName()', 1, 'hyperid']],
  },
  {
    name: 'uuids',
    title: 'UUIDs as text; those of `crypto.randomUUID()` are of version 4.',
    ids: 60_000,
    contestants: {
      'uuidv7()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(uuidv7())
        return sum
      },
      'uuid v7()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(v7())
        return sum
      },
      'crypto.randomUUID()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(randomUUID())
        return sum
      },
      'floor: texts that are there': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(fixedTexts[made & 255] ?? '')
        return sum
      },
    },
    ratios: [['uuidv7()', 8, 'uuid v7()']],
  },
  {
    name: 'numbers',
    title: 'Numbers of a count that all threads share, in one thread.',
    ids: 500_000,
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
    millions: { 'nextNumber()': 10 },
  },
  {
    name: 'bigints',
    title: 'Ids of 63, 128 and 232 bits.',
    ids: 300_000,
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
    millions: { 'CycleIdGenerator.next()': 3 },
  },
  {
    name: 'strings',
    title: 'Random strings of 21 symbols.',
    ids: 100_000,
    contestants: {
      'randomString(21)': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(randomString(21))
        return sum
      },
      'nanoid()': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(nanoid())
        return sum
      },
      'floor: texts that are there': (ids) => {
        let sum = 0
        for (let made = 0; made < ids; made++) sum += read(fixedTexts[made & 255] ?? '')
        return sum
      },
    },
  },
]
