import { RwLock } from '@cupola/rw-lock'
const N = 10_000_000
const ours = new RwLock()
class G { #k: any; constructor(k: any) { this.#k = k } release() { const k = this.#k; if (k === undefined) return; this.#k = undefined; k.n-- } }
class K { n = 0; take() { this.n++; return new G(this) } }
const k = new K()
class G2 { k: any; constructor(k: any) { this.k = k } release() { const k = this.k; if (k === undefined) return; this.k = undefined; k.n-- } }
class K2 { n = 0; take() { this.n++; return new G2(this) } }
const k2 = new K2()
const cases: any = {
  tryRead: () => { for (let i = 0; i < N; i++) { ours.tryRead()!.release() } },
  privateGuard: () => { for (let i = 0; i < N; i++) { k.take().release() } },
  publicGuard: () => { for (let i = 0; i < N; i++) { k2.take().release() } },
}
for (let round = 0; round < 5; round++) {
  const row: any = {}
  for (const [name, fn] of Object.entries<any>(cases)) {
    const s = process.cpuUsage().user; fn(); row[name] = Math.round(N / ((process.cpuUsage().user - s)/1000) / 10) / 100
  }
  console.log(JSON.stringify(row))
}
