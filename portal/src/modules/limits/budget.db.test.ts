import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import type { Actor } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { limiterOf } from './check-request.ts'
import { getBudgetLevel, setBudgetLevel } from './set-budget-level.ts'

const HOUR_MS = 3_600_000

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const system: Actor = { kind: 'system', id: 'cost-monitoring' }
const level = (level: string, hours: number) =>
  t.app.call(
    setBudgetLevel,
    {
      level,
      reason: 'Weekly budget, as measured',
      until: new Date(t.app.clock().getTime() + hours * HOUR_MS).toISOString(),
    },
    as(system),
  )
const uploads = async () => (await limiterOf(t.app).check('upload', { user: 'anybody' }))?.headers?.policy

it('[RLA-04] at 90 % and when it is used up, cost-bearing routes give less by declared steps, and recover by themselves', async () => {
  const agency = await t.person('agency')
  const videoId = await t.video(agency)
  const share = () => t.app.call(createShare, { videoId, access: 'link' }, as(agency))
  const resolution = async () => {
    const { playbackUrl } = await t.app.call(playOwnVideo, { videoId }, as(agency))
    return decodeJwt(new URL(playbackUrl).searchParams.get('token') ?? '').max_resolution
  }
  expect(await resolution()).toBeUndefined()
  expect(await uploads()).toBe('"upload";q=20;w=86400')

  await level('warning', 2)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=10;w=86400')
  expect(await share()).toMatchObject({ status: 'active' })
  expect(await resolution()).toBe('720p')

  await level('exhausted', 1)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=2;w=86400')
  await expect(share()).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 3600 } })
  expect(await t.app.call(getBudgetLevel, {}, as(agency))).toMatchObject({
    level: 'exhausted',
    newShares: false,
  })
  expect(await resolution()).toBe('480p')

  t.advance(HOUR_MS)
  expect(await share()).toMatchObject({ status: 'active' })
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=10;w=86400')
  t.advance(HOUR_MS)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=20;w=86400')
  expect(await resolution()).toBeUndefined()
})

it('[RLA-04] no level gives anybody a new burst', async () => {
  const who = { user: 'busy' }
  const upload = async () => (await limiterOf(t.app).check('upload', who))?.refused === null
  for (let n = 0; n < 20; n += 1) expect(await upload()).toBe(true)
  await level('warning', 1)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=10;w=86400')
  expect(await upload()).toBe(false)
  t.advance(HOUR_MS)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=20;w=86400')
  expect(await upload()).toBe(false)
})

it('[RLA-04] is lifted for a while by an administrator of finance or operations, with a reason and an end', async () => {
  const finance = await t.person('admin', { groups: ['finance'] })
  await level('exhausted', 48)
  const until = new Date(t.app.clock().getTime() + HOUR_MS).toISOString()
  const lift = { level: 'normal', reason: 'Premiere tonight, agreed by phone', until }
  await t.app.call(setBudgetLevel, lift, as(finance))
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=20;w=86400')
  t.advance(HOUR_MS)
  await expect.poll(uploads, { timeout: 15_000 }).toBe('"upload";q=2;w=86400')
  const nobody = await t.person('admin', { groups: ['support'] })
  await expect(t.app.call(setBudgetLevel, lift, as(nobody))).rejects.toMatchObject({ code: 'forbidden' })
})
