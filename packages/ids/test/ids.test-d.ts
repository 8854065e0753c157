// Checked by the compiler alone: each line compiles, or does not where it says so.
import {
  CachedIds,
  CycleIdGenerator,
  type HighWaterMark,
  nextNumber,
  NumberSequence,
  randomString,
  Snowflake,
  uniqueName,
  uuidv7,
  UuidV7,
} from '@cupola/ids'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(proof: Equal<A, B>): void

const number = nextNumber()
same<typeof number, number>(true)
const cached = new CachedIds(() => nextNumber())
const taken = cached.take(2)
same<typeof taken, number[]>(true)
const ordered = UuidV7.compare('', '')
same<typeof ordered, -1 | 0 | 1>(true)

// Options may be forwarded as they came, `undefined` included.
declare const undefinedNumber: number | undefined
declare const undefinedText: string | undefined
void new NumberSequence({ start: undefinedNumber, limit: undefinedNumber, cycle: undefined })
void new Snowflake({ node: 1, epoch: undefinedNumber, clock: undefined, after: undefined })
void new UuidV7({ after: undefinedText, drawAhead: undefinedNumber })
void [
  uniqueName(undefinedText),
  randomString(3, undefinedText),
  nextNumber(undefinedText),
  uuidv7(),
]

// A mark of one's own.
const mark: HighWaterMark = { read: async () => 5n, reserve: async () => {} }
void CycleIdGenerator.open({ address: '::1', port: 1, mark })

// @ts-expect-error the node is always said
void new Snowflake({})
// @ts-expect-error an id is a bigint, digits or bytes
CycleIdGenerator.parse(5)
// @ts-expect-error without a mark it is not restart-safe, and needs no opening
void CycleIdGenerator.open({ address: '::1', port: 1 })
// @ts-expect-error a counter has more bits than a number
void new CycleIdGenerator({ address: '::1', port: 1, start: 5 })
// @ts-expect-error a handle is not made by hand
NumberSequence.attach({ count: new BigInt64Array(1) })
// @ts-expect-error how long it is has to be said
randomString()
