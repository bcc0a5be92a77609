import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportProgress } from '#portal/modules/analytics/report-progress.ts'
import { verifyReceipt } from '#portal/modules/audit/verifier.mjs'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { unseal } from '#portal/platform/crypto.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { forgetViewers } from './forget-viewers.ts'
import { copyViewerRecord, objectToRecord, readViewerRecord } from './read-viewer-record.ts'
import { revokeShare } from './revoke-share.ts'
import { verifyViewer } from './verify-viewer.ts'
import { getViewerHistory, getViewerReceipt } from './viewer-history.ts'

const DAY = 86_400_000
const ADDRESS = 'jo@northside.example'
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

const anyone = () => t.app.newContext(ANONYMOUS)
const owner = () => t.app.newContext(agency)

async function share(options: Record<string, unknown> = {}) {
  const videoId = await t.video(agency, 'Session 14')
  const made = await t.app.call(createShare, { videoId, access: 'link', ...options }, owner())
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}

const play = (token: string, cookie: string | null) => t.app.call(issuePlayback, { token, cookie }, anyone())
const record = (token: string, cookie: string | null) =>
  t.app.call(readViewerRecord, { token, cookie }, anyone())
const object = (token: string, cookie: string) => t.app.call(objectToRecord, { token, cookie }, anyone())

async function mailedCode(): Promise<string> {
  const { rows } = await t.app.pool.query(
    `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier like '%mail%' order by j.id desc limit 1`,
  )
  const { sealed, idempotencyKey } = rows[0].payload
  const mail = unseal(t.app.keys.seal, Buffer.from(sealed, 'base64'), `mail:${idempotencyKey}`).toString()
  return mail.match(/\b\d{6}\b/)?.[0] ?? ''
}

/** A browser that has proved the address and watches; its cookie. */
async function watchAs(token: string, email: string): Promise<string> {
  const asked = await t.app.call(verifyViewer, { token, cookie: null, email }, anyone())
  const cookie = asked.newCookie ?? ''
  await t.app.call(verifyViewer, { token, cookie, code: await mailedCode() }, anyone())
  await play(token, cookie)
  return cookie
}

const objectedRows = async (shareId: string) =>
  (
    await t.app.pool.query(
      'select count(*)::int as n from viewer_sessions where share_id = $1 and objected_at is not null',
      [shareId],
    )
  ).rows[0].n

describe('what was recorded of a viewer', () => {
  it('[IDN-02] is told to the browser in full: address, proof, terms with their text, view, renewals, reasons', async () => {
    const { token } = await share({ access: 'email', allow: [ADDRESS], agreement: 'Keep it to yourself.' })
    const asked = await t.app.call(verifyViewer, { token, cookie: null, email: ADDRESS }, anyone())
    const cookie = asked.newCookie ?? ''
    // Before the gate is passed, nothing of the video is told.
    expect((await record(token, cookie)).link.title).toBeNull()
    await t.app.call(verifyViewer, { token, cookie, code: await mailedCode() }, anyone())
    const { rows } = await t.app.pool.query('select id from agreements where body = $1', [
      'Keep it to yourself.',
    ])
    await t.app.call(verifyViewer, { token, cookie, agreement: rows[0].id }, anyone())
    await play(token, cookie)
    t.advance(1000)
    await play(token, cookie)

    const told = await record(token, cookie)
    expect(told).toMatchObject({
      link: { title: 'Session 14', endedAt: null },
      objectedAt: null,
      agreement: { version: 1, text: 'Keep it to yourself.' },
      visits: [{ address: ADDRESS, renewals: 1, signedIn: false, endedAt: null }],
    })
    expect(told.visits[0]?.viewStartedAt).not.toBeNull()
    for (const { what, why, howLong } of told.kept)
      expect(Math.min(what.length, why.length, howLong.length)).toBeGreaterThan(5)
    // What lies on the device is told as well, though the portal never sees it.
    expect(
      told.kept.some(({ what }) => what.includes('captions') && what.includes('where you stopped')),
    ).toBe(true)
  })

  it('[SPS-07] is there after the link has ended, and one refusal meets everybody else', async () => {
    const { token, id } = await share({ access: 'email', allow: [ADDRESS] })
    const cookie = await watchAs(token, ADDRESS)
    await t.app.call(revokeShare, { id, reason: 'security' }, owner())
    const told = await record(token, cookie)
    expect(told.link.endedAt).not.toBeNull()
    // Others may use the browser by now.
    expect(told.visits[0]?.address).toBe('j•••@northside.example')

    const strangers = [record(token, null), record(token, 'x'.repeat(43)), record('unknown', cookie)]
    const answers = await Promise.allSettled(strangers)
    const bodies = answers.map((a) => a.status === 'rejected' && [a.reason.code, a.reason.message])
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    expect(bodies[0]).toEqual(['forbidden', 'Not allowed'])
  })

  it('keeps the visits of a browser together when a new session takes its cookie, for 30 days', async () => {
    const { token } = await share({ expiresAt: new Date(t.app.clock().getTime() + 6 * DAY).toISOString() })
    const cookie = (await play(token, null)).newCookie ?? ''
    t.advance(DAY)
    await play(token, cookie)
    expect((await record(token, cookie)).visits).toHaveLength(2)
    t.advance(30 * DAY)
    expect((await record(token, cookie)).visits).toHaveLength(1)
    t.advance(DAY)
    await expect(record(token, cookie)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is copied with what is not in the copy, and the copy is in the log under the pseudonym alone', async () => {
    const { token, id } = await share()
    const cookie = (await play(token, null)).newCookie ?? ''
    const copy = await t.app.call(copyViewerRecord, { token, cookie }, anyone())
    expect(copy.copiedAt).toBe(t.app.clock().toISOString())
    expect(copy.notIncluded.length).toBeGreaterThan(2)
    expect(JSON.stringify(copy)).not.toContain(cookie)
    const event = (await t.events()).find((e) => e.action === 'viewer.record-copied' && e.target.id === id)
    expect(event?.actor).toMatchObject({ kind: 'viewer', pseudonym: copy.visits[0]?.pseudonym })
  })
})

describe('what the log says of a viewer', () => {
  it('[SPS-03] [ALV-02] is told to their browser alone, each event with a receipt that proves itself', async () => {
    const { token } = await share()
    const cookie = (await play(token, null)).newCookie ?? ''
    const stranger = (await play(token, null)).newCookie ?? ''
    t.advance(1000)
    await play(token, cookie)
    await t.app.auditReader.head()
    const history = (whose: string) =>
      t.app.call(getViewerHistory, { token, cookie: whose, limit: 50 }, anyone())
    const { items } = await history(cookie)
    expect(items.map(({ action, reason }) => [action, reason])).toEqual([
      ['playback.issue', 'renewed'],
      ['playback.issue', 'view_started'],
    ])
    const id = items[0]!.id
    const { text } = await t.app.call(getViewerReceipt, { token, cookie, id }, anyone())
    const { current } = await t.app.auditReader.keys()
    expect(await verifyReceipt(text, { vkeys: current })).toMatchObject({ ok: true, event: { id } })

    const others = t.app.call(getViewerReceipt, { token, cookie: stranger, id }, anyone())
    await expect(others).rejects.toMatchObject({ code: 'not_found' })
    expect((await history(stranger)).items.map((event) => event.id)).not.toContain(id)
    await expect(history('x'.repeat(43))).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('an objection', () => {
  it('holds in every browser of the same proved address, before and after, and for nobody else', async () => {
    const { token, id } = await share({ access: 'email' })
    const first = await watchAs(token, ADDRESS)
    const second = await watchAs(token, ADDRESS)
    await watchAs(token, 'eve@northside.example')
    expect((await object(token, first)).objectedAt).not.toBeNull()
    expect(await objectedRows(id)).toBe(2)
    expect((await record(token, second)).objectedAt).not.toBeNull()
    await watchAs(token, ADDRESS)
    expect(await objectedRows(id)).toBe(3)
    // Playing goes on.
    expect((await play(token, first)).playbackUrl).toContain('playback-')
  })

  it('erases how the video was watched, at once, and nothing more is kept', async () => {
    const { token } = await share()
    const cookie = (await play(token, null)).newCookie ?? ''
    const report = (seq: number) =>
      t.app.call(
        reportProgress,
        { token, cookie, gpc: false, run: 'run-00001', seq, segments: [[0, 4]] },
        anyone(),
      )
    t.advance(10_000)
    expect(await report(1)).toEqual({ kept: true })
    expect((await record(token, cookie)).visits[0]?.watched).toMatchObject({ playedSeconds: 4 })
    expect((await object(token, cookie)).visits[0]?.watched).toBeNull()
    t.advance(10_000)
    expect(await report(2)).toEqual({ kept: false })
    expect((await record(token, cookie)).visits[0]?.watched).toBeNull()
  })

  it('passes on to the next session of the same browser', async () => {
    const { token, id } = await share()
    const cookie = (await play(token, null)).newCookie ?? ''
    await object(token, cookie)
    t.advance(DAY)
    await play(token, cookie)
    expect(await objectedRows(id)).toBe(2)
  })
})

describe('forgetting', () => {
  it('takes the address out 30 days after the end of a link, and never before', async () => {
    const { token, id } = await share({ access: 'email' })
    const longer = await share({ access: 'email' })
    await watchAs(token, ADDRESS)
    await watchAs(longer.token, ADDRESS)
    await t.app.call(revokeShare, { id, reason: 'other' }, owner())
    const sealed = async (shareId: string) =>
      (
        await t.app.pool.query(
          'select count(*)::int as n from viewer_sessions where share_id = $1 and (email_sealed is not null or email_hash is not null)',
          [shareId],
        )
      ).rows[0].n
    const night = () => t.app.call(forgetViewers, {}, t.app.newContext({ kind: 'system', id: 'night' }))
    t.advance(29 * DAY)
    await night()
    expect(await sealed(id)).toBe(1)
    t.advance(2 * DAY)
    await night()
    expect(await sealed(id)).toBe(0)
    expect(await sealed(longer.id)).toBe(1)
  })

  it('takes what leads from one visit to another, and how they watched, where no address was asked for', async () => {
    const sixDays = () => ({ expiresAt: new Date(t.app.clock().getTime() + 6 * DAY).toISOString() })
    const begin = async (link: { token: string }) => {
      const cookie = (await play(link.token, null)).newCookie ?? ''
      t.advance(10_000)
      const report = { run: 'run-00001', seq: 1, segments: [[0, 4]] as [number, number][] }
      const said = { token: link.token, cookie, gpc: false, ...report }
      expect(await t.app.call(reportProgress, said, anyone())).toEqual({ kept: true })
      t.advance(DAY)
      await play(link.token, cookie)
    }
    const { token, id } = await share(sixDays())
    await begin({ token })
    const later = await share(sixDays())
    await begin(later)
    const keptOf = async (shareId: string) =>
      (
        await t.app.pool.query(
          `select count(past_cookie_hash)::int as past, count(progress.share_id)::int as watched
           from viewer_sessions viewer left join viewer_progress progress on progress.viewer_session_id = viewer.id
           where viewer.share_id = $1`,
          [shareId],
        )
      ).rows[0]
    const night = () => t.app.call(forgetViewers, {}, t.app.newContext({ kind: 'system', id: 'night' }))
    // Both were made two days ago, a day apart.
    t.advance(33 * DAY)
    await night()
    expect(await keptOf(id)).toEqual({ past: 1, watched: 1 })
    t.advance(DAY)
    expect(await night()).toMatchObject({ erased: 1, more: false })
    expect(await keptOf(id)).toEqual({ past: 0, watched: 0 })
    expect(await keptOf(later.id)).toEqual({ past: 1, watched: 1 })
  })
})
