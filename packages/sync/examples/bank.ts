// Moves money between accounts. Each transfer reads two balances, thinks, and writes both: it needs both
// accounts for itself, in whatever order it names them, and must not wait for transfers between others.
import assert from 'node:assert/strict'
import { setImmediate as think } from 'node:timers/promises'
import { KeyedMutex } from '@cupola/sync'

const balances = new Map([
  ['Ada', 100],
  ['Bob', 100],
  ['Cyd', 100],
])
const accounts = new KeyedMutex<string>()

async function transfer(from: string, to: string, amount: number): Promise<boolean> {
  return await accounts.runAll([from, to], async () => {
    const [before, after] = [balances.get(from) ?? 0, balances.get(to) ?? 0]
    if (before < amount) return false
    await think()
    balances.set(from, before - amount).set(to, after + amount)
    return true
  })
}

const results = await Promise.all([
  transfer('Ada', 'Bob', 80),
  transfer('Bob', 'Ada', 150),
  transfer('Bob', 'Cyd', 50),
  transfer('Cyd', 'Ada', 10),
])
const total = [...balances.values()].reduce((sum, balance) => sum + balance)
assert.equal(total, 300)
assert.equal(accounts.size, 0)
console.log(`${results.filter(Boolean).length} of ${results.length} transfers, nothing lost.`)
for (const [name, balance] of balances) console.log(`${name} has ${balance}`)
