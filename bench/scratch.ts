import { RwLock } from '@cupola/rw-lock'
import { RWLock as Roci } from '@rocicorp/lock'
import asyncRw from 'async-rwlock'
const N = 300_000
const ours = new RwLock(), roci = new Roci(), arw = new (asyncRw as any).RWLock()
const bare = { n: 0 }
const cases: Record<string, () => Promise<void> | void> = {
  'floor await': async () => { for (let i = 0; i < N; i++) { await Promise.resolve(bare) } },
  'ours read': async () => { for (let i = 0; i < N; i++) { const g = await ours.read(); g.release() } },
  'ours write': async () => { for (let i = 0; i < N; i++) { const g = await ours.write(); g.release() } },
  'roci read': async () => { for (let i = 0; i < N; i++) { const r = await roci.read(); r() } },
  'arw read': async () => { for (let i = 0; i < N; i++) { await arw.readLock(); arw.unlock() } },
  'ours tryRead': () => { for (let i = 0; i < N; i++) { const g = ours.tryRead(); g!.release() } },
  'bare field': () => { for (let i = 0; i < N; i++) { bare.n++; bare.n-- } },
  'ours contended': () => contend((w) => w ? ours.write() : ours.read(), (g: any) => g.release()),
  'roci contended': () => contend((w) => w ? roci.write() : roci.read(), (r: any) => r()),
  'arw contended': () => contend((w) => w ? arw.writeLock() : arw.readLock(), () => arw.unlock()),
}
async function contend(acquire: (w: boolean) => Promise<any>, release: (g: any) => void) {
  await Promise.all(Array.from({ length: 100 }, async (_, t) => {
    for (let i = 0; i < N / 100; i++) { const g = await acquire((t + i) % 10 === 0); await null; release(g) }
  }))
}
for (let round = 0; round < 5; round++) {
  const row: any = {}
  for (const [name, fn] of Object.entries(cases)) {
    const s = performance.now(); await fn(); row[name] = Math.round(N / (performance.now() - s) / 10) / 100
  }
  console.log(JSON.stringify(row))
}
