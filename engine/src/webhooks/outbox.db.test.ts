import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { inTransaction } from '#engine/platform/db.ts'
import { startWebhookSink, type WebhookSink } from '../../../tests/conformance/webhook-sink.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { claimDue } from './deliveries.ts'
import { emitEvent } from './emit.ts'
import { createOutbox, pruneEvents } from './outbox.ts'

let database: TestDatabase
let sink: WebhookSink
let slow: WebhookSink
const running: EngineParts[] = []

beforeAll(async () => {
  database = await createTestDatabase('engine')
})
beforeEach(async () => {
  await database.pool.query('truncate engine.webhook_events cascade')
  sink = await startWebhookSink()
  slow = await startWebhookSink()
  return async () => {
    await Promise.all(running.splice(0).map((parts) => parts.stop()))
    await Promise.all([sink.stop(), slow.stop()])
  }
})
afterAll(() => database.close())

async function engine(options: { shuffleWebhooks?: boolean; both?: boolean } = {}): Promise<EngineParts> {
  const webhooks = [{ url: sink.url, secret: 's' }, ...(options.both ? [{ url: slow.url, secret: 's' }] : [])]
  const parts = await startEngineParts(database, {
    webhooks,
    shuffleWebhooks: options.shuffleWebhooks ?? false,
  })
  running.push(parts)
  return parts
}

const emit = (parts: EngineParts, id: string) =>
  inTransaction(parts.ctx.pool, (tx) =>
    emitEvent(tx, parts.ctx, { type: 'video.upload.created', object: { type: 'upload', id }, data: { id } }),
  )

const start = new Date('2026-11-01T00:00:00Z').getTime()
const ids = (from: WebhookSink) => from.received.map(({ event }) => event.object.id)

it('[MUX-02] sends what was committed, in order, and nothing that was rolled back', async () => {
  const parts = await engine()
  await emit(parts, 'one')
  await emit(parts, 'two')
  await inTransaction(parts.ctx.pool, async (tx) => {
    await emitEvent(tx, parts.ctx, {
      type: 'video.upload.created',
      object: { type: 'upload', id: 'never' },
      data: {},
    })
    throw new Error('rolled back')
  }).catch(() => undefined)
  await createOutbox(parts.ctx).sendDue()
  expect(ids(sink).toSorted()).toEqual(['one', 'two'])
})

it('[MUX-03] tries again after 5 s, 30 s, 2 min … and gives up after a day', async () => {
  const parts = await engine()
  const outbox = createOutbox(parts.ctx)
  sink.answerWith(500, () => true)
  await emit(parts, 'refused')
  const waits: number[] = []
  for (let now = start; now < start + 25 * 3_600_000; ) {
    parts.setClock(new Date(now))
    await outbox.sendDue()
    const { rows } = await database.pool.query(
      'select next_attempt_at, gave_up_at from engine.webhook_deliveries',
    )
    if (rows[0].gave_up_at) break
    waits.push((rows[0].next_attempt_at.getTime() - now) / 1000)
    now = rows[0].next_attempt_at.getTime()
  }
  for (const [n, seconds] of [5, 30, 120, 600, 1800, 3600, 3600].entries()) {
    expect(waits[n]).toBeGreaterThanOrEqual(seconds)
    expect(waits[n]).toBeLessThanOrEqual(seconds * 1.2)
  }
  const { rows } = await database.pool.query(
    'select attempt_count, attempts, last_status from engine.webhook_deliveries',
  )
  expect(rows[0]).toMatchObject({ attempt_count: waits.length + 1, last_status: 500 })
  expect(rows[0].attempts).toHaveLength(waits.length + 1)
  expect(sink.received).toHaveLength(waits.length + 1)
})

it('[MUX-03] a receiver that hangs holds up no other', async () => {
  const parts = await engine({ both: true })
  const outbox = createOutbox(parts.ctx)
  slow.answerWith(0, () => true)
  outbox.start()
  for (let n = 0; n < 20; n += 1) await emit(parts, `event-${n}`)
  await vi.waitFor(() => expect(sink.received).toHaveLength(20), 30_000)
  // It asks for eight at once, and for the next ones when these were given up after five seconds.
  expect(slow.received.length).toBeLessThan(20)
  await outbox.stop()
})

it('[MUX-03] takes over from a sender that died in the middle', async () => {
  const parts = await engine()
  await emit(parts, 'orphan')
  expect(await claimDue(parts.ctx.pool, sink.url, parts.ctx.clock(), 10)).toHaveLength(1)
  const outbox = createOutbox(parts.ctx)
  await outbox.sendDue()
  expect(sink.received).toHaveLength(0)
  expect(await outbox.idle()).toBe(false)
  parts.setClock(new Date(start + 21_000))
  await outbox.sendDue()
  expect(ids(sink)).toEqual(['orphan'])
  expect(await outbox.idle()).toBe(true)
})

it('[MUX-03] in test mode each event comes twice', async () => {
  const parts = await engine({ shuffleWebhooks: true })
  const sent = Array.from({ length: 6 }, (_, n) => `event-${n}`)
  for (const id of sent) await emit(parts, id)
  await createOutbox(parts.ctx).sendDue()
  expect(ids(sink).toSorted()).toEqual([...sent, ...sent].toSorted())
})

it('counts a redirect as a refusal', async () => {
  const parts = await engine()
  sink.answerWith(307, () => true)
  await emit(parts, 'redirected')
  await createOutbox(parts.ctx).sendDue()
  const { rows } = await database.pool.query(
    'select delivered_at, last_status from engine.webhook_deliveries',
  )
  expect(rows).toEqual([{ delivered_at: null, last_status: 307 }])
})

it('forgets events after 30 days', async () => {
  const parts = await engine()
  await emit(parts, 'old')
  parts.setClock(new Date(start + 31 * 24 * 3_600_000))
  await emit(parts, 'young')
  await pruneEvents(parts.ctx)
  const { rows } = await database.pool.query('select object_id from engine.webhook_events')
  expect(rows).toEqual([{ object_id: 'young' }])
})
