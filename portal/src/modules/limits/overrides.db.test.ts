import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import type { Actor } from '#portal/platform/context.ts'
import { hashToken } from '#portal/platform/crypto.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { askOverride } from './ask-override.ts'
import { limiterOf } from './check-request.ts'
import { approveOverride, declineOverride, endOverride } from './decide-override.ts'
import { listOverrides } from './list-overrides.ts'

const HOUR_MS = 3_600_000
const REASON = 'Festival delivery, forty reels until Friday'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const staff = () => t.person('admin', { groups: ['operations'] })
const later = (hours: number) => new Date(t.app.clock().getTime() + hours * HOUR_MS).toISOString()
const asked = (actor: Actor, more: Record<string, unknown> = {}) =>
  t.app.call(
    askOverride,
    { class: 'upload', quota: 40, reason: REASON, expiresAt: later(2), ...more },
    as(actor),
  )
async function uploadQuota(user: string): Promise<string | undefined> {
  return (await limiterOf(t.app).check('upload', { user }))?.headers?.policy
}

it('[RLA-03] takes a second person, holds at once on running nodes, and ends by itself', async () => {
  const [agency, first, second] = [await t.person('agency'), await staff(), await staff()]
  const { id } = await asked(first, { subject: { kind: 'user', id: agency.id } })
  expect(await uploadQuota(agency.id)).toBe('"upload";q=20;w=86400')
  await expect(t.app.call(approveOverride, { id }, as(first))).rejects.toMatchObject({ code: 'conflict' })
  await t.app.call(approveOverride, { id }, as(second))
  await expect.poll(() => uploadQuota(agency.id), { timeout: 15_000 }).toBe('"upload";q=40;w=86400')
  await expect(t.app.call(approveOverride, { id }, as(await staff()))).rejects.toMatchObject({
    code: 'conflict',
  })

  t.advance(2 * HOUR_MS)
  expect(await uploadQuota(agency.id)).toBe('"upload";q=20;w=86400')
  const { items } = await t.app.call(listOverrides, {}, as(second))
  expect(items.find((one) => one.id === id)).toMatchObject({ status: 'expired', reason: REASON })
  const events = (await t.events()).filter(({ target }) => target.id === id)
  expect(events.map(({ action, outcome }) => [action, outcome])).toEqual([
    ['limit.ask-override', 'allowed'],
    ['limit.approve-override', 'allowed'],
  ])
})

it('[RLA-03] is asked for by a person for themselves, and not decided by whom it is for', async () => {
  const [agency, other] = [await t.person('agency'), await t.person('agency')]
  const { id } = await asked(agency)
  const forAdmin = await staff()
  const own = await asked(await staff(), { subject: { kind: 'user', id: forAdmin.id } })
  await expect(t.app.call(approveOverride, { id: own.id }, as(forAdmin))).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(asked(agency, { subject: { kind: 'user', id: other.id } })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(t.app.call(approveOverride, { id }, as(agency))).rejects.toMatchObject({ code: 'forbidden' })
  await t.app.call(declineOverride, { id }, as(await staff()))
  await expect(t.app.call(approveOverride, { id }, as(await staff()))).rejects.toMatchObject({
    code: 'conflict',
  })
})

it('[RLA-03] ends at once where it is ended, and needs a reason, an end, and a limit that can be lifted', async () => {
  const agency = await t.person('agency')
  const { id } = await asked(agency)
  await t.app.call(approveOverride, { id }, as(await staff()))
  await expect.poll(() => uploadQuota(agency.id), { timeout: 15_000 }).toContain('q=40')
  await t.app.call(endOverride, { id }, as(agency))
  await expect.poll(() => uploadQuota(agency.id), { timeout: 15_000 }).toContain('q=20')
  for (const wrong of [
    { reason: 'short' },
    { expiresAt: later(-1) },
    { expiresAt: later(24 * 40) },
    { class: 'sign-in' },
  ])
    await expect(asked(agency, wrong)).rejects.toMatchObject({ code: 'invalid' })
})

it('[RLA-03] for a link stands in place of what its viewers’ shared address may', async () => {
  const agency = await t.person('agency')
  const video = await t.video(agency)
  const share = await t.app.call(createShare, { videoId: video, access: 'link' }, as(agency))
  if (!('token' in share)) throw new Error('the link waits for a second person')
  const { id } = await asked(agency, {
    ...{ class: 'playback', quota: 5000 },
    subject: { kind: 'share', id: share.id },
  })
  await t.app.call(approveOverride, { id }, as(await staff()))
  const viewer = { ip: 'office', network: 'office', share: hashToken(share.token).toString('hex') }
  const policy = async () => (await limiterOf(t.app).check('playback', viewer))?.headers?.policy
  await expect.poll(policy, { timeout: 15_000 }).toBe('"playback";q=5000;w=60')
  const many = await Promise.all(
    Array.from({ length: 300 }, () => limiterOf(t.app).check('playback', viewer)),
  )
  expect(many.every((verdict) => verdict?.refused === null)).toBe(true)
})

it('[RLA-03] nobody fills the list of what waits for everybody; what is withdrawn waits no more', async () => {
  const [eager, other] = [await t.person('agency'), await t.person('agency')]
  const tried = await Promise.allSettled(Array.from({ length: 12 }, () => asked(eager)))
  const waiting = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(waiting).toHaveLength(5)
  await expect(asked(eager)).rejects.toMatchObject({ code: 'conflict' })
  expect(await asked(other)).toMatchObject({ status: 'pending' })
  await t.app.call(endOverride, { id: waiting[0]?.id ?? '' }, as(eager))
  expect(await asked(eager)).toMatchObject({ status: 'pending' })
})
