import type { EngineContext } from '#engine/platform/engine-context.ts'
import { anyDue, bodyOf, claimDue, type DueDelivery, giveBack, recordAttempt } from './deliveries.ts'
import { OUTBOX_CHANNEL } from './emit.ts'
import { sendWebhook } from './send-webhook.ts'

const CONCURRENCY = 8
/** Only for retries that come due, and for a lost notification. */
const POLL_MS = 1000
const KEEP_EVENTS_MS = 30 * 24 * 3600_000

/** Sends what the outbox holds. Each endpoint has a loop of its own, so a slow one holds up nobody else. */
export type Outbox = {
  start(): void
  /** True if nothing is due or in flight. */
  idle(): Promise<boolean>
  /** Sends all that is due now, once, without start(). */
  sendDue(): Promise<void>
  stop(): Promise<void>
}

export function createOutbox(ctx: EngineContext): Outbox {
  const endpoints = [...new Map(ctx.settings.webhooks.map((each) => [each.url, each])).values()]
  const stopping = new AbortController()
  const loops = endpoints.map((endpoint) => createLoop(ctx, endpoint, stopping.signal))
  ctx.session.listen(OUTBOX_CHANNEL, () => {
    for (const loop of loops) loop.wake()
  })
  return {
    start() {
      for (const loop of loops) loop.start()
    },
    idle: async () =>
      !(await anyDue(
        ctx.pool,
        endpoints.map(({ url }) => url),
        ctx.clock(),
      )),
    async sendDue() {
      await Promise.all(loops.map((loop) => loop.sendDue()))
    },
    async stop() {
      stopping.abort()
      await Promise.all(loops.map((loop) => loop.ended()))
    },
  }
}

function createLoop(ctx: EngineContext, endpoint: { url: string; secret: string }, signal: AbortSignal) {
  const inFlight = new Set<Promise<void>>()
  let awake: () => void = () => undefined
  let pending = false
  let done: Promise<void> = Promise.resolve()
  const wake = () => {
    pending = true
    awake()
  }
  signal.addEventListener('abort', wake, { once: true })

  /** Begins what is due, as far as there are free slots. */
  async function begin(): Promise<number> {
    const free = CONCURRENCY - inFlight.size
    const due = free > 0 ? await claimDue(ctx.pool, endpoint.url, ctx.clock(), free) : []
    const planned = ctx.settings.shuffleWebhooks ? shuffled([...due, ...due]) : due
    for (const delivery of planned) {
      const sent: Promise<void> = attempt(ctx, endpoint, delivery, signal)
        .catch((error) => ctx.log.warn({ err: error }, 'a webhook attempt could not be recorded'))
        .finally(() => {
          inFlight.delete(sent)
          wake()
        })
      inFlight.add(sent)
    }
    return due.length
  }
  async function loop() {
    while (!signal.aborted) {
      pending = false
      const begun = await begin().catch((error) => {
        ctx.log.warn({ err: error }, 'due webhooks could not be read; trying again')
        return 0
      })
      if (begun > 0 || pending) continue
      await new Promise<void>((resolve) => {
        awake = resolve
        setTimeout(resolve, POLL_MS).unref()
      })
    }
    await Promise.all(inFlight)
  }
  return {
    wake,
    start() {
      done = loop()
    },
    async sendDue() {
      while ((await begin()) > 0) await Promise.all(inFlight)
    },
    ended: () => done,
  }
}

async function attempt(
  ctx: EngineContext,
  endpoint: { url: string; secret: string },
  delivery: DueDelivery,
  signal: AbortSignal,
): Promise<void> {
  const result = await sendWebhook(endpoint, bodyOf(delivery), ctx.clock(), signal)
  // An attempt cut off by our own stop is nobody's failure.
  if (signal.aborted && !result.delivered) return giveBack(ctx.pool, endpoint.url, delivery)
  await recordAttempt(ctx.pool, endpoint.url, delivery, result, ctx.clock())
}

function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[items[last], items[other]] = [items[other]!, items[last]!]
  }
  return items
}

/** Forgets events, and how they were delivered, after 30 days. */
export async function pruneEvents(ctx: EngineContext): Promise<void> {
  await ctx.pool.query('delete from engine.webhook_events where created_at < $1', [
    new Date(ctx.clock().getTime() - KEEP_EVENTS_MS),
  ])
}
