import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { emailPlace } from '#portal/modules/sharing/load-share.ts'
import { openShare } from '#portal/modules/sharing/open-share.ts'
import { remindViewer } from '#portal/modules/sharing/remind-viewer.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { hashToken, keyedHash, newToken, seal } from '#portal/platform/crypto.ts'
import { newId } from '#portal/platform/ids.ts'
import { mailsOf } from '../../../../tests/support/mails-of.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { exportViewing } from './export-viewing.ts'
import { reportProgress } from './report-progress.ts'
import { getShareViewing } from './share-viewing.ts'
import { summariseShareViewing, summariseVideoViewing } from './summarise-viewing.ts'
import { getVideoViewing } from './video-viewing.ts'

const HOUR = 3_600_000
let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
let made: { id: string; token: string; url: string }
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())
beforeEach(async () => {
  made = await share()
})

const as = (actor: Actor) => t.app.newContext(actor)
const ALLOW = ['jo@northside.example', 'sam@northside.example', '@tidal.example']

async function share(options: Record<string, unknown> = {}) {
  const input = { videoId: await t.video(agency), access: 'email', allow: ALLOW, ...options }
  const answer = await t.app.call(createShare, input, as(agency))
  if (answer.status !== 'active') throw new Error('the share waits for a second person')
  return answer
}

/** A browser that has proved an address, as the gate leaves it. */
async function proved(email: string, shareId = made.id): Promise<string> {
  const cookie = newToken()
  const id = newId('vwr')
  await t.app.pool.query(
    `insert into viewer_sessions (id, share_id, cookie_hash, email_hash, email_sealed, email_verified_at, created_at, expires_at, playback_claim)
     values ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
    [
      ...[id, shareId, hashToken(cookie), keyedHash(t.app.keys.hash, 'viewer-email', email)],
      seal(t.app.keys.seal, email, emailPlace(id)),
      ...[t.app.clock(), new Date(t.app.clock().getTime() + 12 * HOUR), newToken()],
    ],
  )
  return cookie
}

const begin = (cookie: string | null, { token } = made) =>
  t.app.call(issuePlayback, { token, cookie }, as(ANONYMOUS))

let seq = 0
async function watch(cookie: string, segments: [number, number][], { token } = made) {
  await begin(cookie, { ...made, token })
  t.advance(60_000)
  const batch = { token, cookie, gpc: false, run: 'run-00001', seq: ++seq, segments }
  await t.app.call(reportProgress, batch, as(ANONYMOUS))
}

const viewing = (id = made.id, actor: Actor = agency) => t.app.call(getShareViewing, { id }, as(actor))

describe('who watched what', () => {
  it('names whoever proved an address, once over their browsers, with how much they saw', async () => {
    await watch(await proved('jo@northside.example'), [[0, 5]])
    await watch(await proved('jo@northside.example'), [[3, 8]])
    const { viewers, viewerCount, heat } = await viewing()
    expect(viewerCount).toBe(1)
    expect(viewers).toMatchObject([
      {
        who: { kind: 'address', address: 'jo@northside.example' },
        times: 2,
        fraction: 0.8,
        playedSeconds: 10,
      },
    ])
    expect(heat).toHaveLength(100)
    expect(heat.reduce((sum, part) => sum + part.playedSeconds, 0)).toBeCloseTo(10, 3)
    expect(heat[40]).toMatchObject({ viewers: 1, replays: 1 })
    expect(heat[90]).toMatchObject({ viewers: 0, replays: 0 })
  })

  it('numbers whoever proved none', async () => {
    const link = await share({ access: 'link', allow: [] })
    for (const end of [4, 8]) {
      const { newCookie } = await begin(null, link)
      await watch(newCookie ?? '', [[0, end]], link)
    }
    const { viewers } = await viewing(link.id)
    expect(viewers.map(({ who, fraction }) => ({ who, fraction }))).toEqual([
      { who: { kind: 'unnamed', number: 2 }, fraction: 0.8 },
      { who: { kind: 'unnamed', number: 1 }, fraction: 0.4 },
    ])
  })

  it('[ASVS-8.2.3] tells neither name nor parts of who objected, nor the name of who was told of nothing', async () => {
    await watch(await proved('jo@northside.example'), [[0, 5]])
    await t.app.pool.query('update viewer_sessions set objected_at = $2 where share_id = $1', [
      made.id,
      t.app.clock(),
    ])
    await t.app.pool.query('delete from viewer_progress where share_id = $1', [made.id])
    const quiet = await share({ analytics: false })
    await begin(await proved('sam@northside.example', quiet.id), quiet)
    const told = JSON.stringify([await viewing(), await viewing(quiet.id)].map(({ viewers }) => viewers))
    expect(told).toContain('objected')
    expect(told).toContain('unnamed')
    expect(told).not.toContain('@')
    expect((await viewing(quiet.id)).recorded).toBe(false)
  })

  it('is for the organisation alone, not for staff of another', async () => {
    await expect(viewing(made.id, await t.person('agency'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(viewing(made.id, await t.person('admin'))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('counts refused attempts by reason, and nothing of who tried', async () => {
    const closed = await share({ expiresAt: new Date(t.app.clock().getTime() + HOUR).toISOString() })
    t.advance(2 * HOUR)
    const opening = () => t.app.call(openShare, { token: closed.token, cookie: null }, as(ANONYMOUS))
    for (let n = 0; n < 3; n += 1) await expect(opening()).rejects.toMatchObject({ code: 'forbidden' })
    await t.auditLog.sequencer.drain()
    const { refusals } = await viewing(closed.id)
    expect(refusals).toEqual([{ reason: 'expired', count: 3, lastAt: t.app.clock().toISOString() }])
  })
})

describe('in few words', () => {
  it('tells of a video and of each link how many came, how much they saw, and when the last one was there', async () => {
    await watch(await proved('jo@northside.example'), [[0, 5]])
    await watch(await proved('jo@northside.example'), [[5, 10]])
    await watch(await proved('kim@tidal.example'), [[0, 10]])
    const { rows } = await t.app.pool.query('select video_id from shares where id = $1', [made.id])
    const videoId = rows[0].video_id
    const told = { people: 2, fraction: 2 / 3, lastAt: t.app.clock().toISOString() }
    const ofShares = await t.app.call(summariseShareViewing, { shareIds: [made.id] }, as(agency))
    const ofVideos = await t.app.call(summariseVideoViewing, { videoIds: [videoId] }, as(agency))
    expect(ofShares).toEqual([{ id: made.id, ...told, fraction: expect.closeTo(told.fraction, 5) }])
    expect(ofVideos).toEqual([{ id: videoId, ...told, fraction: expect.closeTo(told.fraction, 5) }])
    const strip = await t.app.call(getVideoViewing, { id: videoId }, as(agency))
    expect(strip).toMatchObject({ viewerCount: 2, durationSeconds: 10 })
    const stranger = await t.person('agency')
    expect(await t.app.call(summariseShareViewing, { shareIds: [made.id] }, as(stranger))).toEqual([])
    expect(await t.app.call(summariseVideoViewing, { videoIds: [videoId] }, as(stranger))).toEqual([])
  })
})

describe('the file', () => {
  it('[ASVS-1.1.2, ASVS-1.2.10] holds a line for each viewer, none of them a formula, and leaves an event', async () => {
    await watch(await proved('=cmd@tidal.example'), [[0, 5]])
    const { csv } = await t.app.call(exportViewing, { id: made.id }, as(agency))
    const [head, line] = csv.split('\r\n')
    expect(head).toBe('"viewer","first_seen","last_seen","times","seen_percent","played_seconds"')
    expect(line).toMatch(/^"'=cmd@tidal\.example",".*","1","50\.0","5\.0"$/)
    expect((await t.events()).at(-1)).toMatchObject({ action: 'share.export-viewing', details: { rows: 1 } })
  })
})

describe('a reminder', () => {
  const remind = (email: string, more: Record<string, unknown> = {}) =>
    t.app.call(remindViewer, { id: made.id, email, ...more }, as(agency))

  it('goes to an invited address that has not watched: once a day', async () => {
    await watch(await proved('jo@northside.example'), [[0, 5]])
    expect((await viewing()).notWatched).toEqual([
      { address: 'sam@northside.example', remindedAt: null, reminders: 0, mayRemind: true },
    ])
    const both = await Promise.allSettled([remind('sam@northside.example'), remind('sam@northside.example')])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await viewing()).notWatched).toMatchObject([{ reminders: 1, mayRemind: false }])
    t.advance(25 * HOUR)
    await remind('sam@northside.example')
    const mails = (await mailsOf(t)).filter((mail) => mail.to === 'sam@northside.example')
    expect(mails).toHaveLength(2)
    expect(mails[0]?.text).toMatch(/Open the link that Person \d+ sent you/)
    expect(mails[0]?.text).not.toContain(made.token)
  })

  it('carries the link only where its owner has it', async () => {
    await remind('sam@northside.example', { link: made.url })
    const other = await share()
    await expect(remind('jo@northside.example', { link: other.url })).rejects.toMatchObject({
      code: 'invalid',
    })
    const mails = (await mailsOf(t)).filter((mail) => mail.text.includes(made.token))
    expect(mails.map(({ to }) => to)).toEqual(['sam@northside.example'])
  })

  it('goes to nobody else', async () => {
    await watch(await proved('jo@northside.example'), [[0, 5]])
    await expect(remind('jo@northside.example')).rejects.toMatchObject({ code: 'conflict' })
    for (const email of ['eve@elsewhere.example', 'kim@tidal.example'])
      await expect(remind(email)).rejects.toMatchObject({ code: 'not_found' })
  })
})
