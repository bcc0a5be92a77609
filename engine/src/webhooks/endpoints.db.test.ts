import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { makeWebhook } from '#engine/api/system/v1/webhooks/create.ts'
import { changeWebhook } from '#engine/api/system/v1/webhooks/update.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { startWebhookSink, type WebhookSink } from '../../../tests/conformance/webhook-sink.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { emitEvent } from './emit.ts'
import { createWebhook, deleteWebhook, loadReceivers, updateWebhook } from './endpoints.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { listDeliveries, redeliver } from './redeliver.ts'
import { signWebhook } from './signature.ts'

let database: TestDatabase
let parts: EngineParts
let sink: WebhookSink
const outboxes: Outbox[] = []

beforeAll(async () => {
  database = await createTestDatabase('engine')
})
beforeEach(async () => {
  await database.pool.query('truncate engine.webhook_events, engine.webhook_endpoints cascade')
  sink = await startWebhookSink()
  parts = await startEngineParts(database)
  parts.setClock(new Date())
})
afterEach(async () => {
  await Promise.all(outboxes.splice(0).map((outbox) => outbox.stop()))
  await parts.stop()
  await sink.stop()
})
afterAll(() => database.close())

function startOutbox(of: EngineParts = parts): Outbox {
  const outbox = createOutbox(of.ctx)
  outbox.start()
  outboxes.push(outbox)
  return outbox
}
const emit = (id: string) =>
  inTransaction(parts.ctx.pool, (tx) =>
    emitEvent(tx, parts.ctx, { type: 'video.upload.created', object: { type: 'upload', id }, data: { id } }),
  )
const got = () => sink.received.map(({ event }) => event.object.id)
const soon = { timeout: 30_000 }

it('keeps the secret sealed, and signs with it', async () => {
  const { row, signingSecret } = await createWebhook(parts.ctx, sink.url)
  expect(row.sealed_secret).not.toContain(signingSecret)
  expect(await loadReceivers(parts.ctx)).toMatchObject([
    { key: row.id, secret: signingSecret, guarded: true },
  ])
  const stranger = {
    ...parts.ctx,
    settings: { ...parts.ctx.settings, sessionSecret: 'another secret, long enough' },
  }
  expect(await loadReceivers(stranger)).toEqual([])
  await emit('signed')
  await createOutbox(parts.ctx).sendDue()
  const { body, headers } = sink.received[0]!
  const seconds = Number(/^t=(\d+),/.exec(headers['mux-signature']!)![1])
  expect(headers['mux-signature']).toBe(signWebhook(signingSecret, body, new Date(seconds * 1000)))
})

it('loops of every process follow receivers as they come, change and go', async () => {
  const other = await startEngineParts(database, { folder: parts.ctx.settings.folder })
  startOutbox()
  startOutbox(other)
  const { row } = await createWebhook(other.ctx, sink.url)
  await emit('first')
  await vi.waitFor(() => expect(got()).toEqual(['first']), soon)
  await updateWebhook(parts.ctx, row.id, { enabled: false })
  await emit('never')
  await updateWebhook(parts.ctx, row.id, { enabled: true })
  await emit('second')
  await vi.waitFor(() => expect(got()).toEqual(['first', 'second']), soon)
  const moved = await startWebhookSink()
  sink.answerWith(500, () => true)
  await emit('third')
  await vi.waitFor(() => expect(got()).toContain('third'), soon)
  await updateWebhook(parts.ctx, row.id, { address: moved.url })
  parts.setClock(new Date(Date.now() + 10_000))
  await vi.waitFor(() => expect(moved.received.map(({ event }) => event.object.id)).toEqual(['third']), soon)
  expect(await deleteWebhook(other.ctx, row.id)).toBe(true)
  await emit('late')
  expect((await listDeliveries(database.pool, 'pending', 10)).length).toBe(0)
  await moved.stop()
  await other.stop()
})

it('gives up what waits for a deleted webhook, and its address is free again', async () => {
  const { row } = await createWebhook(parts.ctx, sink.url)
  await emit('waits')
  await deleteWebhook(parts.ctx, row.id)
  expect(await listDeliveries(database.pool, 'given-up', 10)).toMatchObject([
    { object_id: 'waits', last_error: 'the webhook was deleted' },
  ])
  const again = await createWebhook(parts.ctx, sink.url)
  expect(again.row.id).not.toBe(row.id)
  expect(await redeliver(parts.ctx, { eventId: null, endpoint: null })).toBe(0)
})

it('takes an address once, whoever asks at the same time', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 5 }, () => createWebhook(parts.ctx, sink.url)))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const { row } = await createWebhook(parts.ctx, `${sink.url}/other`)
  await expect(updateWebhook(parts.ctx, row.id, { address: sink.url })).rejects.toMatchObject({ status: 400 })
})

it('tells of giving up, and a redelivery begins a new day', async () => {
  const failed = vi.fn()
  parts.ctx.log.error = failed
  await createWebhook(parts.ctx, sink.url)
  sink.answerWith(500, () => true)
  await emit('refused')
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  await database.pool.query('update engine.webhook_events set created_at = $1', [yesterday])
  await createOutbox(parts.ctx).sendDue()
  expect(failed).toHaveBeenCalledWith(
    expect.objectContaining({ status: 500 }),
    expect.stringContaining('given up'),
  )
  const [given] = await listDeliveries(database.pool, 'given-up', 10)
  expect(await redeliver(parts.ctx, { eventId: given!.event_id, endpoint: null })).toBe(1)
  await createOutbox(parts.ctx).sendDue()
  // Refused again, but not given up: it has a day from now on.
  expect(await listDeliveries(database.pool, 'pending', 10)).toHaveLength(1)
  const { attempts } = sink.received[1]!.event as unknown as { attempts: unknown[] }
  expect(attempts).toHaveLength(1)
})

it('in test mode events come twice, late and out of order', async () => {
  parts.ctx.settings.shuffleWebhooks = true
  parts.ctx.settings.webhookDelayMs = 300
  await createWebhook(parts.ctx, sink.url)
  const ids = Array.from({ length: 12 }, (_, n) => `event-${n}`)
  for (const id of ids) await emit(id)
  await createOutbox(parts.ctx).sendDue()
  expect(got().toSorted()).toEqual([...ids, ...ids].toSorted())
  expect(got()).not.toEqual(ids.flatMap((id) => [id, id]))
})

it('refuses addresses inside of its own networks, at creation and at sending', async () => {
  parts.ctx.settings.allowedInputHosts = []
  const ask = (address: string) => makeWebhook.run({ ctx: parts.ctx, body: { address } } as never)
  for (const address of [
    'http://127.0.0.1/x',
    'http://10.0.0.1/x',
    'http://[::1]/x',
    'http://169.254.169.254/',
  ]) {
    await expect(ask(address), address).rejects.toMatchObject({ status: 400 })
  }
  const { row } = await createWebhook(parts.ctx, sink.url)
  const change = { ctx: parts.ctx, param: () => row.id, body: { address: 'http://192.168.0.1/' } }
  await expect(changeWebhook.run(change as never)).rejects.toMatchObject({ status: 400 })
  await emit('inside')
  const outbox = createOutbox(parts.ctx, () => {
    throw new Error('not allowed')
  })
  await outbox.sendDue()
  expect(sink.received).toEqual([])
  expect(await listDeliveries(database.pool, 'pending', 10)).toMatchObject([{ last_error: 'not allowed' }])
})
