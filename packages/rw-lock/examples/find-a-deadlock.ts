// Two accounts, two transfers in opposite directions, and two locks taken in opposite orders: it goes
// well for months. In debug mode the second order is refused the first time it is seen.
import assert from 'node:assert/strict'
import { BrokenError } from '@cupola/core'
import { RwLock } from '@cupola/rw-lock'

interface Account {
  balance: number
  readonly lock: RwLock
}

const open = (balance: number): Account => ({ balance, lock: new RwLock({ debug: true }) })

async function transfer(from: Account, to: Account, amount: number): Promise<void> {
  await from.lock.runWrite(() =>
    to.lock.runWrite(() => {
      from.balance -= amount
      to.balance += amount
    }),
  )
}

const ada = open(100)
const bob = open(0)
await transfer(ada, bob, 30)
const error: unknown = await transfer(bob, ada, 10).catch((reason: unknown) => reason)

assert.ok(error instanceof BrokenError)
assert.match(String(error.cause instanceof Error && error.cause.stack), /transfer/)
assert.deepEqual([ada.balance, bob.balance], [70, 30])
console.log(error.message)
