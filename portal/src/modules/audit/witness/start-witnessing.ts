import { type Post, postOutside } from '#portal/platform/outside-post.ts'
import type { AuditLog, Witness } from '../compose-audit.ts'
import { tendWitness, type WitnessingParts } from './tend-witness.ts'

/** How often to look whether a witness is to be asked. */
const LOOK_MS = 2000

/** Has every head cosigned, as long as this process runs; any number of processes may do it. */
export function startWitnessing(app: WitnessingParts, log: AuditLog): { stop(): Promise<void> } {
  const ended = new AbortController()
  const post: Post = (url, body, options) => postOutside(url, body, { ...options, signal: ended.signal })
  // Each at its own pace: one that does not answer holds up nobody else.
  const loops = log.witnesses.map((witness) => startLoop(app, log, witness, post, ended.signal))
  return {
    async stop() {
      ended.abort()
      await Promise.all(loops)
    },
  }
}

async function startLoop(
  app: WitnessingParts,
  log: AuditLog,
  witness: Witness,
  post: Post,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(LOOK_MS, signal)
    if (signal.aborted) return
    await tendWitness(app, log, witness, post).catch((error: unknown) =>
      app.log.error({ err: error, witness: witness.name }, 'a witness could not be asked; trying again'),
    )
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
