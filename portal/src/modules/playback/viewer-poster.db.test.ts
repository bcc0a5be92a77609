import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { issuePlayback } from './issue-playback.ts'
import { viewerPoster } from './viewer-poster.ts'

const HOUR = 3_600_000
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const anyone = (country: string | null = null) => t.app.newContext(ANONYMOUS, { country })
const poster = (token: string, cookie: string | null, country: string | null = null) =>
  t.app.call(viewerPoster, { token, cookie }, anyone(country))

async function watched(options: Record<string, unknown> = {}, country: string | null = null) {
  const videoId = await t.video(agency)
  const input = { videoId, access: 'link', ...options }
  const made = await t.app.call(createShare, input, t.app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const played = await t.app.call(issuePlayback, { token: made.token, cookie: null }, anyone(country))
  return { ...made, cookie: played.newCookie ?? '', posterUrl: played.posterUrl }
}

it('[SPS-07] is there for the browser that watches, and for no other, and leaves no trace', async () => {
  const { id, token, cookie, posterUrl } = await watched()
  const other = await watched()
  const before = await t.events()
  expect(await poster(token, cookie)).toBe(posterUrl)
  for (const [link, browser] of [
    [token, null],
    [token, 'x'.repeat(43)],
    [token, other.cookie],
    ['unknown', cookie],
  ] as const)
    expect(await poster(link, browser)).toBeNull()
  expect(await t.events()).toEqual(before)
  const { rows } = await t.app.pool.query(
    `select views_used, (select sum(renewals)::int from viewer_sessions where share_id = $1) as renewals
     from shares where id = $1`,
    [id],
  )
  expect(rows).toEqual([{ views_used: 1, renewals: 0 }])
})

it('[SPS-07] is gone with the link, with the session and outside of its countries', async () => {
  const revoked = await watched()
  await t.app.call(revokeShare, { id: revoked.id, reason: 'other' }, t.app.newContext(agency))
  expect(await poster(revoked.token, revoked.cookie)).toBeNull()

  const abroad = await watched({ countries: ['AU'] }, 'AU')
  expect(await poster(abroad.token, abroad.cookie, 'NZ')).toBeNull()
  expect(await poster(abroad.token, abroad.cookie, 'AU')).toBe(abroad.posterUrl)

  const over = await watched()
  t.advance(13 * HOUR)
  expect(await poster(over.token, over.cookie)).toBeNull()
})

it('is not there where the picture is marked with who watches', async () => {
  const { token, cookie } = await watched({ watermark: true })
  expect(await poster(token, cookie)).toBeNull()
})
