import {
  CycleIdGenerator,
  NumberSequence,
  parseUniqueName,
  Snowflake,
  UniqueNames,
  UuidV7,
} from '@cupola/ids'
import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'

/** What is parsed and written again. */
interface Kind {
  readonly make: () => string
  /** Throws, or gives the text that an id of those parts has. */
  readonly readAndWrite: (text: string) => string
  /** What is left out of the comparison: letters of either case, zeros in front. */
  readonly plain?: (text: string) => string
}

const EPOCH = 1_735_689_600_000
const PREFIXES = ['', 'upload', 'ü x', 'con.txt', '.a', '=41'] as const

const names = new UniqueNames({ host: 'web-1' })
const four = new CycleIdGenerator({ address: '10.0.0.1', port: 1 })
const six = new CycleIdGenerator({ address: '2001:db8::1', port: 65_535 })
const snowflakes = new Snowflake({ node: 7, maxAheadMs: Infinity, epoch: EPOCH })
const uuids = new UuidV7()
let made = 0

const withoutZeros = (text: string): string => text.toLowerCase().replace(/^(0x)?0*/, '')

const kinds: Readonly<Record<string, Kind>> = {
  names: { make: () => names.next(PREFIXES[made++ % 6]), readAndWrite: nameAgain },
  'ids of IPv4': {
    make: () => CycleIdGenerator.toHex(four.next()),
    readAndWrite: cycleIdAgain,
    plain: withoutZeros,
  },
  'ids of IPv6': {
    make: () => CycleIdGenerator.toHex(six.next(), '0x'),
    readAndWrite: cycleIdAgain,
    plain: withoutZeros,
  },
  UUIDs: {
    make: () => uuids.next(),
    readAndWrite: (text) => UuidV7.format(UuidV7.parse(text)),
    plain: (text) => text.toLowerCase(),
  },
  snowflakes: {
    make: () => snowflakes.nextText(),
    readAndWrite: snowflakeAgain,
    plain: withoutZeros,
  },
  numbers: {
    make: () => NumberSequence.toHex(made++ * 104_729),
    readAndWrite: (text) => NumberSequence.toHex(NumberSequence.parseHex(text)),
    plain: withoutZeros,
  },
}

function nameAgain(text: string): string {
  const { prefix, host, pid, thread, nonce, counter } = parseUniqueName(text)
  const begin = new UniqueNames({ host, pid: () => pid, thread }).next(prefix)
  const digits = counter.toString(16).padStart(2, '0')
  return begin.replace(/~[0-9a-f]{16}~00$/, `~${nonce}~${digits}`)
}

function cycleIdAgain(text: string): string {
  const { address, port, counter } = CycleIdGenerator.parse(text)
  return CycleIdGenerator.toHex(new CycleIdGenerator({ address, port, start: counter }).next())
}

function snowflakeAgain(text: string): string {
  const { timestamp, node, sequence } = snowflakes.parse(text)
  return String((BigInt(timestamp - EPOCH) << 22n) | BigInt((node << 12) | sequence))
}

const STRANGE = Array.from('0123456789abcdefABCDEFxXg~=-_.: \n\0é🙂\uD800')

/** A text that was changed at up to three places. */
function changed(text: string, below: (limit: number) => number): string {
  const symbol = STRANGE[below(STRANGE.length)] ?? ''
  const at = below(text.length + 1)
  const [head, tail] = [text.slice(0, at), text.slice(at)]
  const changes = [
    text,
    head,
    tail + head,
    head + symbol + tail,
    head + tail.slice(1),
    head + symbol + tail.slice(1),
  ]
  return changes[below(changes.length)] ?? ''
}

describe.each(Object.entries(kinds))('%s that were changed by chance', (name, kind) => {
  it('are refused with an error that says so, or come back as they were', () => {
    const draw = randomFrom(printedSeed(`parsing ${name}`))
    const below = (limit: number): number => Math.floor(draw() * limit)
    const { make, readAndWrite, plain = String } = kind
    let accepted = 0

    for (let round = 0; round < 17_000; round++) {
      const text = changed(changed(changed(make(), below), below), below)
      try {
        if (plain(readAndWrite(text)) !== plain(text))
          expect.fail(`accepted ${JSON.stringify(text)}`)
        accepted++
      } catch (error) {
        if (!/^(Type|Range)Error: Cannot (use|parse) /.test(String(error))) throw error
      }
    }

    expect(accepted).toBeGreaterThan(100)
  })
})
