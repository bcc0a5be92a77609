import type { EngineContext } from '#engine/platform/engine-context.ts'
import { receiversInNeed } from './deliveries.ts'
import { OUTBOX_CHANNEL } from './emit.ts'
import { ENDPOINTS_CHANNEL, loadReceivers } from './endpoints.ts'
import { type ChooseAgent, createReceiverLoop, type ReceiverLoop } from './receiver-loop.ts'

/** Only for retries that come due, and for a lost notification. */
const POLL_MS = 1000
/** Changes of receivers are told; this is for a telling that got lost. */
const RELOAD_MS = 5000
const KEEP_EVENTS_MS = 30 * 24 * 3600_000
/** A delivery of a receiver that is no more is given up this long after its event. */
const ORPHANED_MS = 25 * 3600_000

/** Sends what the outbox holds. Each receiver has a loop of its own, so a slow one holds up nobody else. */
export type Outbox = {
  start(): void
  /** True if nothing is due or in flight. */
  idle(): Promise<boolean>
  /** Sends all that is due now, once, without start(). */
  sendDue(): Promise<void>
  stop(): Promise<void>
}

export function createOutbox(ctx: EngineContext, chooseAgent: ChooseAgent = () => undefined): Outbox {
  const loops = new Map<string, ReceiverLoop>()
  const ending = new Set<Promise<void>>()
  let started = false
  let stopped = false
  let reloading: Promise<void> | null = null
  let again = false
  const timers: NodeJS.Timeout[] = []

  async function reload(): Promise<void> {
    const receivers = await loadReceivers(ctx)
    if (stopped) return
    const keys = new Set(receivers.map(({ key }) => key))
    for (const [key, loop] of loops) {
      if (keys.has(key)) continue
      loops.delete(key)
      const ended: Promise<void> = loop.stop().finally(() => ending.delete(ended))
      ending.add(ended)
    }
    for (const receiver of receivers) {
      const known = loops.get(receiver.key)
      if (known) {
        known.use(receiver)
        continue
      }
      const loop = createReceiverLoop(ctx, receiver, chooseAgent)
      loops.set(receiver.key, loop)
      if (started) loop.start()
    }
  }
  /** One at a time; a call that comes while one runs makes it run once more. */
  function reloadSoon(): Promise<void> {
    again = true
    reloading ??= (async () => {
      while (again) {
        again = false
        await reload().catch((error) => {
          if (!stopped) ctx.log.warn({ err: error }, 'the webhooks could not be read; trying again')
        })
      }
    })().finally(() => {
      reloading = null
    })
    return reloading
  }
  async function wakeDue(): Promise<void> {
    const due = await receiversInNeed(ctx.pool, [...loops.keys()], ctx.clock()).catch(() => [])
    for (const key of due) loops.get(key)?.wake()
  }
  ctx.session.listen(OUTBOX_CHANNEL, () => {
    for (const loop of loops.values()) loop.wake()
  })
  ctx.session.listen(ENDPOINTS_CHANNEL, () => {
    if (started) void reloadSoon()
  })
  return {
    start() {
      started = true
      for (const loop of loops.values()) loop.start()
      void reloadSoon()
      timers.push(setInterval(() => void wakeDue(), POLL_MS).unref())
      timers.push(setInterval(() => void reloadSoon(), RELOAD_MS).unref())
    },
    async idle() {
      if ([...loops.values()].some((loop) => loop.busy())) return false
      const keys = (await loadReceivers(ctx)).map(({ key }) => key)
      return (await receiversInNeed(ctx.pool, keys, ctx.clock())).length === 0
    },
    async sendDue() {
      await reloadSoon()
      await Promise.all([...loops.values()].map((loop) => loop.sendDue()))
    },
    async stop() {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await reloading
      await Promise.all([...[...loops.values()].map((loop) => loop.stop()), ...ending])
    },
  }
}

/** Gives up what waits for receivers that are no more, and forgets events after 30 days. */
export async function pruneEvents(ctx: EngineContext): Promise<void> {
  const now = ctx.clock()
  await ctx.pool.query(
    `update engine.webhook_deliveries d set next_attempt_at = null, gave_up_at = $1,
       last_error = 'there is no such webhook any more'
     from engine.webhook_events e
     where d.next_attempt_at is not null and e.id = d.event_id and coalesce(d.retry_from, e.created_at) < $2
       and d.endpoint <> all($3) and not exists (select 1 from engine.webhook_endpoints w where w.id = d.endpoint)`,
    [now, new Date(now.getTime() - ORPHANED_MS), ctx.settings.webhooks.map(({ url }) => url)],
  )
  await ctx.pool.query('delete from engine.webhook_events where created_at < $1', [
    new Date(now.getTime() - KEEP_EVENTS_MS),
  ])
}
