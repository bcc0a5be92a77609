type Waiting<A, R> = { ask: A; resolve: (answer: R | Promise<R>) => void; reject: (error: unknown) => void }

/**
 * Joins what is asked for at once into one round trip. The first ask goes with all that come in the same turn of the
 * event loop; those that come while it is under way go together after it. `run` answers each ask in its place; where it
 * fails, all of its asks fail; where an answer is still to come, its ask alone waits for it.
 * @param most asks in one round trip; the rest goes with the next
 * @param lingerMs after a round trip that was not alone, how long the next one waits for as many asks again: whoever
 * asks alone never waits, and a crowd shares a commit instead of going as one and the rest in turn
 */
export function gather<A, R>(
  run: (asks: A[]) => Promise<(R | Promise<R>)[]>,
  most: number,
  lingerMs = 0,
): (ask: A) => Promise<R> {
  const queue: Waiting<A, R>[] = []
  let draining = false
  let crowd: { size: number; isThere: () => void } | null = null

  async function drain(): Promise<void> {
    // What arrived on other connections in this turn goes along.
    await new Promise(setImmediate)
    do {
      const batch = queue.splice(0, most)
      try {
        const answers = await run(batch.map(({ ask }) => ask))
        for (const [place, { resolve }] of batch.entries()) resolve(answers[place] as R | Promise<R>)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      await untilThere(Math.min(most, batch.length + queue.length))
    } while (queue.length > 0)
    draining = false
  }

  async function untilThere(size: number): Promise<void> {
    if (lingerMs === 0 || size < 2 || queue.length >= size) return
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, lingerMs).unref()
      crowd = {
        size,
        isThere: () => {
          clearTimeout(late)
          resolve()
        },
      }
    })
    crowd = null
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      queue.push({ ask, resolve, reject })
      if (crowd && queue.length >= crowd.size) crowd.isThere()
      if (draining) return
      draining = true
      void drain()
    })
}
