type Waiting<A, R> = { ask: A; resolve: (answer: R) => void; reject: (error: unknown) => void }

/**
 * Joins what is asked for at once into one round trip. The first ask goes with all that come in the same turn of the
 * event loop; those that come while it is under way go together after it. `run` answers each ask in its place; where it
 * fails, all of its asks fail.
 * @param most asks in one round trip; the rest goes with the next
 */
export function gather<A, R>(run: (asks: A[]) => Promise<R[]>, most: number): (ask: A) => Promise<R> {
  const queue: Waiting<A, R>[] = []
  let draining = false

  async function drain(): Promise<void> {
    // What arrived on other connections in this turn goes along.
    await new Promise(setImmediate)
    while (queue.length > 0) {
      const batch = queue.splice(0, most)
      try {
        const answers = await run(batch.map(({ ask }) => ask))
        for (const [place, { resolve }] of batch.entries()) resolve(answers[place] as R)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    draining = false
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      queue.push({ ask, resolve, reject })
      if (draining) return
      draining = true
      void drain()
    })
}
