import { it } from 'vitest'

/** Something that is so of every implementation of an interface. */
export interface Fact<Subject> {
  /** In the third person, as all tests are named. */
  readonly title: string
  /** @param subject - A new one. */
  check(subject: Subject): Promise<void> | void
}

/** Tests whether an implementation is as its contract says, fact by fact. */
export function itHolds<Subject>(facts: readonly Fact<Subject>[], create: () => Subject): void {
  it.each(facts)('$title', ({ check }) => check(create()))
}
