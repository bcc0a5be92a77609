import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createUnsignedReporter } from './report-unsigned.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(async () => await t?.stop())

it('[SPS-05] [SPS-11] tells log and security alert of unsigned requests, by the video and not by its playback ID', async () => {
  const video = await t.video(await t.person('agency'))
  const report = createUnsignedReporter(t.app)
  const request = { playbackId: `playback-${video}`, resource: 'video', remoteAddress: '203.0.113.9' }
  report({ ...request, reason: 'no_token' })
  report({ ...request, reason: 'session_ended' })
  report({ ...request, reason: 'bad_signature' })
  report({ ...request, reason: 'replayed' })
  const told = async () => (await t.events()).filter((event) => event.action === 'playback.refuse')
  await vi.waitFor(async () => expect(await told()).toHaveLength(3), { timeout: 30_000 })
  const events = await told()
  expect(events.map((event) => event.reason).toSorted()).toEqual(['bad_signature', 'no_token', 'replayed'])
  expect(events[0]?.target).toEqual({ type: 'video', id: video })
  expect(JSON.stringify(events)).not.toMatch(/playback-vid|203\.0/)
  const { rows } = await t.app.pool.query(
    `select key, severity, count from alerts where key like 'playback.%' order by key`,
  )
  expect(rows).toEqual([
    { key: 'playback.replayed', severity: 'warning', count: 1 },
    { key: 'playback.unsigned', severity: 'warning', count: 2 },
  ])
})
