import { afterAll, beforeAll, expect, it } from 'vitest'
import { issuePlayback } from '#portal/modules/playback/issue-playback.ts'
import { startReconciliation } from '#portal/modules/reliability/comparison/start-reconciliation.ts'
import { type Actor, ANONYMOUS } from '#portal/platform/context.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { checkShares, getShareCheck } from './check-shares.ts'
import { createShare } from './create-share.ts'
import { UNUSED_DAYS } from './share-check-words.ts'

type User = Extract<Actor, { kind: 'user' }>
let t: TestApp
let owner: User
let admin: User

beforeAll(async () => {
  t = await createTestApp()
  owner = await t.person('agency')
  admin = await t.person('admin')
})
afterAll(async () => await t?.stop())

const sql = (text: string, values: unknown[] = []) => t.app.pool.query(text, values)

async function share(by = owner, video?: string) {
  const videoId = video ?? (await t.video(by))
  const made = await t.app.call(createShare, { videoId, access: 'link' }, t.app.newContext(by))
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  return { ...made, videoId }
}

/** A ready video whose asset the service has. */
async function videoThere(playbackIds: string[] = ['pb']): Promise<string> {
  const videoId = await t.video(owner)
  const asset = `asset${videoId.slice(4)}`
  const own = playbackIds.map((name) => ({ id: `${name}${asset}`, policy: 'signed' as const }))
  t.mux.assets.set(asset, { id: asset, status: 'ready', upload_id: 'upload', playback_ids: own })
  await sql('update videos set asset_id = $2, playback_id = $3 where id = $1', [videoId, asset, `pb${asset}`])
  await sql(
    `insert into uploads (id, video_id, organisation_id, owner_id, filename, content_type, size_bytes, status, created_at, updated_at, checked_at)
     values ($1, $2, $3, $4, 'clip.mp4', 'video/mp4', 1000, 'ready', $5, $5, $5)`,
    [`upl_${videoId.slice(4)}`, videoId, owner.organisationId, owner.id, t.app.clock()],
  )
  return videoId
}

const check = () =>
  t.app.call(checkShares, {}, t.app.newContext({ kind: 'system', id: 'sharing.check-shares' }))
/** The daily comparison with the video service, and the check of shares behind it. */
async function compareAndCheck() {
  t.advance(60_000)
  await t.app.call(startReconciliation, { mode: 'apply' }, t.app.newContext(admin))
  await runJobs(t)
  return await check()
}
async function found(kind: string) {
  const { report } = await check()
  return report.findings.find((finding) => finding.kind === kind)
}
const revokedFor = async (id: string) =>
  (await sql('select revoke_reason from shares where id = $1', [id])).rows[0].revoke_reason

it('[STM-06] a healthy share is in no finding', async () => {
  const { id } = await share(owner, await videoThere())
  expect((await check()).report).toMatchObject({ comparedAt: null, videosCompared: 0 })
  const { report } = await compareAndCheck()
  expect(report.findings.flatMap(({ examples }) => examples)).not.toContain(id)
  expect(Date.parse(report.comparedAt ?? '')).toBe(t.app.clock().getTime())
  expect(report.videosCompared).toBeGreaterThan(0)
  expect(report.videosUnanswered).toBe(0)
})

it('[STM-06] a live link of a deleted video is taken back', async () => {
  const { id, videoId } = await share()
  await sql(`update videos set status = 'deleted', deleted_at = $2 where id = $1`, [videoId, t.app.clock()])
  expect(await found('video_deleted')).toMatchObject({ shares: 1, repaired: 1, examples: [id] })
  expect(await revokedFor(id)).toBe('video_deleted')
  expect(await found('video_deleted')).toMatchObject({ shares: 0 })
})

it('[STM-06] a player that outlived its link is stopped', async () => {
  const { id, token } = await share(owner, await videoThere())
  await t.app.call(issuePlayback, { token, cookie: null }, t.app.newContext(ANONYMOUS))
  const past = new Date(t.app.clock().getTime() - 1000)
  await sql('update shares set expires_at = $2 where id = $1', [id, past])
  expect(await found('ended_but_open')).toMatchObject({ shares: 1, repaired: 1, examples: [id] })
  expect(await found('ended_but_open')).toMatchObject({ shares: 0 })
})

it('[MUX-06] a video that is gone at the service ends here, and its links with it', async () => {
  const videoId = await videoThere()
  const { id } = await share(owner, videoId)
  t.mux.assets.delete(`asset${videoId.slice(4)}`)
  const { report } = await compareAndCheck()
  expect(report.findings).toContainEqual({ kind: 'gone_at_provider', shares: 1, repaired: 1, examples: [id] })
  expect(await revokedFor(id)).toBe('video_deleted')
  expect(report.revokes.elsewhere).toBeGreaterThan(0)
})

it('[MUX-06] a playback ID that is lost at the service is made anew, and the link plays again', async () => {
  const videoId = await videoThere([])
  const { token } = await share(owner, videoId)
  const told = (await compareAndCheck()).report.findings.find(({ kind }) => kind === 'playback_id_missing')
  expect(told).toMatchObject({ shares: 1, repaired: 1 })
  const { rows } = await sql('select playback_id from videos where id = $1', [videoId])
  const there = t.mux.assets.get(`asset${videoId.slice(4)}`)?.playback_ids.map((one) => one.id)
  expect(there).toContain(rows[0].playback_id)
  const issued = await t.app.call(issuePlayback, { token, cookie: null }, t.app.newContext(ANONYMOUS))
  expect(issued.playbackUrl).toContain(rows[0].playback_id)
  const { report } = await compareAndCheck()
  expect(report.findings.find(({ kind }) => kind === 'playback_id_missing')).toMatchObject({ shares: 0 })
})

it('[MUX-06] a video that the service refuses to tell of is counted, and its links live on', async () => {
  const videoId = await videoThere()
  const { id } = await share(owner, videoId)
  t.mux.poisoned.add(`asset${videoId.slice(4)}`)
  const { report } = await compareAndCheck()
  t.mux.poisoned.clear()
  expect(report.videosUnanswered).toBe(1)
  expect(await revokedFor(id)).toBeNull()
})

it('[STM-06] links whose owner has left, and links that nobody ever opened, are reported and live on', async () => {
  const gone = await t.person('agency')
  const left = await share(gone)
  await sql('delete from members where user_id = $1', [gone.id])
  expect(await found('owner_gone')).toMatchObject({ shares: 1, repaired: 0, examples: [left.id] })
  const unused = await share()
  const before = new Date(t.app.clock().getTime() - (UNUSED_DAYS + 1) * 86_400_000)
  await sql('update shares set created_at = $2 where id = $1', [unused.id, before])
  expect(await found('never_used')).toMatchObject({ repaired: 0, examples: [unused.id] })
  expect(await revokedFor(unused.id)).toBeNull()
})

it('[STM-06] the job runs by its name, leaves counts in the log, and administrators read its report', async () => {
  expect(await t.app.runScheduledJob('sharing.check-shares')).toBe(true)
  await runJobs(t)
  const event = (await t.events()).findLast(({ action }) => action === 'share.check')
  expect(event).toMatchObject({ outcome: 'allowed', actor: { kind: 'system' } })
  const admin = await t.person('admin')
  const { check: latest } = await t.app.call(getShareCheck, {}, t.app.newContext(admin))
  expect(latest?.report.findings).toHaveLength(6)
  await expect(t.app.call(getShareCheck, {}, t.app.newContext(owner))).rejects.toMatchObject({
    code: 'forbidden',
  })
})

it('[STM-06] a live link of somebody who was deactivated is named', async () => {
  const leaver = await t.person('agency')
  const { id } = await share(leaver)
  expect((await found('owner_gone'))?.examples).not.toContain(id)
  await sql('update members set deactivated_at = $2 where user_id = $1', [leaver.id, t.app.clock()])
  expect((await found('owner_gone'))?.examples).toContain(id)
})
