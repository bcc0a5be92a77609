import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Order, Slice, Target } from './request-loop.ts'

const LOOP = fileURLToPath(new URL('./request-loop.ts', import.meta.url))

export type LoadGenerator = {
  /** Sends POSTs to the targets in turn, over so many connections at once, for so long. */
  run(ms: number): Promise<Slice>
  stop(): void
}

/** Starts the load generator's process. */
export async function startLoad(targets: Target[], connections: number): Promise<LoadGenerator> {
  const child = fork(LOOP, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code}`)
  })
  // Also where it is stopped, and nobody waits.
  died.catch(() => {})
  const order = async (message: Order): Promise<unknown> => {
    const answered = once(child, 'message')
    child.send(message)
    const [answer] = await Promise.race([answered, died])
    return answer
  }
  await order({ targets, connections })
  return {
    run: async (ms) => (await order({ ms })) as Slice,
    stop: () => void child.kill(),
  }
}
