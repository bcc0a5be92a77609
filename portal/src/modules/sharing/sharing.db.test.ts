import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { unseal } from '#portal/platform/crypto.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { openShare } from './open-share.ts'
import { adminListShares, getShare, listShares } from './queries.ts'
import { revokeShare } from './revoke-share.ts'
import { verifyViewer } from './verify-viewer.ts'

const MINUTE = 60_000
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const anyone = () => as(ANONYMOUS)

async function share(options: Record<string, unknown> = {}) {
  const videoId = await t.video(agency)
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, as(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return { ...made, videoId }
}

const play = (token: string, cookie: string | null) => t.app.call(issuePlayback, { token, cookie }, anyone())

/** The code in the newest mail of the embedded outbox. */
async function newestCode(): Promise<string | undefined> {
  const { rows } = await t.app.pool.query(
    `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier like '%mail%' order by j.id desc limit 1`,
  )
  const { sealed, idempotencyKey } = rows[0].payload
  return unseal(t.app.keys.seal, Buffer.from(sealed, 'base64'), `mail:${idempotencyKey}`)
    .toString()
    .match(/\b\d{6}\b/)?.[0]
}

describe('a share by link', () => {
  it('[SPS-08] [ASVS-11.5.1] keeps only a hash of a 256-bit token and lives seven days', async () => {
    const { token, id, expiresAt } = await share()
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const { rows } = await t.app.pool.query('select * from shares where id = $1', [id])
    expect(JSON.stringify(rows[0])).not.toContain(token)
    expect(Date.parse(expiresAt) - t.app.clock().getTime()).toBe(7 * 24 * 60 * MINUTE)
  })

  it('[SPS-01] gives a fresh token at each access, and a view only once a viewer session', async () => {
    const { token, id } = await share({ maxViews: 1 })
    const first = await play(token, null)
    expect(first.newCookie).toMatch(/^[\w-]{43}$/)
    const again = await play(token, first.newCookie)
    expect(again.playbackUrl).not.toBe(first.playbackUrl)
    expect(again.newCookie).toBeNull()
    expect(await t.app.call(getShare, { id }, as(agency))).toMatchObject({
      viewsUsed: 1,
      watchingNow: 1,
      status: 'watching',
    })
  })

  it('[SPS-02] [ASVS-2.3.4] refuses a second viewer when the views are used up, even when both press at once', async () => {
    const { token, id } = await share({ maxViews: 1 })
    const presses = await Promise.allSettled(Array.from({ length: 8 }, () => play(token, null)))
    expect(presses.filter((press) => press.status === 'fulfilled')).toHaveLength(1)
    expect((await t.app.call(getShare, { id }, as(agency))).viewsUsed).toBe(1)
  })

  it('[SPS-03] leaves issue, renewal and refusal in the log, each with its reason', async () => {
    const { token, id } = await share()
    const { newCookie } = await play(token, null)
    await play(token, newCookie)
    await t.app.call(revokeShare, { id, reason: 'security' }, as(agency))
    await expect(play(token, newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    const told = (await t.events())
      .filter((event) => event.target.id === id)
      .map((e) => [e.action, e.outcome, e.reason])
    expect(told).toEqual([
      ['share.create', 'allowed', null],
      ['playback.issue', 'allowed', 'view_started'],
      ['playback.issue', 'allowed', 'renewed'],
      ['share.revoke', 'allowed', 'security'],
      ['playback.issue', 'refused', 'revoked'],
    ])
  })

  it('[SPS-06] never gives a token a longer life than its share has', async () => {
    const { token } = await share({ expiresAt: new Date(t.app.clock().getTime() + MINUTE).toISOString() })
    const { expiresAt, refreshAfter } = await play(token, null)
    expect(Date.parse(expiresAt) - t.app.clock().getTime()).toBe(MINUTE)
    expect(Date.parse(refreshAfter)).toBeLessThan(Date.parse(expiresAt))
  })

  it('changes nothing when it is looked at', async () => {
    const { token, id } = await share({ maxViews: 1 })
    for (let look = 0; look < 5; look++) {
      expect(await t.app.call(openShare, { token, cookie: null }, anyone())).toEqual({
        access: 'link',
        needs: [],
        watching: false,
        opensAt: null,
        agreement: null,
        preparing: null,
        oneDevice: false,
        recorded: true,
        asked: true,
      })
    }
    expect((await t.app.call(getShare, { id }, as(agency))).viewsUsed).toBe(0)
    const { rows } = await t.app.pool.query(
      'select count(*)::int as n from viewer_sessions where share_id = $1',
      [id],
    )
    expect(rows[0].n).toBe(0)
  })

  it('[SPS-07] answers unknown, revoked, expired and used-up links alike', async () => {
    const revoked = await share()
    await t.app.call(revokeShare, { id: revoked.id, reason: 'other' }, as(agency))
    const used = await share({ maxViews: 1 })
    await play(used.token, null)
    const expired = await share({ expiresAt: new Date(t.app.clock().getTime() + MINUTE).toISOString() })
    t.advance(2 * MINUTE)
    const answers = await Promise.all(
      ['A'.repeat(43), '', revoked.token, used.token, expired.token].map((token) =>
        t.app.call(openShare, { token, cookie: null }, anyone()).then(
          () => 'open',
          (error) => `${error.code} ${error.message}`,
        ),
      ),
    )
    expect(new Set(answers)).toEqual(new Set(['forbidden Not allowed']))
  })
})

describe('a share by verified e-mail', () => {
  const step = (token: string, cookie: string | null, proof: Record<string, string>) =>
    t.app.call(verifyViewer, { token, cookie, ...proof }, anyone())

  it('[IDN-02] [ASVS-2.3.1] asks for an address, then its code, then lets in', async () => {
    const { token, id } = await share({ access: 'email', allow: ['@Example.org'] })
    expect(await t.app.call(openShare, { token, cookie: null }, anyone())).toMatchObject({
      needs: ['email', 'code'],
    })
    const asked = await step(token, null, { email: 'Jo@example.org ' })
    expect(asked).toMatchObject({ needs: ['code'], wrong: null })
    await expect(play(token, asked.newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    const code = (await newestCode()) ?? ''
    const wrong = await step(token, asked.newCookie, { code: code === '000000' ? '000001' : '000000' })
    expect(wrong).toMatchObject({ needs: ['code'], wrong: 'code' })
    expect(await step(token, asked.newCookie, { code })).toMatchObject({ needs: [], wrong: null })
    await play(token, asked.newCookie)
    const shown = JSON.stringify([await t.app.call(getShare, { id }, as(agency)), await t.events()])
    expect(shown.replaceAll('"@example.org"', '')).not.toContain('jo@')
  })

  it('answers an address that is not on the list as one that is, and sends it nothing', async () => {
    const { token } = await share({ access: 'email', allow: ['jo@example.org'] })
    const mails = async () =>
      (await t.app.pool.query('select count(*)::int as n from graphile_worker._private_jobs')).rows[0].n
    const before = await mails()
    const stranger = await step(token, null, { email: 'eve@example.com' })
    expect(await mails()).toBe(before)
    const listed = await step(token, null, { email: 'jo@example.org' })
    expect(await mails()).toBe(before + 1)
    expect({ ...stranger, newCookie: '' }).toEqual({ ...listed, newCookie: '' })
  })

  it('ends a code after five wrong tries and after ten minutes', async () => {
    const { token } = await share({ access: 'email' })
    const { newCookie } = await step(token, null, { email: 'jo@example.org' })
    const code = (await newestCode()) ?? ''
    const other = code === '111111' ? '222222' : '111111'
    for (let attempt = 0; attempt < 5; attempt++) await step(token, newCookie, { code: other })
    expect(await step(token, newCookie, { code })).toMatchObject({ wrong: 'code' })

    await step(token, newCookie, { email: 'jo@example.org' })
    const late = (await newestCode()) ?? ''
    t.advance(11 * MINUTE)
    expect(await step(token, newCookie, { code: late })).toMatchObject({ wrong: 'code' })
  })

  it('asks for the password as well, and keeps only its argon2id hash', async () => {
    const { token, id } = await share({ access: 'link', password: 'open sesame' })
    const { rows } = await t.app.pool.query('select password_hash from shares where id = $1', [id])
    expect(rows[0].password_hash).toMatch(/^argon2id\$/)
    const wrong = await step(token, null, { password: 'close sesame' })
    expect(wrong).toMatchObject({ needs: ['password'], wrong: 'password' })
    expect(await step(token, wrong.newCookie, { password: 'open sesame' })).toMatchObject({
      needs: [],
      wrong: null,
    })
    await play(token, wrong.newCookie)
  })
})

describe('a share for accounts', () => {
  it('wants a signed-in person, and that their address is on the list', async () => {
    const guest = await t.person('guest')
    const { rows } = await t.app.pool.query('select email from users where id = $1', [guest.id])
    const { token } = await share({ access: 'account', allow: [rows[0].email] })
    const anonymous = await t.app.call(verifyViewer, { token, cookie: null }, anyone())
    expect(anonymous.needs).toEqual(['account'])
    const { needs, newCookie } = await t.app.call(verifyViewer, { token, cookie: null }, as(guest))
    expect(needs).toEqual([])
    await play(token, newCookie)
    const stranger = await t.app.call(verifyViewer, { token, cookie: null }, as(await t.person('guest')))
    await expect(play(token, stranger.newCookie)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('revoke', () => {
  it('[SPS-02] [ASVS-8.3.2] wins against every issuance that races with it', async () => {
    for (let round = 0; round < 10; round++) {
      const { token, id } = await share()
      const { newCookie } = await play(token, null)
      const results = await Promise.allSettled([
        play(token, newCookie),
        t.app.call(revokeShare, { id, reason: 'security' }, as(agency)),
        play(token, null),
        play(token, newCookie),
      ])
      expect(results[1]?.status).toBe('fulfilled')
      const { rows } = await t.app.pool.query(
        'select count(*)::int as n from viewer_sessions where share_id = $1 and ended_at is null and token_expires_at is not null',
        [id],
      )
      expect(rows[0].n).toBe(0)
      await expect(play(token, newCookie)).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  it('[PRJ-01] is for the owner and administrators; for others the share does not exist', async () => {
    const { id, videoId } = await share()
    const stranger = await t.person('agency')
    await expect(t.app.call(revokeShare, { id, reason: 'other' }, as(stranger))).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(t.app.call(getShare, { id }, as(stranger))).rejects.toMatchObject({ code: 'not_found' })
    await expect(t.app.call(createShare, { videoId }, as(stranger))).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(
      t.app.call(revokeShare, { id, reason: 'other' }, as(await t.person('guest'))),
    ).rejects.toMatchObject({ code: 'forbidden' })
    const admin = await t.person('admin')
    const note = 'asked by jo@example.org'
    expect(await t.app.call(revokeShare, { id, reason: 'legal', note }, as(admin))).toMatchObject({
      status: 'revoked',
    })
    await expect(t.app.call(revokeShare, { id, reason: 'legal' }, as(admin))).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('lists', () => {
  it('[STM-01] page by cursor without gaps or repeats, and filter by state word', async () => {
    const owner = await t.person('agency')
    const videoId = await t.video(owner, '100 % of it_')
    const ids: string[] = []
    for (let n = 0; n < 7; n++) {
      ids.push((await t.app.call(createShare, { videoId, access: 'link' }, as(owner))).id)
      t.advance(1000)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await t.app.call(listShares, { limit: 3, cursor }, as(owner))
      seen.push(...page.items.map((item) => item.id))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(seen).toEqual(ids.toReversed())

    const admin = as(await t.person('admin'))
    await t.app.call(revokeShare, { id: ids[0], reason: 'other' }, as(owner))
    const find = async (filter: object) =>
      (await t.app.call(adminListShares, { video: videoId, ...filter }, admin)).items.map((i) => i.id)
    expect(await find({ status: 'revoked' })).toEqual([ids[0]])
    expect(await find({ status: 'active', sort: 'expires' })).toEqual(ids.slice(1))
    expect(await find({ q: '100 % of IT_' })).toHaveLength(7)
    expect(await find({ q: '100 _ of' })).toEqual([])
    await expect(t.app.call(adminListShares, {}, as(owner))).rejects.toMatchObject({ code: 'forbidden' })
  })
})
