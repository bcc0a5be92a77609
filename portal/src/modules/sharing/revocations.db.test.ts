import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { listenForNotices } from '#portal/platform/notices.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { personHash, readmitViewer } from './bar-viewer.ts'
import { createShare } from './create-share.ts'
import { approveRevocation, declineRevocation, reviewRevocation } from './decide-revocation.ts'
import { countApprovals, listRevocations } from './list-revocations.ts'
import { openShare } from './open-share.ts'
import { getShare } from './queries.ts'
import { previewRevocation, requestRevocation } from './request-revocation.ts'
import { revokeVideoShares } from './revoke-video-shares.ts'
import { cancelScheduledRevoke, scheduleRevoke } from './schedule-revoke.ts'
import { verifyViewer } from './verify-viewer.ts'
import { watchRevocations } from './watch-revocations.ts'

type User = Extract<Actor, { kind: 'user' }>
const HOUR = 3_600_000
let t: TestApp
let agency: User
let asker: User
let second: User
let third: User

beforeAll(async () => {
  t = await createTestApp({ RATE_LIMIT_ENFORCED: 'false' })
  agency = await t.person('agency')
  asker = await t.person('admin', { groups: ['operations'] })
  second = await t.person('admin', { groups: ['security'] })
  third = await t.person('admin', { groups: ['compliance'] })
  for (const { id, groups } of [asker, second, third])
    await t.app.pool.query('update members set staff_groups = $2 where user_id = $1', [id, groups])
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const anyone = () => as(ANONYMOUS)
const play = (token: string, cookie: string | null) => t.app.call(issuePlayback, { token, cookie }, anyone())

async function share(videoId: string, options: Record<string, unknown> = {}, owner = agency) {
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, as(owner))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}

/** A video with this many links, each with one open player. */
async function watched(links: number) {
  const videoId = await t.video(agency)
  const shares = []
  for (let n = 0; n < links; n += 1) {
    const made = await share(videoId)
    const { newCookie } = await play(made.token, null)
    shares.push({ ...made, cookie: newCookie })
  }
  return { videoId, shares }
}

async function ask(input: Record<string, unknown>, actor: Actor = asker) {
  return await t.app.call(requestRevocation, { reason: 'security', ...input }, as(actor))
}
const decide = (operation: typeof approveRevocation, id: string, actor: Actor) =>
  t.app.call(operation, { id, reason: 'looked at it' }, as(actor))

const statusOf = async (id: string) => (await t.app.call(getShare, { id }, as(agency))).status

describe('[STM-02] an ordinary revoke of many links', () => {
  it('[ASVS-2.3.5] stops nothing until a second person agrees, and then everything at once', async () => {
    const { videoId, shares } = await watched(3)
    const asked = await ask({ videoId, note: 'The client asked.' })
    expect(asked).toMatchObject({ status: 'pending_approval', shares: 3, watching: 3 })
    for (const { id } of shares) expect(await statusOf(id)).toBe('watching')
    const { items } = await t.app.call(listRevocations, {}, as(second))
    expect(items[0]).toMatchObject({
      id: asked.id,
      of: 'video',
      name: 'Session 14',
      mine: false,
      now: { shares: 3, watching: 3 },
      note: 'The client asked.',
    })

    const done = await decide(approveRevocation, asked.id, second)
    expect(done).toMatchObject({ status: 'done', shares: 3, players: 3, confirmed: true, review: null })
    for (const { id, token, cookie } of shares) {
      expect(await statusOf(id)).toBe('revoked')
      await expect(play(token, cookie)).rejects.toMatchObject({ code: 'forbidden' })
    }
    const told = (await t.events()).filter(({ target }) =>
      [asked.id, ...shares.map(({ id }) => id)].includes(target.id),
    )
    expect(told.filter(({ action }) => action === 'share.revoke').length).toBe(3 + 2)
    expect(told.map(({ action }) => action)).toContain('revocation.approve')
    expect(JSON.stringify(told)).not.toContain('client asked')
  })

  it('is never decided by the one who asked, nor by staff of no deciding group, and once only', async () => {
    const { videoId } = await watched(1)
    const { id } = await ask({ videoId })
    await expect(decide(approveRevocation, id, asker)).rejects.toMatchObject({ code: 'conflict' })
    const finance = await t.person('admin', { groups: ['finance'] })
    await expect(decide(approveRevocation, id, finance)).rejects.toMatchObject({ code: 'forbidden' })
    const tries = await Promise.allSettled(
      [second, third, second, third].map((person) => decide(approveRevocation, id, person)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(decide(declineRevocation as never, id, third)).rejects.toMatchObject({ code: 'conflict' })
    await expect(
      t.app.pool.query('update revocations set decided_by = asked_by where id = $1', [id]),
    ).rejects.toThrow(/second_person/)
  })

  it('is declined with a reason, and nothing has stopped', async () => {
    const { videoId, shares } = await watched(1)
    const { id } = await ask({ videoId })
    await decide(declineRevocation as never, id, second)
    expect(await statusOf(shares[0]!.id)).toBe('watching')
    await expect(decide(approveRevocation, id, second)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('acts on what matches at the approval: a link made meanwhile ends too, a listed one alone if it was listed', async () => {
    const { videoId, shares } = await watched(1)
    const { id } = await ask({ videoId })
    const listed = await ask({ ids: [shares[0]!.id] })
    const later = await share(videoId)
    await decide(approveRevocation, listed.id, second)
    expect(await statusOf(later.id)).toBe('active')
    expect(await decide(approveRevocation, id, second)).toMatchObject({ shares: 1 })
    expect(await statusOf(later.id)).toBe('revoked')
  })

  it('lapses after seven days', async () => {
    const { videoId } = await watched(1)
    const { id } = await ask({ videoId })
    t.advance(7 * 24 * HOUR + 1)
    await expect(decide(approveRevocation, id, second)).rejects.toMatchObject({ code: 'conflict' })
    await runWatch()
    const { rows } = await t.app.pool.query('select status from revocations where id = $1', [id])
    expect(rows[0].status).toBe('lapsed')
  })

  it('names exactly one selection, with at least one live link', async () => {
    await expect(ask({})).rejects.toMatchObject({ code: 'invalid' })
    await expect(ask({ videoId: 'a', ownerId: 'b' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(ask({ videoId: await t.video(agency) })).rejects.toMatchObject({ code: 'conflict' })
    await expect(ask({ ids: ['x'], reason: 'no such reason' })).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('[SPS-04] an emergency', () => {
  it('stops all links of an owner at once, and is confirmed by a second person afterwards', async () => {
    const owner = await t.person('agency')
    const videos = [await t.video(owner), await t.video(owner)]
    const links = await Promise.all(videos.map((videoId) => share(videoId, {}, owner)))
    for (const { token } of links) await play(token, null)
    const done = await ask({ ownerId: owner.organisationId, emergency: true, reason: 'incident' })
    expect(done).toMatchObject({ status: 'done', shares: 2, players: 2, review: 'open' })
    for (const { token } of links)
      await expect(play(token, null)).rejects.toMatchObject({ code: 'forbidden' })

    const review = (actor: Actor) =>
      t.app.call(reviewRevocation, { id: done.id, verdict: 'confirmed', reason: 'It was a leak.' }, as(actor))
    await expect(review(asker)).rejects.toMatchObject({ code: 'conflict' })
    t.advance(24 * HOUR + 1)
    await runWatch()
    expect(await openAlerts()).toContain('emergency-unreviewed')
    expect(await review(second)).toEqual({ id: done.id, review: 'confirmed' })
    await expect(review(third)).rejects.toMatchObject({ code: 'conflict' })
    await runWatch()
    expect(await openAlerts()).not.toContain('emergency-unreviewed')
  })

  it('ends some hundreds of links in bounded steps, those that are watched first', async () => {
    const { videoId, shares } = await watched(1)
    await t.app.pool.query(
      `insert into shares (id, video_id, organisation_id, created_by, access, token_hash, expires_at, created_at, region)
       select 'shr_0' || lpad(n::text, 21, '0'), video_id, organisation_id, created_by, access, sha256(id::bytea || n::text::bytea), expires_at, created_at, region
       from shares, generate_series(1, 450) n where id = $1`,
      [shares[0]!.id],
    )
    const done = await ask({ videoId, emergency: true })
    expect(done).toMatchObject({ status: 'done', shares: 451, players: 1 })
    const { rows } = await t.app.pool.query(
      `select entry::jsonb -> 'details' ->> 'shares' as n from audit_events
       where entry::jsonb -> 'target' ->> 'id' = $1 and entry::jsonb ->> 'action' = 'share.revoke' order by seq`,
      [done.id],
    )
    expect(rows.map(({ n }) => Number(n))).toEqual([1, 200, 200, 50])
  })

  it('leaves no token behind that was issued while it ran', async () => {
    const videoId = await t.video(agency)
    const links = await Promise.all(Array.from({ length: 6 }, () => share(videoId)))
    const views = links.flatMap(({ token }) => Array.from({ length: 3 }, () => play(token, null)))
    const [done, ...issued] = await Promise.allSettled([ask({ videoId, emergency: true }), ...views])
    expect(done.status).toBe('fulfilled')
    for (const one of issued)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'forbidden' })
    const { rows } = await t.app.pool.query(
      `select count(*)::int as n from viewer_sessions v join shares s on s.id = v.share_id
       where s.video_id = $1 and v.ended_at is null and v.token_expires_at is not null`,
      [videoId],
    )
    expect(rows[0].n).toBe(0)
  })

  it('is heard by every other process, each player once', async () => {
    const other = await listenForNotices({ connectionString: t.database.connectionString }, t.app.log)
    const heard: string[] = []
    other.subscribe('viewers.stopped', ({ viewers }) => heard.push(...String(viewers).split(',')))
    const { videoId } = await watched(4)
    await ask({ videoId, emergency: true })
    await expect.poll(() => heard.length, { timeout: 30_000 }).toBe(4)
    expect(new Set(heard).size).toBe(4)
    await other.stop()
  })
})

describe('[SPS-04] a person who is stopped everywhere', () => {
  const ADDRESS = 'eve@harbour.example'

  /** A browser in which this address is proved. */
  async function proved(token: string, email = ADDRESS): Promise<string> {
    const { newCookie } = await t.app.call(verifyViewer, { token, cookie: null, email }, anyone())
    await t.app.pool.query(
      `update viewer_sessions set email_verified_at = $2
       where share_id = (select id from shares where token_hash = sha256($1)) and email_hash = $3 and ended_at is null`,
      [Buffer.from(token), t.app.clock(), personHash(t.app.keys, email)],
    )
    return newCookie!
  }

  it('goes black on every link, can’t come back, not even with a code or on a new link, and others watch on', async () => {
    const links = [
      await share(await t.video(agency), { access: 'email' }),
      await share(await t.video(agency), { access: 'email' }),
    ]
    const cookies = await Promise.all(links.map(({ token }) => proved(token)))
    const friend = await proved(links[0]!.token, 'ana@harbour.example')
    for (const [n, { token }] of links.entries()) await play(token, cookies[n]!)
    await play(links[0]!.token, friend)
    expect(await t.app.call(previewRevocation, { viewer: ADDRESS }, as(asker))).toEqual({
      shares: 2,
      watching: 2,
    })

    const done = await ask({ viewer: ' Eve@Harbour.example', emergency: true, reason: 'wrong_recipient' })
    expect(done).toMatchObject({ shares: 0, players: 2, status: 'done' })
    for (const [n, { token }] of links.entries())
      await expect(play(token, cookies[n]!)).rejects.toMatchObject({ code: 'forbidden' })
    await play(links[0]!.token, friend)

    const fresh = await share(await t.video(agency), { access: 'email', allow: [ADDRESS] })
    await expect(play(fresh.token, await proved(fresh.token))).rejects.toMatchObject({ code: 'forbidden' })
    const { rows } = await t.app.pool.query(
      `select count(*)::int as n from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
       where k.identifier = 'mail.send' and j.payload ->> 'template' = 'viewer-code'`,
    )
    const mails = rows[0].n
    await t.app.call(verifyViewer, { token: fresh.token, cookie: null, email: ADDRESS }, anyone())
    const after = await t.app.pool.query(
      `select count(*)::int as n from graphile_worker._private_jobs j join graphile_worker._private_tasks k on k.id = j.task_id
       where k.identifier = 'mail.send' and j.payload ->> 'template' = 'viewer-code'`,
    )
    expect(after.rows[0].n).toBe(mails)
    expect(JSON.stringify(await t.events())).not.toContain('eve@')
  })

  it('may come back when the bar is lifted, by proving the address anew', async () => {
    const link = await share(await t.video(agency), { access: 'email' })
    await t.app.call(readmitViewer, { viewer: ADDRESS, reason: 'it was not her' }, as(second))
    await play(link.token, await proved(link.token))
    await expect(
      t.app.call(readmitViewer, { viewer: ADDRESS, reason: 'once more' }, as(second)),
    ).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('[SPS-02] a scheduled revoke', () => {
  const inAnHour = () => new Date(t.app.clock().getTime() + HOUR).toISOString()

  it('ends link, token and view at its instant without the queue, and the queue writes down why', async () => {
    const { videoId, shares } = await watched(1)
    const link = shares[0]!
    expect(videoId).toBeTruthy()
    await t.app.call(scheduleRevoke, { id: link.id, at: inAnHour(), reason: 'legal' }, as(agency))
    t.advance(HOUR - 10_000)
    const last = await play(link.token, link.cookie)
    expect(Date.parse(last.expiresAt) - t.app.clock().getTime()).toBe(10_000)
    t.advance(10_000)
    await expect(play(link.token, link.cookie)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(t.app.call(openShare, { token: link.token, cookie: null }, anyone())).rejects.toMatchObject({
      code: 'forbidden',
    })
    await runWatch()
    expect(await t.app.call(getShare, { id: link.id }, as(agency))).toMatchObject({
      status: 'revoked',
      revokeReason: 'legal',
    })
  })

  it('is cancelled by its owner, but one of an administrator’s by staff alone', async () => {
    const link = (await watched(1)).shares[0]!
    const { expiresAt } = link
    await t.app.call(scheduleRevoke, { id: link.id, at: inAnHour(), reason: 'other' }, as(agency))
    expect(await t.app.call(cancelScheduledRevoke, { id: link.id }, as(agency))).toMatchObject({ expiresAt })
    await t.app.call(scheduleRevoke, { id: link.id, at: inAnHour(), reason: 'other' }, as(asker))
    await expect(t.app.call(cancelScheduledRevoke, { id: link.id }, as(agency))).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await t.app.call(cancelScheduledRevoke, { id: link.id }, as(second))).toMatchObject({ expiresAt })
  })
})

it('[SPS-04] an owner takes back all links of their own video at once, and nobody else’s', async () => {
  const { videoId, shares } = await watched(2)
  const stranger = await t.person('agency')
  await expect(
    t.app.call(revokeVideoShares, { videoId, reason: 'other' }, as(stranger)),
  ).rejects.toMatchObject({ code: 'not_found' })
  expect(
    await t.app.call(revokeVideoShares, { videoId, reason: 'content_changed' }, as(agency)),
  ).toMatchObject({ shares: 2, players: 2 })
  for (const { id } of shares) expect(await statusOf(id)).toBe('revoked')
})

it('counts what waits for a second person', async () => {
  const before = await t.app.call(countApprovals, {}, as(second))
  const { videoId } = await watched(1)
  await ask({ videoId })
  expect(await t.app.call(countApprovals, {}, as(second))).toEqual({
    ...before,
    revocations: before.revocations + 1,
  })
})

async function runWatch(): Promise<void> {
  const ctx = t.app.newContext({ kind: 'system', id: 'test' })
  const signal = new AbortController().signal
  await watchRevocations.run({ app: t.app, input: {}, ctx, signal, attempt: 1, maxAttempts: 1 })
}

async function openAlerts(): Promise<string[]> {
  const { rows } = await t.app.pool.query('select key from alerts where resolved_at is null')
  return rows.map(({ key }) => key)
}
