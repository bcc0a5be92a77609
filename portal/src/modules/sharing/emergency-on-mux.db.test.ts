import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { createShare } from './create-share.ts'
import { requestRevocation } from './request-revocation.ts'
import { revokeShare } from './revoke-share.ts'

let t: TestApp
let agency: Extract<Actor, { kind: 'user' }>
let asker: Extract<Actor, { kind: 'user' }>

beforeAll(async () => {
  t = await createTestApp()
  agency = await t.person('agency')
  asker = await t.person('admin')
  await t.app.pool.query(`update members set staff_groups = '{security}' where user_id = $1`, [asker.id])
})
afterAll(async () => await t?.stop())

const play = (token: string, cookie: string | null) =>
  t.app.call(issuePlayback, { token, cookie }, t.app.newContext(ANONYMOUS))

async function share(videoId: string) {
  const made = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(agency))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return made
}

async function ask(input: Record<string, unknown>) {
  return await t.app.call(requestRevocation, { reason: 'security', ...input }, t.app.newContext(asker))
}

async function openAlerts(): Promise<string[]> {
  const { rows } = await t.app.pool.query('select key from alerts where resolved_at is null')
  return rows.map(({ key }) => key)
}

/** Everything that waits in the queue is due now. */
async function runDueJobs(): Promise<void> {
  await t.app.pool.query('update graphile_worker._private_jobs set run_at = now() where run_at > now()')
  await runJobs(t)
}

describe('[SPS-10] on Mux, an emergency', () => {
  const callsSince = (from: number) => t.mux.calls.slice(from).map((call) => call.replace(/\w{44,}/g, '…'))

  /** A video that lies at the local Mux server. */
  async function atMux() {
    const videoId = await t.video(agency)
    const assetId = `asset${videoId.slice(4)}`
    const playbackId = `first${videoId.slice(4)}`
    t.mux.assets.set(assetId, {
      id: assetId,
      status: 'ready',
      upload_id: 'u',
      playback_ids: [{ id: playbackId, policy: 'signed' }],
    })
    await t.app.pool.query('update videos set asset_id = $2, playback_id = $3 where id = $1', [
      videoId,
      assetId,
      playbackId,
    ])
    return { videoId, assetId, playbackId }
  }
  const playbackIdsOf = (assetId: string) => t.mux.assets.get(assetId)!.playback_ids.map(({ id }) => id)
  const urlPath = (url: string) => new URL(url).pathname

  it('puts the video at a new playback ID; other links go on with it, told to ask again', async () => {
    const { videoId, assetId, playbackId } = await atMux()
    const [bad, good] = [await share(videoId), await share(videoId)]
    await play(bad.token, null)
    const friend = await play(good.token, null)
    const moved: unknown[] = []
    const off = t.app.notices.subscribe('video.moved', (body) => moved.push(body))
    const done = await ask({ ids: [bad.id], emergency: true })
    expect(done).toMatchObject({ confirmed: true, replacedPlaybackIds: 1, boundSeconds: 0 })
    expect(playbackIdsOf(assetId)).toHaveLength(1)
    expect(playbackIdsOf(assetId)).not.toContain(playbackId)
    const renewed = await play(good.token, friend.newCookie)
    expect(urlPath(renewed.playbackUrl)).toBe(`/${playbackIdsOf(assetId)[0]}.m3u8`)
    expect(urlPath(renewed.playbackUrl)).not.toBe(urlPath(friend.playbackUrl))
    await expect.poll(() => moved).toEqual([{ videoId }])
    off()
  })

  it('of one link, by whoever owns it, moves the video too; an ordinary reason does not', async () => {
    const { videoId, assetId, playbackId } = await atMux()
    const revoke = async (reason: string) => {
      const { id, token } = await share(videoId)
      await play(token, null)
      return await t.app.call(revokeShare, { id, reason }, t.app.newContext(agency))
    }
    expect(await revoke('no_longer_needed')).toMatchObject({ confirmed: true, boundSeconds: 300 })
    expect(playbackIdsOf(assetId)).toEqual([playbackId])
    expect(await revoke('security')).toMatchObject({ confirmed: true, boundSeconds: 0 })
    expect(playbackIdsOf(assetId)).toHaveLength(1)
    expect(playbackIdsOf(assetId)).not.toContain(playbackId)
  })

  it('moves nothing where nobody was watching', async () => {
    const { videoId, assetId, playbackId } = await atMux()
    await share(videoId)
    const from = t.mux.calls.length
    expect(await ask({ videoId, emergency: true })).toMatchObject({ replacedPlaybackIds: 0 })
    expect(playbackIdsOf(assetId)).toEqual([playbackId])
    expect(callsSince(from)).toEqual([])
  })

  it('that two people call at once replaces it once, and leaves no other behind', async () => {
    const { videoId, assetId } = await atMux()
    const links = [await share(videoId), await share(videoId)]
    for (const { token } of links) await play(token, null)
    await Promise.all(links.map(({ id }) => ask({ ids: [id], emergency: true })))
    const { rows } = await t.app.pool.query('select playback_id from videos where id = $1', [videoId])
    expect(playbackIdsOf(assetId)).toEqual([rows[0].playback_id])
  })

  it('that the service does not answer is repeated until it is confirmed, with an alert', async () => {
    const { videoId, assetId, playbackId } = await atMux()
    const link = await share(videoId)
    await play(link.token, null)
    t.mux.misbehave(503)
    const done = await ask({ videoId, emergency: true })
    expect(done).toMatchObject({ confirmed: false, confirmedMs: null, boundSeconds: 300 })
    // No new token, whatever the service says.
    await expect(play(link.token, null)).rejects.toMatchObject({ code: 'forbidden' })
    for (let tries = 0; tries < 3; tries += 1) await runDueJobs()
    expect(await openAlerts()).toContain(`revoke-unconfirmed:${videoId}`)
    const { rows } = await t.app.pool.query('select count(*)::int as mails from mail_outbox')
    expect(rows[0].mails).toBe(1)
    t.mux.misbehave(null)
    // The adapter leaves a service that failed alone for a while.
    await expect
      .poll(() => runDueJobs().then(() => playbackIdsOf(assetId)), { timeout: 45_000 })
      .not.toContain(playbackId)
    expect(await openAlerts()).not.toContain(`revoke-unconfirmed:${videoId}`)
  })
})
