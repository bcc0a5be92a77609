import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { approveShare, collectShare, declineShare } from './decide-share.ts'
import { openShare } from './open-share.ts'
import { getShare } from './queries.ts'
import { revokeShare } from './revoke-share.ts'
import { setShareLimits } from './set-share-limits.ts'
import { DEFAULT_LIMITS } from './share-limits.ts'
import { verifyViewer } from './verify-viewer.ts'
import { explainOneShare, explainVideo } from './who-can-watch.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
type User = Extract<Actor, { kind: 'user' }>

let t: TestApp
let agency: User
let admin: User

beforeAll(async () => {
  t = await createTestApp({ COUNTRY_HEADER: 'CF-IPCountry', TRUST_PROXY: '1' })
  agency = await t.person('agency')
  admin = await t.person('admin', { groups: ['security'] })
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const from = (country: string | null) => t.app.newContext(ANONYMOUS, { country })
const inMs = (ms: number) => new Date(t.app.clock().getTime() + ms).toISOString()

async function share(options: Record<string, unknown> = {}) {
  const videoId = await t.video(agency)
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, as(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return { ...made, videoId }
}
const play = (token: string, cookie: string | null = null, country: string | null = null) =>
  t.app.call(issuePlayback, { token, cookie }, from(country))
const look = (token: string, cookie: string | null = null, country: string | null = null) =>
  t.app.call(openShare, { token, cookie }, from(country))
const lastReason = async () => (await t.events()).at(-1)?.reason

/** A viewer session of a new browser whose address is proved, without the mail in between. */
async function proved(token: string, email: string): Promise<string> {
  const { newCookie } = await t.app.call(verifyViewer, { token, cookie: null, email }, from(null))
  await t.app.pool.query(
    'update viewer_sessions set email_verified_at = $2 where cookie_hash = sha256($1::text::bytea)',
    [newCookie, t.app.clock()],
  )
  return newCookie ?? ''
}

describe('a share with a time window', () => {
  it('[IDN-02] may be prepared for before it opens, and watched from then on', async () => {
    const startsAt = inMs(10 * MINUTE)
    const { token, id } = await share({ startsAt })
    expect(await look(token)).toMatchObject({ needs: ['opening'], opensAt: startsAt })
    await expect(play(token)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await t.app.call(getShare, { id }, as(agency))).status).toBe('scheduled')
    t.advance(10 * MINUTE)
    expect(await look(token)).toMatchObject({ needs: [], opensAt: null })
    await play(token)
  })

  it('[ASVS-2.2.3] must open before it ends', async () => {
    await expect(share({ startsAt: inMs(2 * DAY), expiresAt: inMs(DAY) })).rejects.toThrow(/before the end/)
  })
})

describe('a share for some countries', () => {
  it('[IDN-02] [ASVS-8.2.4] opens for requests from there alone, also at each renewal', async () => {
    const { token } = await share({ countries: ['au'] })
    await expect(look(token, null, 'FR')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await lastReason()).toBe('country')
    await expect(look(token, null, null)).rejects.toMatchObject({ code: 'forbidden' })
    const { newCookie } = await play(token, null, 'AU')
    await play(token, newCookie, 'AU')
    await expect(play(token, newCookie, 'FR')).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('a share with a deny-list', () => {
  it('[IDN-02] leaves an address out whose domain is invited', async () => {
    const { token } = await share({ access: 'email', allow: ['@example.org'], deny: ['eve@example.org'] })
    await play(token, await proved(token, 'jo@example.org'))
    const eve = await proved(token, 'eve@example.org')
    await expect(play(token, eve)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await lastReason()).toBe('denied')
  })

  it('[ASVS-2.2.3] is refused where nobody proves an address: it could not be kept', async () => {
    await expect(share({ deny: ['eve@example.org'] })).rejects.toThrow(/verified address/)
    await expect(share({ allow: ['jo@example.org'] })).rejects.toThrow(/verified address/)
  })
})

describe('a share for a number of viewers', () => {
  it('[IDN-02] counts a person once, from however many browsers, also when all come at once', async () => {
    const { token, id } = await share({ access: 'email', maxViewers: 2 })
    const jo = await Promise.all([1, 2, 3, 4].map(() => proved(token, 'jo@example.org')))
    const plays = await Promise.allSettled(jo.map((cookie) => play(token, cookie)))
    expect(plays.every((one) => one.status === 'fulfilled')).toBe(true)
    expect(await t.app.call(getShare, { id }, as(agency))).toMatchObject({ viewersUsed: 1, viewsUsed: 4 })

    const others = await Promise.all(['a', 'b', 'c'].map((name) => proved(token, `${name}@example.org`)))
    const results = await Promise.allSettled(others.map((cookie) => play(token, cookie)))
    expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect((await t.app.call(getShare, { id }, as(agency))).viewersUsed).toBe(2)
    await play(token, await proved(token, 'jo@example.org'))
  })
})

describe('a share with an agreement', () => {
  const accept = (token: string, cookie: string | null, agreement: string) =>
    t.app.call(verifyViewer, { token, cookie, agreement }, from(null))

  it('[IDN-02] shows the text, and plays once that very version is accepted', async () => {
    const first = await share({ agreement: 'Keep this to yourself.' })
    const { token, id } = await share({ agreement: 'Keep this to yourself, for ever.' })
    const { agreement, needs } = await look(token)
    expect(needs).toEqual(['agreement'])
    expect(agreement).toMatchObject({ version: 2, text: 'Keep this to yourself, for ever.' })
    const older = (await look(first.token)).agreement?.id ?? ''
    const { newCookie, needs: still } = await accept(token, null, older)
    expect(still).toEqual(['agreement'])
    await expect(play(token, newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await accept(token, newCookie, agreement?.id ?? '')).needs).toEqual([])
    expect((await t.events()).at(-1)).toMatchObject({
      action: 'share.verify',
      target: { id },
      details: { step: 'agreement', agreement: agreement?.id },
    })
    await play(token, newCookie)
  })

  it('keeps one row for one text, however often and at once it is used', async () => {
    const text = 'The same words.'
    await Promise.all([1, 2, 3, 4].map(() => share({ agreement: text })))
    const { rows } = await t.app.pool.query('select version from agreements where body = $1', [text])
    expect(rows).toHaveLength(1)
  })
})

describe('what a viewer is shown', () => {
  it('is the note, and a watermark with the address that was proved', async () => {
    const options = { access: 'email', watermark: true, note: 'Rough cut: sound is not mixed yet.' }
    const { token } = await share(options)
    expect(await play(token, await proved(token, 'jo@example.org'))).toMatchObject({
      note: 'Rough cut: sound is not mixed yet.',
      watermark: 'jo@example.org',
    })
    expect((await play((await share()).token)).watermark).toBeNull()
    expect((await play((await share({ watermark: true })).token)).watermark).toMatch(/^viewer \w{8}$/)
  })
})

describe('a share beyond the limits', () => {
  const ask = async (options: Record<string, unknown>) => {
    const videoId = await t.video(agency)
    return await t.app.call(createShare, { videoId, access: 'link', ...options }, as(agency))
  }
  const longer = () => ({ expiresAt: inMs(30 * DAY), reason: 'The season lasts a month.' })

  it('[SPS-08] [ASVS-2.3.5] needs a reason, and a second person; the token exists only after that, and is given once', async () => {
    await expect(ask({ expiresAt: inMs(30 * DAY) })).rejects.toThrow(/lives longer than 7 days/)
    const asked = await ask(longer())
    expect(asked).toMatchObject({ status: 'pending_approval', asks: ['life'] })
    expect(asked).not.toHaveProperty('token')
    const { id } = asked
    await expect(t.app.call(collectShare, { id }, as(agency))).rejects.toMatchObject({ code: 'not_found' })
    await expect(t.app.call(approveShare, { id, reason: 'agreed' }, as(agency))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await t.app.call(approveShare, { id, reason: 'agreed' }, as(admin))
    await expect(t.app.call(collectShare, { id }, as(admin))).rejects.toMatchObject({ code: 'not_found' })
    const { token } = await t.app.call(collectShare, { id }, as(agency))
    await play(token)
    await expect(t.app.call(collectShare, { id }, as(agency))).rejects.toMatchObject({ code: 'not_found' })
    const told = (await t.events()).filter((event) => event.target.id === id).map((event) => event.action)
    expect(told).toEqual(['share.create', 'share.approve', 'share.collect', 'playback.issue'])
    expect(JSON.stringify(await t.events())).not.toContain('season')
  })

  it('[SPS-08] is not agreed to by whoever asked, even if they are staff', async () => {
    const staff = { ...agency, role: 'admin' as const, groups: ['security' as const] }
    const { id } = await ask(longer())
    await expect(t.app.call(approveShare, { id, reason: 'me too' }, as(staff))).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('is decided once, even by two at the same moment', async () => {
    const other = await t.person('admin', { groups: ['operations'] })
    const { id } = await ask(longer())
    const decisions = await Promise.allSettled([
      t.app.call(approveShare, { id, reason: 'agreed' }, as(admin)),
      t.app.call(declineShare, { id, reason: 'too long' }, as(other)),
    ])
    expect(decisions.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  })

  it('can be taken back while it waits, and declined', async () => {
    const taken = await ask(longer())
    await t.app.call(revokeShare, { id: taken.id, reason: 'other' }, as(agency))
    await expect(
      t.app.call(approveShare, { id: taken.id, reason: 'agreed' }, as(admin)),
    ).rejects.toMatchObject({ code: 'conflict' })
    const { id } = await ask(longer())
    await t.app.call(declineShare, { id, reason: 'too long' }, as(admin))
    expect((await t.app.call(getShare, { id }, as(agency))).status).toBe('declined')
    await expect(t.app.call(collectShare, { id }, as(agency))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('follows limits that administrators set; two of them never overwrite each other unseen', async () => {
    const limits = { ...DEFAULT_LIMITS, leastAccess: 'email' as const, mostViews: 5, lifeDays: 2 }
    await t.app.call(setShareLimits, { ...limits, version: 0 }, as(admin))
    await expect(t.app.call(setShareLimits, { ...limits, version: 0 }, as(admin))).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await ask({ reason: 'A trailer.', expiresAt: inMs(DAY) })).toMatchObject({
      asks: ['access', 'views'],
    })
    expect(await ask({ access: 'email', maxViews: 5 })).toMatchObject({ status: 'active' })
    await expect(ask({ ...longer(), expiresAt: inMs(91 * DAY) })).rejects.toThrow(/90 days/)
    await t.app.call(setShareLimits, { ...DEFAULT_LIMITS, version: 1 }, as(admin))
  })
})

describe('who could watch', () => {
  it('[IDN-02] names classes, conditions and exceptions, and answers for one address', async () => {
    const { id, token, videoId } = await share({
      access: 'email',
      allow: ['@example.org', 'kim@example.net'],
      deny: ['eve@example.org'],
      maxViewers: 1,
      password: 'open sesame',
    })
    const told = await t.app.call(explainOneShare, { id, email: 'eve@example.org' }, as(agency))
    expect(told.audiences).toMatchObject([
      { audience: { kind: 'domain', domain: '@example.org' }, wouldWatch: true, except: ['eve@example.org'] },
      { audience: { kind: 'address', address: 'kim@example.net' }, wouldWatch: true },
    ])
    expect(told.audiences[0]?.mustProve).toEqual(['email', 'code', 'password'])
    expect(told.whatIf).toMatchObject({ wouldWatch: false, refusal: 'denied' })

    const jo = await proved(token, 'jo@example.org')
    await t.app.call(verifyViewer, { token, cookie: jo, password: 'open sesame' }, from(null))
    await play(token, jo)
    const whatIf = async (email: string) =>
      (await t.app.call(explainOneShare, { id, email }, as(agency))).whatIf
    expect(await whatIf('jo@example.org')).toMatchObject({ wouldWatch: true })
    expect(await whatIf('kim@example.net')).toMatchObject({
      wouldWatch: false,
      refusal: 'viewers_exhausted',
    })
    const all = await t.app.call(explainVideo, { id: videoId }, as(agency))
    expect(all.members.map((member) => member.id)).toEqual([agency.id])
    expect(all.shares.map((one) => one.shareId)).toEqual([id])
  })
})

describe('a share that waits for a second person', () => {
  it('[SPS-08] is mailed once to each who may decide, and not to whoever asks', async () => {
    const mails = async () =>
      (
        await t.app.pool.query<{ key: string }>(
          `select payload ->> 'idempotencyKey' as key from graphile_worker._private_jobs
           where payload ->> 'template' = 'approval-asked'`,
        )
      ).rows.map(({ key }) => key)
    await t.app.pool.query(`update members set staff_groups = array['security'] where user_id = $1`, [
      admin.id,
    ])
    const videoId = await t.video(admin)
    const input = { videoId, access: 'link', expiresAt: inMs(30 * DAY), reason: 'A long review.' }
    const asked = await t.app.call(createShare, { ...input, videoId: await t.video(agency) }, as(agency))
    expect(await mails()).toContain(`approval:${asked.id}:${admin.id}`)
    const own = await t.app.call(createShare, input, as(admin))
    expect(own.status).toBe('pending_approval')
    expect(await mails()).not.toContain(`approval:${own.id}:${admin.id}`)
  })
})
