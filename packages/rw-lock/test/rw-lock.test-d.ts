import { RwLock, type ReadGuard, type UpgradableGuard, type WriteGuard } from '@cupola/rw-lock'

const lock = new RwLock({ policy: 'fifo', debug: true })

// Each call gives the guard of its kind.
const reading: ReadGuard = await lock.read()
const writing: WriteGuard = await lock.write({ timeout: 5, signal: undefined })
const deciding: UpgradableGuard = await lock.upgradable({})
const tried: ReadGuard | undefined = lock.tryRead()
const upgraded: WriteGuard = await deciding.upgrade()
const downgraded: ReadGuard = writing.downgrade()
const length: number = await lock.runRead(async () => 'abc'.length)
const same: string = await lock.runWrite(() => 'abc')
void [reading, tried, upgraded, downgraded, length, same]

// @ts-expect-error -- a reader has nothing to downgrade to
reading.downgrade()
// @ts-expect-error -- nor may it write
await reading.upgrade()
// @ts-expect-error -- only guards release
lock.release()
// @ts-expect-error -- no such policy
void new RwLock({ policy: 'fair' })
// @ts-expect-error -- a timeout goes into the options
await lock.read(500)
// @ts-expect-error -- a snapshot does not change
lock.stats().readers = 0
