import { afterAll, beforeAll, expect, it } from 'vitest'
import { settleAndFollow } from '#portal/modules/uploads/follow-upload.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { receiveWebhook } from '#portal/modules/webhooks/receive-webhook.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import { watchLateEvents } from './watch-late-events.ts'

const MINUTE = 60_000
const WORK = 'webhooks.late:mux:video.asset.ready:work'
const DELIVERY = 'webhooks.late:mux:video.asset.ready:delivery'

let t: TestApp
let owner: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  owner = await t.person('agency')
})
afterAll(() => t?.stop())

const system = () => t.app.newContext({ kind: 'system', id: 'test' })
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows

/** The portal knows that the service works on it. */
async function arrived() {
  const file = { filename: 'Heat 2.mp4', contentType: 'video/mp4', size: 1000 }
  const { id, uploadUrl } = await t.app.call(startUpload, file, t.app.newContext(owner))
  await fetch(uploadUrl, { method: 'PUT', body: 'bytes' })
  const asset = [...t.mux.assets.values()].at(-1)!
  await settleAndFollow(t.app, system(), id)
  return { id, asset }
}

async function tell(type: string, asset: Awaited<ReturnType<typeof arrived>>['asset']) {
  const text = t.mux.event(type, asset)
  const body = Buffer.from(text)
  const signature = t.mux.sign(text, { at: t.app.clock() })
  const input = { body, bodyBytes: body.length, signature }
  await t.app.call(receiveWebhook, input, t.app.newContext(ANONYMOUS))
}

async function lateAlerts() {
  await watchLateEvents(t.app, system())
  return await query(
    `select key, details from alerts where resolved_at is null and key like 'webhooks.late:%' order by key`,
  )
}

it('[MUX-06] a file that is worked on for longer than an hour is told of, until it is ready', async () => {
  const { id, asset } = await arrived()
  await tell('video.asset.created', asset)
  t.advance(55 * MINUTE)
  expect(await lateAlerts()).toEqual([])
  t.advance(10 * MINUTE)
  const [alert] = await lateAlerts()
  expect(alert).toMatchObject({ key: WORK, details: { asset: asset.id, late: 1, late_after_minutes: 60 } })
  t.mux.finish(asset.id)
  await tell('video.asset.ready', asset)
  await settleAndFollow(t.app, system(), id)
  expect(await lateAlerts()).toEqual([])
})

it('[MUX-06] with a history of swift news, news that does not come is told of after minutes, until it comes', async () => {
  for (let n = 0; n < 20; n += 1) {
    const { id, asset } = await arrived()
    await tell('video.asset.created', asset)
    t.advance(MINUTE / 2)
    t.mux.finish(asset.id)
    await tell('video.asset.ready', asset)
    await settleAndFollow(t.app, system(), id)
  }
  expect(await lateAlerts()).toEqual([])
  const { id, asset } = await arrived()
  t.mux.finish(asset.id)
  // Found out by asking; of its event nothing was heard.
  await settleAndFollow(t.app, system(), id)
  t.advance(9 * MINUTE)
  expect(await lateAlerts()).toEqual([])
  t.advance(2 * MINUTE)
  const [alert] = await lateAlerts()
  expect(alert).toMatchObject({
    key: DELIVERY,
    details: { asset: asset.id, minutes: 11, late_after_minutes: 10 },
  })
  await tell('video.asset.ready', asset)
  expect(await lateAlerts()).toEqual([])
}, 120_000)
