import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelUpload } from '#portal/modules/uploads/cancel-upload.ts'
import { startUpload } from '#portal/modules/uploads/start-upload.ts'
import { deleteVideo } from '#portal/modules/videos/delete-video.ts'
import type { Actor } from '#portal/platform/context.ts'
import { runJobs } from '../../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../../tests/support/test-app.ts'
import type { ReconciliationView } from '../answers.ts'
import { exportFindings } from './export-findings.ts'
import { getReconciliation, listFindings } from './list-reconciliations.ts'
import { decideReconciliation, startReconciliation } from './start-reconciliation.ts'

type Person = Extract<Actor, { kind: 'user' }>
const HOUR = 3_600_000

let t: TestApp
let owner: Person
let admin: Person
beforeAll(async () => {
  t = await createTestApp()
  owner = await t.person('agency')
  admin = await t.person('admin', { groups: ['operations'] })
})
afterAll(() => t?.stop())

const as = (actor: Actor) => t.app.newContext(actor)
const query = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows

async function upload() {
  const file = { filename: 'Heat 2.mp4', contentType: 'video/mp4', size: 1000 }
  const { id, videoId, uploadUrl } = await t.app.call(startUpload, file, as(owner))
  const [{ provider_upload_id: providerId }] = await query(
    'select provider_upload_id from uploads where id = $1',
    [id],
  )
  return { id, videoId, uploadUrl, provider: t.mux.uploads.get(providerId)! }
}

/** Arrived and finished at the service, of which it has told nothing. */
async function finished() {
  const made = await upload()
  await fetch(made.uploadUrl, { method: 'PUT', body: 'bytes' })
  const asset = t.mux.assets.get(made.provider.asset_id!)!
  t.mux.finish(asset.id)
  return { ...made, asset }
}

/** Compares, and lets the queue come to its end. */
async function reconcile(mode: 'dry' | 'apply' = 'apply'): Promise<ReconciliationView> {
  const { id } = await t.app.call(startReconciliation, { mode }, as(admin))
  await runJobs(t)
  return await t.app.call(getReconciliation, { id }, as(admin))
}

const findingsOf = async (run: ReconciliationView) =>
  (await t.app.call(listFindings, { run: run.id, limit: 200 }, as(admin))).items
const findingAbout = async (run: ReconciliationView, objectId: string) =>
  (await findingsOf(run)).find((one) => one.objectId === objectId)
const videoStatus = async (id: string) =>
  (await query('select status from videos where id = $1', [id]))[0].status
const openAlerts = async () =>
  (await query('select key from alerts where resolved_at is null order by key')).map(({ key }) => key)

describe('a comparison with the video service', () => {
  it('[MUX-06] changes nothing in a dry run, and tells what it would do', async () => {
    const { videoId, asset } = await finished()
    t.advance(HOUR)
    const run = await reconcile('dry')
    expect(run).toMatchObject({ status: 'done', mode: 'dry', stage: 'over', held: 0 })
    expect(await findingAbout(run, asset.id)).toMatchObject({ kind: 'event_missing', state: 'open', videoId })
    expect(await query('select from webhook_events where object_id = $1', [asset.id])).toEqual([])
  })

  it('[MUX-06] puts events in that never came, and they are applied like any other', async () => {
    const { videoId, asset, provider } = await finished()
    t.advance(HOUR)
    const run = await reconcile()
    const finding = await findingAbout(run, asset.id)
    expect(finding).toMatchObject({ kind: 'event_missing', state: 'done' })
    expect(finding!.detail.events).toEqual([
      'video.asset.created',
      'video.asset.ready',
      'video.upload.asset_created',
    ])
    expect(await videoStatus(videoId)).toBe('ready')
    const events = await query(
      'select type, synthetic, applied_at is not null as applied from webhook_events where object_id = any($1) order by type',
      [[asset.id, provider.id]],
    )
    const types = [finding!.detail.events!].flat().toSorted()
    expect(events).toEqual(types.map((type) => ({ type, synthetic: true, applied: true })))
    const settled = (await t.events()).filter(
      ({ action, target }) => action === 'upload.settle' && target.id === videoId,
    )
    expect(settled.length).toBeGreaterThan(0)
    const again = await reconcile()
    expect(await findingAbout(again, asset.id)).toBeUndefined()
  })

  it('[MUX-06] ends uploads whose time is over there', async () => {
    const { id, provider } = await upload()
    t.mux.timeOut(provider.id)
    const run = await reconcile()
    expect(await findingAbout(run, provider.id)).toMatchObject({ kind: 'upload_over', state: 'done' })
    const [row] = await query('select status from uploads where id = $1', [id])
    expect(['failed', 'timed_out']).toContain(row.status)
  })

  it('[MUX-06] ends a video whose asset is gone, and takes its links along', async () => {
    const { videoId, asset } = await finished()
    t.advance(HOUR)
    await reconcile()
    t.mux.assets.delete(asset.id)
    const run = await reconcile()
    expect(await findingAbout(run, asset.id)).toMatchObject({ kind: 'asset_gone', state: 'done', videoId })
    expect(await videoStatus(videoId)).toBe('deleted')
  })

  it('[MUX-06] deletes our assets that no row names, after a day, and nobody else’s ever', async () => {
    const { id, videoId, asset } = await finished()
    t.advance(HOUR)
    await query('delete from uploads where id = $1', [id])
    await query('update videos set asset_id = null, playback_id = null where id = $1', [videoId])
    const foreign = { ...structuredClone(asset), id: 'f0e1d2c3', passthrough: 'theirs', meta: {} }
    const unmarked = { ...structuredClone(asset), id: 'a0b1c2d3', passthrough: id, meta: {} }
    for (const one of [foreign, unmarked]) t.mux.assets.set(one.id, { ...one, upload_id: 'e0' } as never)
    const first = await reconcile()
    expect(await findingAbout(first, asset.id)).toMatchObject({ kind: 'asset_orphan', state: 'waiting' })
    expect(first.strangers).toBe(1)
    t.advance(25 * HOUR)
    const second = await reconcile()
    expect(await findingAbout(second, asset.id)).toMatchObject({ kind: 'asset_orphan', state: 'done' })
    expect(await findingAbout(second, unmarked.id)).toMatchObject({
      kind: 'asset_unmarked',
      state: 'reported',
    })
    expect([asset, foreign, unmarked].map((one) => t.mux.assets.has(one.id))).toEqual([false, true, true])
    const repair = (await t.events()).find(
      ({ action, target }) => action === 'reconciliation.repair' && target.id === asset.id,
    )
    expect(repair).toMatchObject({
      outcome: 'allowed',
      reason: 'asset_orphan',
      details: { act: 'delete_asset' },
    })
  })

  it('[MUX-06] cancels places to upload to that no row names', async () => {
    const { id, provider, videoId } = await upload()
    await query('delete from uploads where id = $1', [id])
    await query('delete from videos where id = $1', [videoId])
    const kept = await upload()
    await reconcile()
    t.advance(25 * HOUR)
    await reconcile()
    expect(provider.status).toBe('cancelled')
    expect(kept.provider.status).toBe('waiting')
    await t.app.call(cancelUpload, { id: kept.id }, as(owner))
  })

  it('[MUX-06] asks again for a deletion that the service has not done', async () => {
    const { videoId, asset } = await finished()
    t.advance(HOUR)
    await reconcile()
    await t.app.call(deleteVideo, { id: videoId }, as(owner))
    await query(`delete from graphile_worker._private_jobs where key like 'remove:%'`)
    await reconcile()
    t.advance(2 * HOUR)
    const run = await reconcile()
    expect(await findingAbout(run, asset.id)).toMatchObject({ kind: 'asset_undeleted', state: 'done' })
    expect(t.mux.assets.has(asset.id)).toBe(false)
  })

  it('[MUX-06] replaces a playback ID that is gone, and deletes one that is too many', async () => {
    const { videoId, asset } = await finished()
    t.advance(HOUR)
    await reconcile()
    const [{ playback_id: lost }] = await query('select playback_id from videos where id = $1', [videoId])
    asset.playback_ids = [{ id: 'stray'.padEnd(20, 'x'), policy: 'signed' }]
    const run = await reconcile()
    expect(await findingAbout(run, lost)).toMatchObject({
      kind: 'playback_id_missing',
      state: 'done',
      videoId,
    })
    const [{ playback_id: now }] = await query('select playback_id from videos where id = $1', [videoId])
    expect(now).not.toBe(lost)
    t.advance(25 * HOUR)
    await reconcile()
    expect(asset.playback_ids.map(({ id }) => id)).toEqual([now])
  })

  it('[MUX-06] tells of tracks that came and went', async () => {
    const { asset } = await finished()
    t.advance(HOUR)
    await reconcile()
    const tracks = asset.tracks as { id: string; type: string; status: string }[]
    const [video] = tracks
    asset.tracks = [...tracks.slice(1), { id: 'captions1', type: 'text', status: 'errored' }]
    const found = (await findingsOf(await reconcile())).filter(({ kind }) => kind.startsWith('track'))
    const kinds = new Set(found.map(({ kind, objectId }) => `${kind} ${objectId}`))
    expect(kinds).toEqual(
      new Set([`track_missing ${video!.id}`, 'track_extra captions1', 'track_failed captions1']),
    )
  })
})

describe('what a comparison may not do by itself', () => {
  it('[MUX-06] stops before it ends unusually much, and goes on when a person says so', async () => {
    const many = []
    for (let n = 0; n < 12; n += 1) many.push(await finished())
    t.advance(HOUR)
    await reconcile()
    for (const { asset } of many) t.mux.assets.delete(asset.id)
    const held = await reconcile()
    expect(held).toMatchObject({ status: 'held', held: 12 })
    expect(await openAlerts()).toContain('reconciliation.held')
    expect(await videoStatus(many[0]!.videoId)).toBe('ready')

    const outsider = await t.person('admin')
    const word = { id: held.id, decision: 'go_on', reason: 'They were deleted there on purpose.' }
    await expect(t.app.call(decideReconciliation, word, as(outsider))).rejects.toMatchObject({
      code: 'forbidden',
    })
    await t.app.call(decideReconciliation, word, as(admin))
    await runJobs(t)
    const after = await t.app.call(getReconciliation, { id: held.id }, as(admin))
    expect(after).toMatchObject({ status: 'done', decision: 'go_on' })
    for (const { videoId } of many) expect(await videoStatus(videoId)).toBe('deleted')
    expect(await openAlerts()).not.toContain('reconciliation.held')
    await expect(t.app.call(decideReconciliation, word, as(admin))).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('[MUX-06] reports an object that the service refuses to tell of, concludes nothing, and compares the rest', async () => {
    const poisoned = await finished()
    const sound = await finished()
    t.advance(HOUR)
    await reconcile()
    t.mux.poisoned.add(poisoned.asset.id)
    t.mux.assets.delete(sound.asset.id)
    const run = await reconcile()
    expect(run).toMatchObject({ status: 'done', stage: 'over' })
    expect(await findingAbout(run, poisoned.asset.id)).toMatchObject({
      kind: 'object_refused',
      state: 'reported',
    })
    expect(await findingAbout(run, sound.asset.id)).toMatchObject({ kind: 'asset_gone', state: 'done' })
    expect(await videoStatus(poisoned.videoId)).toBe('ready')
    t.mux.poisoned.clear()
    expect(await findingAbout(await reconcile(), poisoned.asset.id)).toBeUndefined()
  })

  it('runs once at a time', async () => {
    await t.app.call(startReconciliation, {}, as(admin))
    await expect(t.app.call(startReconciliation, {}, as(admin))).rejects.toMatchObject({ code: 'conflict' })
    await runJobs(t)
  })

  it('goes on where it stopped when the service did not answer', async () => {
    const { asset } = await finished()
    t.advance(HOUR)
    t.mux.refuse(/^GET \/video\/v1\/assets$/)
    const { id } = await t.app.call(startReconciliation, { mode: 'apply' }, as(admin))
    await runJobs(t)
    const stopped = await t.app.call(getReconciliation, { id }, as(admin))
    expect(stopped).toMatchObject({ status: 'running', stage: 'assets', error: expect.any(String) })
    t.mux.refuse(null)
    t.advance(60_000)
    await query(`update graphile_worker._private_jobs set run_at = now() where key = $1`, [`reconcile:${id}`])
    await runJobs(t)
    const run = await t.app.call(getReconciliation, { id }, as(admin))
    expect(run).toMatchObject({ status: 'done', error: null, uploads: stopped.uploads })
    expect(await findingAbout(run, asset.id)).toMatchObject({ state: 'done' })
  })
})

describe('the daily comparison', () => {
  it('[MUX-06] runs by its schedule; that it has not for 26 hours is told, until it has', async () => {
    await t.app.runScheduledJob('reliability.reconcile')
    await runJobs(t)
    t.advance(25 * HOUR)
    await t.app.runScheduledJob('reliability.watch-reconciliation')
    await runJobs(t)
    expect(await openAlerts()).not.toContain('reconciliation.overdue')
    t.advance(2 * HOUR)
    await t.app.runScheduledJob('reliability.watch-reconciliation')
    await runJobs(t)
    expect(await openAlerts()).toContain('reconciliation.overdue')
    await t.app.runScheduledJob('reliability.reconcile')
    await runJobs(t)
    expect(await openAlerts()).not.toContain('reconciliation.overdue')
  })
})

describe('the list of differences', () => {
  it('[ASVS-1.2.10] is exported, without formulas or people, and the log knows', async () => {
    const lines: string[] = []
    for await (const line of await t.app.call(exportFindings, {}, as(admin))) lines.push(line)
    const [{ count }] = await query('select count(*) from reconciliation_findings')
    expect(lines).toHaveLength(1 + count)
    expect(lines[0]).toMatch(/^id,kind,state,object_type/)
    expect((await t.events()).some(({ action }) => action === 'reconciliation.export')).toBe(true)
  })
})
