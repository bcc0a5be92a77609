/**
 * Asks again and again until the answer is 403; gives when the last request that was still served was made, by
 * `performance.now()`, or 0. Held against the moment of a revoke this shows how long it was served, however busy the
 * machine is: who stands still meanwhile asks nothing.
 * @throws Error where it is neither served nor refused
 */
export async function lastServed(ask: () => Promise<number>): Promise<number> {
  for (let last = 0; ; ) {
    const asked = performance.now()
    const status = await ask()
    if (status === 403) return last
    if (status !== 200) throw new Error(`neither served nor refused: ${status}`)
    last = asked
  }
}
