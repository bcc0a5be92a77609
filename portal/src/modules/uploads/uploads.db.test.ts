import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deleteVideo } from '#portal/modules/videos/delete-video.ts'
import { getVideo } from '#portal/modules/videos/get-video.ts'
import type { Actor } from '#portal/platform/context.ts'
import type { Operation } from '#portal/platform/operation.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { cancelUpload } from './cancel-upload.ts'
import { getUpload } from './get-upload.ts'
import { listUploads } from './list-uploads.ts'
import { resumeUpload } from './resume-upload.ts'
import { settleUpload } from './settle-upload.ts'
import { startUpload } from './start-upload.ts'

type Person = Extract<Actor, { kind: 'user' }>

const FILE = { filename: 'Sprint 4.mov', contentType: 'video/quicktime', size: 9_000_000 }

let t: TestApp
let owner: Person
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())
beforeEach(async () => {
  t.mux.misbehave(null)
  owner = await t.person('agency')
})

const as = <I, R>(person: Person, operation: Operation<I, R>, input: unknown) =>
  t.app.call(operation, input, t.app.newContext(person))
const settle = (uploadId: string) =>
  t.app.call(settleUpload, { uploadId }, t.app.newContext({ kind: 'system', id: 'test' }))
const row = async (table: 'uploads' | 'videos', id: string) =>
  (await t.app.pool.query(`select * from ${table} where id = $1`, [id])).rows[0]
const put = (url: string) => fetch(url, { method: 'PUT', body: 'bytes' })
const providerOf = async (uploadId: string) =>
  t.mux.uploads.get((await row('uploads', uploadId)).provider_upload_id)!

async function arrived() {
  const upload = await as(owner, startUpload, FILE)
  await put(upload.uploadUrl)
  return { ...upload, assetId: (await providerOf(upload.id)).asset_id! }
}

describe('starting an upload', () => {
  it('[MUX-01] writes job and video before the video service hears of them', async () => {
    t.mux.misbehave('hang')
    const calls = t.mux.calls.length
    const starting = as(owner, startUpload, { ...FILE, intendedAccess: 'email' })
    await expect.poll(() => t.mux.calls.length).toBe(calls + 1)
    const open = (await as(owner, listUploads, {})).items
    expect(open).toMatchObject([
      { filename: 'Sprint 4.mov', size: 9_000_000, status: 'waiting', ownerId: owner.id },
    ])
    expect(await row('uploads', open[0]!.id)).toMatchObject({
      organisation_id: owner.organisationId,
      intended_access: 'email',
      provider_upload_id: null,
    })
    expect(await as(owner, getVideo, { id: open[0]!.videoId })).toMatchObject({
      title: 'Sprint 4',
      status: 'waiting',
    })
    // The first connection dies; the creation is tried once more.
    t.mux.misbehave(null)
    expect(await starting).toMatchObject({ id: open[0]!.id, status: 'waiting' })
    const { new_asset_settings } = await providerOf(open[0]!.id)
    expect(new_asset_settings).toMatchObject({ passthrough: open[0]!.id, playback_policies: ['signed'] })
  })

  it('[MUX-01] leaves a failed job with its reason where the video service fails', async () => {
    t.mux.misbehave(500)
    await expect(as(owner, startUpload, FILE)).rejects.toMatchObject({ code: 'unavailable' })
    const [upload] = (await as(owner, listUploads, {})).items
    expect(upload).toMatchObject({ status: 'failed', error: expect.stringMatching(/video service/) })
    expect(await as(owner, getVideo, { id: upload!.videoId })).toMatchObject({
      status: 'failed',
      error: upload!.error,
    })
  })

  it('[MUX-01] the job is settled by reconciliation where the process died in between', async () => {
    const upload = await as(owner, startUpload, FILE)
    await t.app.pool.query('update uploads set provider_upload_id = null, upload_url = null where id = $1', [
      upload.id,
    ])
    t.advance(180_000)
    await t.app.runScheduledJob('uploads.reconcile')
    await runJobs(t)
    expect(await row('uploads', upload.id)).toMatchObject({ status: 'failed' })
    expect(await row('videos', upload.videoId)).toMatchObject({ status: 'failed' })
  })

  it('keeps the URL sealed, and cleans the name', async () => {
    const upload = await as(owner, startUpload, {
      ...FILE,
      filename: '../../lane\u00014.mp4',
      title: '  The   final ',
    })
    const kept = await row('uploads', upload.id)
    expect(kept.filename).toBe('lane 4.mp4')
    expect(kept.upload_url.toString('latin1')).not.toContain('upload_id')
    expect(await as(owner, getVideo, { id: upload.videoId })).toMatchObject({ title: 'The final' })
  })

  it.each([
    ['too large', { size: 60 * 1024 ** 3 }, 'too_large', /is 64.4 GB; at most 53.7 GB/],
    ['empty', { size: 0 }, 'invalid', /empty/],
    [
      'no media',
      { filename: 'a.pdf', contentType: 'application/pdf' },
      'unsupported_media',
      /video or audio/,
    ],
    ['a fraction of a byte', { size: 1.5 }, 'invalid', /whole number/],
    ['no name', { filename: '' }, 'invalid', /filename: is missing/],
    ['a project that is not there', { projectId: 'prj_1' }, 'not_found', /no such project/],
    ['an unknown field', { folder: 'x' }, 'invalid', /folder/],
  ] as const)('[MUX-07] [ASVS-5.2.1] refuses a file that is %s', async (_, patch, code, message) => {
    const refused = expect(as(owner, startUpload, { ...FILE, ...patch })).rejects
    await refused.toMatchObject({ code, message: expect.stringMatching(message) })
    expect((await as(owner, listUploads, {})).items).toEqual([])
  })

  it('leaves its events in the log, without the name of the file', async () => {
    const upload = await as(owner, startUpload, FILE)
    const events = (await t.events()).filter((event) => event.target.id === upload.id)
    expect(events.map((event) => [event.action, event.outcome])).toEqual([
      ['upload.start', 'allowed'],
      ['upload.open', 'allowed'],
    ])
    expect(JSON.stringify(events)).not.toMatch(/Sprint|http/)
  })
})

describe('other people', () => {
  it("find no upload of another organisation, and only look at a colleague's", async () => {
    const upload = await as(owner, startUpload, FILE)
    const stranger = await t.person('admin')
    for (const operation of [getUpload, resumeUpload, cancelUpload] as Operation<unknown, unknown>[]) {
      await expect(as(stranger, operation, { id: upload.id })).rejects.toMatchObject({ code: 'not_found' })
    }
    const colleague: Person = { ...(await t.person('agency')), organisationId: owner.organisationId }
    expect(await as(colleague, getUpload, { id: upload.id })).toMatchObject({ status: 'waiting' })
    for (const operation of [resumeUpload, cancelUpload] as Operation<unknown, unknown>[]) {
      await expect(as(colleague, operation, { id: upload.id })).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})

describe('going on', () => {
  it('[MUX-07] gives the URL to its owner again until the file has arrived', async () => {
    const upload = await as(owner, startUpload, FILE)
    expect(await as(owner, resumeUpload, { id: upload.id })).toMatchObject({
      uploadUrl: upload.uploadUrl,
      size: FILE.size,
    })
    await put(upload.uploadUrl)
    await settle(upload.id)
    await expect(as(owner, resumeUpload, { id: upload.id })).rejects.toMatchObject({ code: 'conflict' })
    expect((await row('uploads', upload.id)).upload_url).toBeNull()
  })

  it('follows the service to ready, and the page sees each state', async () => {
    const upload = await arrived()
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({ status: 'waiting' })
    t.mux.assets.get(upload.assetId)!.progress = { state: 'transcoding', progress: 41 }
    await settle(upload.id)
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({
      status: 'processing',
      progress: 41,
    })
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({ status: 'ready', progress: 100 })
    expect(await as(owner, getVideo, { id: upload.videoId })).toMatchObject({
      status: 'ready',
      complete: true,
      duration: 23.857167,
      aspectRatio: '16:9',
      error: null,
    })
  })

  it('tells people why a file failed', async () => {
    const upload = await arrived()
    t.mux.fail(upload.assetId, 'The file holds no video or audio.')
    await settle(upload.id)
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({
      status: 'failed',
      error: 'The file holds no video or audio.',
    })
  })

  it('[MUX-06] is found out by reconciliation where every webhook was lost', async () => {
    const uploads = await Promise.all([arrived(), arrived(), arrived()])
    t.mux.finish(uploads[0]!.assetId)
    t.mux.fail(uploads[1]!.assetId, 'Not a video.')
    t.advance(60_000)
    await t.app.runScheduledJob('uploads.reconcile')
    await runJobs(t)
    const states = await Promise.all(uploads.map(async ({ id }) => (await row('uploads', id)).status))
    expect(states).toEqual(['ready', 'failed', 'processing'])
  })

  it('an outage of the service is told once, changes nothing, and passes', async () => {
    const upload = await arrived()
    t.mux.finish(upload.assetId)
    t.mux.misbehave(503)
    t.advance(60_000)
    await t.app.runScheduledJob('uploads.reconcile')
    await runJobs(t)
    expect((await row('uploads', upload.id)).status).toBe('created')
    const open = () =>
      t.app.pool.query("select * from alerts where key = 'uploads.reconcile' and resolved_at is null")
    expect((await open()).rows).toHaveLength(1)
    t.mux.misbehave(null)
    await expect
      .poll(
        async () => {
          t.advance(60_000)
          await t.app.runScheduledJob('uploads.reconcile')
          await runJobs(t)
          return [(await row('uploads', upload.id)).status, (await open()).rows.length]
        },
        { timeout: 45_000, interval: 500 },
      )
      .toEqual(['ready', 0])
  })
})

describe('cancelling', () => {
  it('ends the upload here and there, once', async () => {
    const upload = await as(owner, startUpload, FILE)
    const provider = await providerOf(upload.id)
    expect(await as(owner, cancelUpload, { id: upload.id })).toEqual({ id: upload.id, status: 'cancelled' })
    expect(await as(owner, cancelUpload, { id: upload.id })).toEqual({ id: upload.id, status: 'cancelled' })
    expect(provider.status).toBe('cancelled')
    await expect(as(owner, resumeUpload, { id: upload.id })).rejects.toMatchObject({ code: 'gone' })
    await expect(as(owner, getVideo, { id: upload.videoId })).rejects.toMatchObject({ code: 'not_found' })
    expect((await put(upload.uploadUrl)).status).toBe(410)
  })

  it('comes too late once the whole file is there', async () => {
    const upload = await arrived()
    await expect(as(owner, cancelUpload, { id: upload.id })).rejects.toMatchObject({ code: 'conflict' })
    expect(await row('uploads', upload.id)).toMatchObject({ status: 'processing' })
  })

  it('ends as the service decided, whoever of cancel, last byte and settlement is first', async () => {
    for (let round = 0; round < 12; round++) {
      const upload = await as(owner, startUpload, FILE)
      const provider = await providerOf(upload.id)
      const work = [
        () => as(owner, cancelUpload, { id: upload.id }).catch((error: { code: string }) => error.code),
        () => put(upload.uploadUrl),
        () => settle(upload.id),
      ]
      const order = [...work.slice(round % 3), ...work.slice(0, round % 3)]
      await Promise.all(order.map((one) => one()))
      await settle(upload.id)
      const { status } = await row('uploads', upload.id)
      expect(status).toBe(provider.status === 'cancelled' ? 'cancelled' : 'processing')
      expect((await row('videos', upload.videoId)).status).toBe(
        status === 'cancelled' ? 'deleted' : 'processing',
      )
    }
  })

  it('takes back the place of an upload that was cancelled while it was being prepared', async () => {
    t.mux.misbehave('hang')
    const calls = t.mux.calls.length
    const starting = as(owner, startUpload, FILE).catch((error: { code: string }) => error.code)
    await expect.poll(() => t.mux.calls.length).toBe(calls + 1)
    const [open] = (await as(owner, listUploads, {})).items
    await as(owner, cancelUpload, { id: open!.id })
    t.mux.misbehave(null)
    expect(await starting).toBe('conflict')
    const places = [...t.mux.uploads.values()].filter(
      (one) => one.new_asset_settings.passthrough === open!.id,
    )
    expect(places.map((one) => one.status)).toEqual(['cancelled'])
  })
})

describe('deleting a video', () => {
  it('leaves no byte at the service, whatever state its upload is in', async () => {
    const waiting = await as(owner, startUpload, FILE)
    const unseen = await arrived()
    const ready = await arrived()
    t.mux.finish(ready.assetId)
    await settle(ready.id)
    for (const { videoId } of [waiting, unseen, ready]) await as(owner, deleteVideo, { id: videoId })
    await runJobs(t)
    expect((await t.mux.uploads.get((await row('uploads', waiting.id)).provider_upload_id))!.status).toBe(
      'cancelled',
    )
    expect(t.mux.assets.has(unseen.assetId) || t.mux.assets.has(ready.assetId)).toBe(false)
    for (const { videoId } of [waiting, unseen, ready]) {
      expect(await row('videos', videoId)).toMatchObject({
        status: 'deleted',
        asset_deleted_at: expect.any(Date),
      })
      const events = (await t.events()).filter((event) => event.target.id === videoId)
      expect(events.map((event) => event.action)).toEqual(
        expect.arrayContaining(['video.delete', 'video.remove']),
      )
      await expect(as(owner, getVideo, { id: videoId })).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('is repeated until the service confirms it', async () => {
    const upload = await arrived()
    await settle(upload.id)
    t.mux.misbehave(503)
    await as(owner, deleteVideo, { id: upload.videoId })
    await runJobs(t)
    expect((await row('videos', upload.videoId)).asset_deleted_at).toBeNull()
    t.mux.misbehave(null)
    t.advance(6 * 60_000)
    await expect
      .poll(
        async () => {
          await t.app.runScheduledJob('uploads.reconcile')
          await runJobs(t)
          return (await row('videos', upload.videoId)).asset_deleted_at
        },
        { timeout: 45_000, interval: 500 },
      )
      .not.toBeNull()
    expect(t.mux.assets.has(upload.assetId)).toBe(false)
  })
})

describe('public playback', () => {
  it('[SPS-05] found at the service is closed, alerted and recorded', async () => {
    const upload = await arrived()
    const asset = t.mux.assets.get(upload.assetId)!
    asset.playback_ids = [{ id: 'openToTheWorld', policy: 'public' }]
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    expect(asset.playback_ids).toMatchObject([{ policy: 'signed' }])
    expect(await row('videos', upload.videoId)).toMatchObject({
      status: 'ready',
      playback_id: asset.playback_ids[0]!.id,
    })
    const alert = await t.app.pool.query('select * from alerts where key = $1', [
      `playback.public:${upload.videoId}`,
    ])
    expect(alert.rows).toMatchObject([{ severity: 'critical' }])
    const events = (await t.events()).filter((event) => event.action === 'playback.close-public')
    expect(events).toMatchObject([{ target: { id: upload.videoId } }])
  })
})
