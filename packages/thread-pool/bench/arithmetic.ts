// The worker module of the benchmarks: a call that costs nothing.

export function add(a: number, b: number): number {
  return a + b
}
