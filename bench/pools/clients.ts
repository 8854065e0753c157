/** Makes so many calls, so many of them in flight: as soon as one has settled, the next is made. */
export async function callsInFlight(
  calls: number,
  inFlight: number,
  call: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < calls) await call(next++)
  }
  await Promise.all(Array.from({ length: inFlight }, client))
}
