// What the benches have a thread do for ever, after saying that it does.

export function nothing(): void {}

export function loop(entered: Int32Array): never {
  Atomics.store(entered, 0, 1)
  for (;;);
}

export function tryLoop(entered: Int32Array): never {
  Atomics.store(entered, 0, 1)
  for (;;) {
    try {
      for (;;);
    } finally {
      Math.random()
    }
  }
}

export function expression(entered: Int32Array): boolean {
  Atomics.store(entered, 0, 1)
  return /^(?:a+)+$/.test(`${'a'.repeat(60)}b`)
}

export function wait(entered: Int32Array): void {
  Atomics.store(entered, 0, 1)
  Atomics.wait(entered, 0, 1)
}

export function allocate(entered: Int32Array): never {
  Atomics.store(entered, 0, 1)
  let kept: unknown[] = []
  for (;;) {
    kept.push({ list: [kept.length] })
    if (kept.length > 10_000) kept = []
  }
}
