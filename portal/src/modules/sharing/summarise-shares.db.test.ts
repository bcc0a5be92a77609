import { afterAll, beforeAll, expect, test } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { posterUrls } from '#portal/modules/playback/poster-urls.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { revokeShare } from './revoke-share.ts'
import { summariseShares } from './summarise-shares.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
async function share(videoId: string, options: Record<string, unknown> = {}) {
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, as(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}
const summary = async (videoId: string, actor: Actor = agency) =>
  (await t.app.call(summariseShares, { videoIds: [videoId] }, as(actor)))[0]

test('a video that was never shared has no summary', async () => {
  expect(await summary(await t.video(agency))).toBeUndefined()
})

test('live links are counted, watched ones among them, and the first to end is named', async () => {
  const videoId = await t.video(agency)
  const soon = new Date(t.app.clock().getTime() + 3_600_000).toISOString()
  await share(videoId)
  const { token } = await share(videoId, { expiresAt: soon })
  expect(await summary(videoId)).toEqual({ videoId, live: 2, watching: 0, nextExpiry: soon, lastEnd: null })
  await t.app.call(issuePlayback, { token, cookie: null }, as(ANONYMOUS))
  expect(await summary(videoId)).toMatchObject({ live: 2, watching: 1 })
})

test('a link whose last view is being watched is live; ended ones say how they ended', async () => {
  const videoId = await t.video(agency)
  const { token, id } = await share(videoId, { maxViews: 1 })
  await t.app.call(issuePlayback, { token, cookie: null }, as(ANONYMOUS))
  expect(await summary(videoId)).toMatchObject({ live: 1, watching: 1, lastEnd: null })
  await t.app.call(revokeShare, { id, reason: 'security' }, as(agency))
  expect(await summary(videoId)).toMatchObject({ live: 0, watching: 0, nextExpiry: null, lastEnd: 'revoked' })
})

test("another organisation's videos have neither summary nor poster", async () => {
  const videoId = await t.video(agency)
  await share(videoId)
  const stranger = await t.person('agency')
  expect(await summary(videoId, stranger)).toBeUndefined()
  expect(await t.app.call(posterUrls, { videoIds: [videoId] }, as(stranger))).toEqual({})
  expect(Object.keys(await t.app.call(posterUrls, { videoIds: [videoId] }, as(agency)))).toEqual([videoId])
})
