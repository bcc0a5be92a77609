import type { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { bodyOf, claimDue, type DueDelivery, giveBack, recordAttempt } from './deliveries.ts'
import type { Receiver } from './endpoints.ts'
import { sendWebhook } from './send-webhook.ts'

const CONCURRENCY = 8

/** The connections that may be made to a receiver; undefined: any. */
export type ChooseAgent = (receiver: Receiver) => Agent | undefined

/** Sends what is due for one receiver. */
export type ReceiverLoop = {
  start(): void
  /** Something may be due. */
  wake(): void
  /** The address or secret changed. */
  use(receiver: Receiver): void
  busy(): boolean
  /** Sends all that is due now, once, without start(). */
  sendDue(): Promise<void>
  stop(): Promise<void>
}

export function createReceiverLoop(
  ctx: EngineContext,
  first: Receiver,
  chooseAgent: ChooseAgent,
): ReceiverLoop {
  const stopping = new AbortController()
  const inFlight = new Set<Promise<void>>()
  let receiver = first
  let awake: () => void = () => undefined
  let pending = false
  let done: Promise<void> = Promise.resolve()
  const wake = () => {
    pending = true
    awake()
  }

  /** Begins what is due, as far as there are free slots. */
  async function begin(): Promise<number> {
    const free = CONCURRENCY - inFlight.size
    const due = free > 0 ? await claimDue(ctx.pool, receiver.key, ctx.clock(), free) : []
    const planned = ctx.settings.shuffleWebhooks ? shuffled([...due, ...due]) : due
    for (const delivery of planned) {
      const sent: Promise<void> = attempt(ctx, receiver, delivery, stopping.signal, chooseAgent)
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
    while (!stopping.signal.aborted) {
      pending = false
      const begun = await begin().catch((error) => {
        ctx.log.warn({ err: error }, 'due webhooks could not be read; trying again')
        return 0
      })
      if (begun > 0 || pending) continue
      await new Promise<void>((resolve) => {
        awake = resolve
      })
    }
    await Promise.all(inFlight)
  }
  return {
    wake,
    use(next) {
      receiver = next
    },
    busy: () => inFlight.size > 0,
    start() {
      done = loop()
    },
    async sendDue() {
      while ((await begin()) > 0) await Promise.all(inFlight)
    },
    async stop() {
      stopping.abort()
      wake()
      await done
      await Promise.all(inFlight)
    },
  }
}

async function attempt(
  ctx: EngineContext,
  receiver: Receiver,
  delivery: DueDelivery,
  signal: AbortSignal,
  chooseAgent: ChooseAgent,
): Promise<void> {
  if (ctx.settings.shuffleWebhooks) {
    const milliseconds = Math.random() * ctx.settings.webhookDelayMs
    await delay(milliseconds, undefined, { signal }).catch(() => undefined)
  }
  const body = bodyOf(delivery)
  const result = await sendWebhook(receiver, body, ctx.clock(), signal, () => chooseAgent(receiver))
  // An attempt cut off by our own stop is nobody's failure.
  if (signal.aborted && !result.delivered) return giveBack(ctx.pool, receiver.key, delivery)
  const gaveUp = await recordAttempt(ctx.pool, receiver, delivery, result, ctx.clock())
  if (!gaveUp) return
  const { status, error } = result
  const webhook = { type: delivery.type, eventId: delivery.eventId, webhookId: receiver.number }
  ctx.log.error({ ...webhook, status, error }, 'a webhook is given up: a day of attempts failed')
}

function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[items[last], items[other]] = [items[other]!, items[last]!]
  }
  return items
}
