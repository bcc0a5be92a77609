import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { approveExtension, declineExtension, listExtensions } from './decide-extension.ts'
import { extendShare } from './extend-share.ts'
import { openShare } from './open-share.ts'
import { getShare } from './queries.ts'
import { revokeShare } from './revoke-share.ts'

const WAITING = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
const HOUR = 3_600_000
const DAY = 24 * HOUR
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const inMs = (ms: number) => new Date(t.app.clock().getTime() + ms).toISOString()
const share = async (options: Record<string, unknown> = {}) => {
  const videoId = await t.video(agency)
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, as(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}
const extend = (id: string, more: Record<string, unknown>, actor: Actor = agency) =>
  t.app.call(extendShare, { id, ...more }, as(actor))
const open = (token: string) => t.app.call(openShare, { token, cookie: null }, as(ANONYMOUS))

describe('a longer life', () => {
  it('keeps the link, prolongs whoever watches, and is in the log', async () => {
    const { id, token } = await share({ expiresAt: inMs(HOUR) })
    const { newCookie } = await t.app.call(issuePlayback, { token, cookie: null }, as(ANONYMOUS))
    expect(await extend(id, { expiresAt: inMs(2 * DAY) })).toMatchObject({ status: 'extended' })
    t.advance(2 * HOUR)
    await open(token)
    const again = await t.app.call(issuePlayback, { token, cookie: newCookie }, as(ANONYMOUS))
    expect(again.viewsLeft).toBeNull()
    expect((await t.app.call(getShare, { id }, as(agency))).viewsUsed).toBe(1)
    expect((await t.events()).findLast((event) => event.action === 'share.extend')).toMatchObject({
      outcome: 'allowed',
      target: { id },
    })
  })

  it('lets no session live longer than sessions do', async () => {
    const { id, token } = await share({ expiresAt: inMs(HOUR) })
    await t.app.call(issuePlayback, { token, cookie: null }, as(ANONYMOUS))
    await extend(id, { expiresAt: inMs(2 * DAY) })
    const { rows } = await t.app.pool.query(
      'select extract(epoch from expires_at - created_at)::int as life from viewer_sessions where share_id = $1',
      [id],
    )
    expect(rows).toEqual([{ life: 12 * 3600 }])
  })

  it('gives more views to a link that is used up', async () => {
    const { id, token } = await share({ maxViews: 1 })
    await t.app.call(issuePlayback, { token, cookie: null }, as(ANONYMOUS))
    await expect(open(token)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await extend(id, { maxViews: 3 })).toMatchObject({ status: 'extended', maxViews: 3 })
    await open(token)
  })

  it('is not to be had by steps: the whole life counts, beyond the limits a second person decides', async () => {
    const { id } = await share()
    t.advance(3 * DAY)
    await expect(extend(id, { expiresAt: inMs(6 * DAY) })).rejects.toMatchObject({
      code: 'invalid',
      details: { errors: [{ path: 'reason' }] },
    })
    await expect(extend(id, { expiresAt: inMs(88 * DAY), reason: 'long' })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it.each([
    ['an earlier end', () => ({ expiresAt: inMs(HOUR) })],
    ['nothing new', () => ({})],
    ['a cap where there is none', () => ({ maxViews: 3 })],
  ])('is not %s', async (_what, input) => {
    const { id } = await share()
    await expect(extend(id, input())).rejects.toMatchObject({ code: 'invalid' })
  })

  it('comes too late for a link that has ended', async () => {
    const ended = await share({ expiresAt: inMs(HOUR) })
    const revoked = await share()
    await t.app.call(revokeShare, { id: revoked.id, reason: 'other' }, as(agency))
    t.advance(2 * HOUR)
    for (const { id } of [ended, revoked])
      await expect(extend(id, { expiresAt: inMs(DAY) })).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('beyond the limits', () => {
  const staff = () => t.person('admin', { groups: ['operations'] })
  const ask = async () => {
    const { id } = await share()
    const asked = await extend(id, { expiresAt: inMs(20 * DAY), reason: 'The season lasts a month.' })
    if (asked.status !== 'pending_approval') throw new Error('it was given at once')
    return { id, extensionId: asked.extensionId }
  }

  it('nothing changes until a second person agrees; then the link lives on', async () => {
    const { id, extensionId } = await ask()
    const before = await t.app.call(getShare, { id }, as(agency))
    expect(before.status).toBe('active')
    await expect(extend(id, { expiresAt: inMs(21 * DAY), reason: 'again' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const admin = await staff()
    const { items } = await t.app.call(listExtensions, {}, as(admin))
    expect(items.find((item) => item.id === extensionId)).toMatchObject({
      shareId: id,
      asks: ['life'],
      reason: 'The season lasts a month.',
    })
    const decide = { id: extensionId, reason: 'agreed' }
    expect(await t.app.call(approveExtension, decide, as(admin))).toMatchObject({ status: 'approved' })
    const after = await t.app.call(getShare, { id }, as(agency))
    expect(Date.parse(after.expiresAt) - Date.parse(before.expiresAt)).toBe(13 * DAY)
    await expect(t.app.call(declineExtension, decide, as(admin))).rejects.toMatchObject({ code: 'conflict' })
  })

  it('somebody who asks again while it is being agreed to is not heard by what the link was', async () => {
    const { id, extensionId } = await ask()
    const other = await t.app.pool.connect()
    try {
      await other.query('begin')
      await other.query('update shares set expires_at = $2 where id = $1', [id, inMs(20 * DAY)])
      await other.query(
        `update share_extensions set decision = 'approved', decided_by = 'usr_second', decided_at = $2 where id = $1`,
        [extensionId, t.app.clock()],
      )
      const again = extend(id, { expiresAt: inMs(20 * DAY), reason: 'again' })
      const told = expect(again).rejects.toMatchObject({ code: 'invalid' })
      await vi.waitFor(async () => expect((await other.query(WAITING)).rowCount).toBe(1), { timeout: 30_000 })
      await other.query('commit')
      await told
    } finally {
      other.release(true)
    }
  })

  it('a declined one leaves the end where it was', async () => {
    const { id, extensionId } = await ask()
    const before = await t.app.call(getShare, { id }, as(agency))
    await t.app.call(declineExtension, { id: extensionId, reason: 'too long' }, as(await staff()))
    expect((await t.app.call(getShare, { id }, as(agency))).expiresAt).toBe(before.expiresAt)
  })

  it('nobody agrees to their own', async () => {
    const admin = await staff()
    const videoId = await t.video(admin)
    const made = await t.app.call(createShare, { videoId, access: 'link' }, as(admin))
    const asked = await extend(made.id, { expiresAt: inMs(20 * DAY), reason: 'mine' }, admin)
    if (asked.status !== 'pending_approval') throw new Error('it was given at once')
    const decide = { id: asked.extensionId, reason: 'agreed' }
    await expect(t.app.call(approveExtension, decide, as(admin))).rejects.toMatchObject({ code: 'conflict' })
  })
})
