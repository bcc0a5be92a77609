import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { openShare } from '#portal/modules/sharing/open-share.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { reportProgress } from './report-progress.ts'
import { getRecording, setRecording } from './set-recording.ts'
import { eraseViewerRecord, viewerRecord } from './viewer-record.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
})
afterAll(async () => await t?.stop())

type Watcher = { token: string; cookie: string; viewerId: string; shareId: string }

/** Somebody who has begun to watch a ten-second video. */
async function watcher(options: Record<string, unknown> = {}): Promise<Watcher> {
  const videoId = await t.video(agency)
  const made = await t.app.call(
    createShare,
    { videoId, access: 'link', ...options },
    t.app.newContext(agency),
  )
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const { newCookie } = await t.app.call(issuePlayback, { token: made.token, cookie: null }, anyone())
  const { rows } = await t.app.pool.query('select id from viewer_sessions where share_id = $1', [made.id])
  return { token: made.token, cookie: newCookie ?? '', viewerId: rows[0].id, shareId: made.id }
}

const anyone = () => t.app.newContext(ANONYMOUS)
let run = 0
const report = ({ token, cookie }: Watcher, more: Record<string, unknown> = {}) =>
  t.app.call(
    reportProgress,
    { token, cookie, gpc: false, run: 'run-00001', seq: ++run, segments: [[0, 5]], ...more },
    anyone(),
  )
const recordOf = (viewer: Watcher) => t.app.db.transaction((tx) => viewerRecord(tx, viewer.viewerId))

describe('a report of what was played', () => {
  it('is kept in parts of the video, and adds up', async () => {
    const viewer = await watcher()
    t.advance(5000)
    expect(await report(viewer)).toEqual({ kept: true })
    t.advance(5000)
    expect(
      await report(viewer, {
        segments: [
          [3, 6],
          [9, 10.4],
        ],
      }),
    ).toEqual({ kept: true })
    expect(await recordOf(viewer)).toMatchObject({
      playedSeconds: 9,
      fractionSeen: 0.7,
      furthestSeconds: 10,
      firstAt: new Date(t.app.clock().getTime() - 5000).toISOString(),
      lastAt: t.app.clock().toISOString(),
    })
  })

  it('counts once however often it comes, and together', async () => {
    const viewer = await watcher()
    t.advance(60_000)
    const batch = { run: 'run-twice', seq: 1 }
    const answers = await Promise.all(Array.from({ length: 6 }, () => report(viewer, batch)))
    expect(new Set(answers.map(({ kept }) => kept))).toEqual(new Set([true]))
    expect((await recordOf(viewer))?.playedSeconds).toBe(5)
  })

  it('of two tabs of one viewer adds up', async () => {
    const viewer = await watcher()
    t.advance(60_000)
    await Promise.all([
      report(viewer, { run: 'tab-one-1', seq: 1 }),
      report(viewer, { run: 'tab-two-2', seq: 1 }),
    ])
    expect((await recordOf(viewer))?.playedSeconds).toBe(10)
  })

  it('claims no more than time can have played', async () => {
    const viewer = await watcher()
    t.advance(1000)
    const six = { segments: [[0, 6]] }
    await expect(report(viewer, six)).rejects.toMatchObject({ code: 'invalid' })
    t.advance(1000)
    expect(await report(viewer, six)).toEqual({ kept: true })
    await expect(report(viewer, { segments: [[0, 3]] })).rejects.toMatchObject({ code: 'invalid' })
    await expect(report(viewer, { segments: [[40, 41]] })).rejects.toMatchObject({ code: 'invalid' })
    expect((await recordOf(viewer))?.playedSeconds).toBe(6)
  })

  it('is refused to whoever does not watch, and forgotten once the view has ended', async () => {
    const viewer = await watcher()
    await expect(report({ ...viewer, cookie: 'A'.repeat(43) })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(report({ ...viewer, token: 'A'.repeat(43) })).rejects.toMatchObject({ code: 'forbidden' })
    await t.app.call(revokeShare, { id: viewer.shareId, reason: 'other' }, t.app.newContext(agency))
    expect(await report(viewer)).toEqual({ kept: false })
    expect(await recordOf(viewer)).toBeNull()
  })

  it('leaves one event when the record is opened, and none for what follows', async () => {
    const viewer = await watcher()
    for (let n = 0; n < 3; n += 1) {
      t.advance(10_000)
      await report(viewer)
    }
    const told = (await t.events()).filter(
      (e) => e.action === 'playback.progress' && e.target.id === viewer.shareId,
    )
    expect(told.map(({ reason, details }) => ({ reason, details }))).toEqual([
      { reason: 'record_opened', details: { notice: 1 } },
    ])
  })
})

describe('nothing is kept', () => {
  const unheard = async (viewer: Watcher, more: Record<string, unknown> = {}) => {
    t.advance(10_000)
    expect(await report(viewer, more)).toEqual({ kept: false })
    expect(await recordOf(viewer)).toBeNull()
  }

  it('where the share is made without it, and its page says nothing of it', async () => {
    const viewer = await watcher({ analytics: false })
    await unheard(viewer)
    const { token } = viewer
    expect(await t.app.call(openShare, { token, cookie: null }, anyone())).toMatchObject({ recorded: false })
  })

  it('where the browser sends Global Privacy Control', async () =>
    await unheard(await watcher(), { gpc: true }))

  it('where the viewer began under no notice', async () => {
    const viewer = await watcher()
    await t.app.pool.query('update viewer_sessions set notice = null where id = $1', [viewer.viewerId])
    await unheard(viewer)
  })

  it('of a viewer who objects, neither from then on nor from before', async () => {
    const viewer = await watcher()
    t.advance(10_000)
    await report(viewer)
    await t.app.db.transaction((tx) => eraseViewerRecord(tx, viewer.viewerId))
    await t.app.pool.query('update viewer_sessions set objected_at = $2 where id = $1', [
      viewer.viewerId,
      t.app.clock(),
    ])
    await unheard(viewer)
  })

  it('where the organisation wants none, of views that have begun too', async () => {
    const viewer = await watcher()
    const mine = t.app.newContext(agency)
    await t.app.call(setRecording, { recording: false }, mine)
    expect(await t.app.call(getRecording, {}, mine)).toMatchObject({
      recording: false,
      setAt: mine.now.toISOString(),
    })
    await unheard(viewer)
    const later = await watcher()
    const { rows } = await t.app.pool.query('select notice from viewer_sessions where id = $1', [
      later.viewerId,
    ])
    expect(rows).toEqual([{ notice: null }])
    await t.app.call(setRecording, { recording: true }, t.app.newContext(agency))
    await unheard(later)
  })
})
