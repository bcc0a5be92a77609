import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { verifyViewer } from '#portal/modules/sharing/verify-viewer.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { issuePlayback } from './issue-playback.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
/** Looks at shares since the last `watching()`. */
let looks = 0

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
  const { pool } = t.app
  const query = pool.query.bind(pool) as (...asked: unknown[]) => unknown
  pool.query = ((...asked: [{ name?: string } | string, ...unknown[]]) => {
    if (typeof asked[0] === 'object' && asked[0].name === 'load-share') looks += 1
    return query(...asked)
  }) as typeof pool.query
})
afterAll(async () => await t?.stop())

const inMs = (ms: number) => new Date(t.app.clock().getTime() + ms)
const play = (token: string, cookie: string | null, country: string | null = null) =>
  t.app.call(issuePlayback, { token, cookie }, t.app.newContext(ANONYMOUS, { country }))
const run = (text: string, ...values: unknown[]) => t.app.pool.query(text, values)

const REVOKE = "update shares set revoked_at = now(), revoke_reason = 'leak' where id = $1"

/** Somebody with a proved address who watches, and whose view was renewed: this process knows them. */
async function watching(email = 'jo@example.org') {
  const videoId = await t.video(agency)
  const made = await t.app.call(
    createShare,
    { videoId, access: 'email', allow: ['@example.org'], countries: ['AU'] },
    t.app.newContext(agency),
  )
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const { token, id } = made
  const anyone = t.app.newContext(ANONYMOUS, { country: 'AU' })
  const { newCookie: cookie } = await t.app.call(verifyViewer, { token, cookie: null, email }, anyone)
  await run('update viewer_sessions set email_verified_at = $2 where share_id = $1', id, inMs(0))
  await play(token, cookie, 'AU')
  await play(token, cookie, 'AU')
  looks = 0
  return { token, id, videoId, cookie, renew: () => play(token, cookie, 'AU') }
}

const renewals = async (id: string) =>
  (await run('select renewals from viewer_sessions where share_id = $1', id)).rows[0].renewals

describe('a view that this process has renewed before', () => {
  it('is renewed without a look, each time with a token and an event of its own', async () => {
    const { renew, id } = await watching()
    const first = await renew()
    t.advance(1000)
    const second = await renew()
    expect(looks).toBe(0)
    expect(second.playbackUrl).not.toBe(first.playbackUrl)
    expect(Date.parse(second.expiresAt) - Date.parse(first.expiresAt)).toBe(1000)
    expect(await renewals(id)).toBe(3)
    const events = (await t.events()).filter(({ target }) => target.id === id)
    expect(events.filter(({ reason }) => reason === 'renewed')).toHaveLength(3)
  })

  // Each change is made behind the portal's back, and ends nobody's session: the versions alone must tell.
  it.each<[reason: string, change: string, value?: unknown]>([
    ['revoked', REVOKE],
    ['expired', "update shares set expires_at = created_at + interval '1 ms' where id = $1"],
    ['denied', "update shares set deny = '{@example.org}' where id = $1"],
    ['not_allowed', "update shares set allow = '{eve@example.org}' where id = $1"],
    ['country', "update shares set countries = '{NZ}' where id = $1"],
    ['not_verified', "update shares set password_hash = 'x' where id = $1"],
    ['not_verified', "update shares set starts_at = expires_at - interval '1 ms' where id = $1"],
    ['not_verified', 'update viewer_sessions set email_verified_at = null where share_id = $1'],
    ['session_ended', 'update viewer_sessions set ended_at = now() where share_id = $1'],
    [
      'video_deleted',
      "update videos set deleted_at = now(), status = 'deleted' where id = (select video_id from shares where id = $1)",
    ],
    [
      'barred',
      `insert into viewer_bars (id, email_hash, reason, barred_by, barred_at)
        select 'bar_' || id, email_hash, 'other', 'x', now() from viewer_sessions where share_id = $1`,
    ],
  ])('[SPS-02] is refused (%s) after: %s', async (reason, change) => {
    const { renew, id } = await watching(`${reason}@example.org`)
    t.advance(1000)
    await run(change, id)
    await expect(renew()).rejects.toMatchObject({ code: 'forbidden' })
    expect(looks).toBeGreaterThan(0)
    expect((await t.events()).at(-1)).toMatchObject({ outcome: 'refused', reason })
    expect(await renewals(id)).toBe(1)
  })

  it('is refused from another country, and once its link has run out, whatever is remembered', async () => {
    const { renew, token, cookie, id } = await watching()
    await expect(play(token, cookie, 'FR')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await t.events()).at(-1)).toMatchObject({ reason: 'country' })
    await renew()
    const { rows } = await run('select expires_at from shares where id = $1', id)
    t.advance(rows[0].expires_at.getTime() - t.app.clock().getTime())
    await expect(renew()).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is shown what has changed since: the name, the video, the note', async () => {
    const { renew, id, videoId } = await watching()
    await run("update videos set title = 'Renamed' where id = $1", videoId)
    expect(await renew()).toMatchObject({ title: 'Renamed' })
    await run("update shares set note = 'Look at the end' where id = $1", id)
    expect(await renew()).toMatchObject({ note: 'Look at the end' })
    const organisation = '(select organisation_id from shares where id = $1)'
    await run(`update organisations set name = 'Renamed as well' where id = ${organisation}`, id)
    expect(await renew()).toMatchObject({ sharedBy: 'Renamed as well' })
    await run("update videos set playback_id = 'another' where id = $1", videoId)
    expect((await renew()).playbackUrl).toContain('/another.m3u8')
    // Each of them was met by a look, after which it is known again.
    const before = looks
    await renew()
    expect(looks).toBe(before)
  })

  it('is not taken for the view of another browser that has its session now', async () => {
    const { renew, id } = await watching()
    await run("update viewer_sessions set cookie_hash = sha256('another') where share_id = $1", id)
    await expect(renew()).rejects.toMatchObject({ code: 'forbidden' })
    expect((await t.events()).at(-1)).toMatchObject({ reason: 'not_verified' })
  })

  it('keeps nothing of a row that changed between the look and the write', async () => {
    const { renew, id } = await watching()
    await run('update viewer_sessions set renewals = 7 where share_id = $1', id)
    const { pool } = t.app
    const query = pool.query.bind(pool) as (...asked: unknown[]) => unknown
    let changed = false
    // The look has been made, and the write is on its way: just then the proof of the address is taken back.
    pool.query = (async (...asked: [{ name?: string } | string, ...unknown[]]) => {
      const isWrite = typeof asked[0] === 'object' && asked[0].name === 'renew-view' && looks > 0
      if (isWrite && !changed) {
        changed = true
        await query('update viewer_sessions set email_verified_at = null where share_id = $1', [id])
      }
      return await query(...asked)
    }) as typeof pool.query
    await renew().finally(() => (pool.query = query as typeof pool.query))
    expect(changed).toBe(true)
    await expect(renew()).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('[SPS-02] [ASVS-15.4.2] of renewals at once and changes between them, none is answered by what was before', async () => {
    const views = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => watching(`crowd${n}@example.org`)))
    await Promise.all(views.map(({ renew }) => renew()))
    const [gone, ...others] = views
    await run(REVOKE, gone?.id)
    const answers = await Promise.allSettled(views.map(({ renew }) => renew()))
    expect(answers.map(({ status }) => status)).toEqual(['rejected', ...others.map(() => 'fulfilled')])
  })
})
