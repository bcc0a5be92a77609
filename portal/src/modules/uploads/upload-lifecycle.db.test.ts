import fc from 'fast-check'
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
import { declareChecksum, reportUpload } from './report-upload.ts'
import { resumeUpload } from './resume-upload.ts'
import { UPLOAD_STATUSES, type UploadStatus } from './rules.ts'
import { settleUpload } from './settle-upload.ts'
import { startUpload } from './start-upload.ts'

type Person = Extract<Actor, { kind: 'user' }>

const FILE = { filename: 'Sprint 4.mov', contentType: 'video/quicktime', size: 9_000_000 }
const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)]

let t: TestApp
let owner: Person
beforeAll(async () => {
  t = await createTestApp()
})
afterAll(() => t?.stop())
beforeEach(async () => {
  owner = await t.person('agency')
})

const as = <I, R>(person: Person, operation: Operation<I, R>, input: unknown) =>
  t.app.call(operation, input, t.app.newContext(person))
const settle = (uploadId: string, news: { eventAt?: Date; event?: string } = {}) =>
  t.app.call(settleUpload, { uploadId, ...news }, t.app.newContext({ kind: 'system', id: 'test' }))
const sql = async (text: string, values: unknown[] = []) => (await t.app.pool.query(text, values)).rows
const row = async (table: 'uploads' | 'videos', id: string) =>
  (await sql(`select * from ${table} where id = $1`, [id]))[0]
const providerOf = async (id: string) => t.mux.uploads.get((await row('uploads', id)).provider_upload_id)!
const start = (more: object = {}) => as(owner, startUpload, { ...FILE, writer: 'tab-1', ...more })
const timeline = async (id: string) =>
  (await as(owner, getUpload, { id })).history.map((step) => [step.to, step.by, step.who, step.reason])

/** Sends a whole file, of which the service then says this sum; null: it knows none yet, undefined: it tells none. */
async function arrived(sha256?: string | null, more: object = {}) {
  const upload = await start(more)
  if (sha256 !== undefined) await as(owner, declareChecksum, { id: upload.id, sha256: ONE })
  await fetch(upload.uploadUrl, { method: 'PUT', body: 'bytes' })
  const provider = await providerOf(upload.id)
  if (sha256 !== undefined) provider.engine = { received_bytes: FILE.size, total_bytes: FILE.size, sha256 }
  return { ...upload, provider, assetId: provider.asset_id! }
}

describe('the timeline', () => {
  it('[MUX-01] says of every step who took it and when', async () => {
    const upload = await arrived()
    await as(owner, reportUpload, { id: upload.id, writer: 'tab-1', receivedBytes: 1 })
    await settle(upload.id, { eventAt: t.app.clock(), event: 'video.upload.asset_created' })
    t.mux.finish(upload.assetId)
    t.advance(1000)
    await settle(upload.id)
    const name = (await as(owner, getUpload, { id: upload.id })).ownerName
    expect(name).toMatch(/^Person/)
    expect(await timeline(upload.id)).toEqual([
      ['created', 'person', name, null],
      ['uploading', 'person', name, null],
      ['processing', 'provider', 'video.upload.asset_created', null],
      ['ready', 'reconciler', null, null],
    ])
  })

  it.each([
    ['timed out', (id: string): void => t.mux.timeOut(id), ['timed_out', 'clock', null, null]],
    [
      'failed, with its reason',
      (id: string): void =>
        void Object.assign(t.mux.uploads.get(id)!, {
          status: 'errored',
          error: { type: 'too_large', message: 'Too large.' },
        }),
      ['failed', 'reconciler', null, 'too_large'],
    ],
  ] as const)('%s', async (_, happen, last) => {
    const upload = await start()
    happen((await row('uploads', upload.id)).provider_upload_id)
    await settle(upload.id)
    expect((await timeline(upload.id)).at(-1)).toEqual(last)
  })

  it('tells a cancel as the person’s, and a video’s deletion too', async () => {
    const [one, two] = [await start(), await arrived()]
    await as(owner, cancelUpload, { id: one.id })
    await settle(two.id)
    await as(owner, deleteVideo, { id: two.videoId })
    for (const id of [one.id, two.id])
      expect((await timeline(id)).at(-1)).toMatchObject(['cancelled', 'person', expect.any(String), null])
  })

  it('names the database itself where somebody changed a state past the portal', async () => {
    const upload = await start()
    await sql("update uploads set status = 'processing' where id = $1", [upload.id])
    expect((await timeline(upload.id)).at(-1)).toEqual(['processing', 'database', null, null])
  })
})

describe('the database', () => {
  const RANK: Record<UploadStatus, number> = {
    ...{ created: 0, uploading: 1, processing: 2 },
    ...{ ready: 3, failed: 3, cancelled: 3, timed_out: 3 },
  }

  it('lets an upload go forward alone, whoever writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...UPLOAD_STATUSES), { minLength: 1, maxLength: 6 }),
        async (wished) => {
          const upload = await start()
          let status: UploadStatus = 'created'
          const reached: UploadStatus[] = ['created']
          for (const to of wished) {
            const reason = to === 'failed' ? 'lost' : null
            const done = await t.app.pool
              .query('update uploads set status = $2, failure_reason = $3 where id = $1', [
                upload.id,
                to,
                reason,
              ])
              .then(() => 'done')
              .catch((error: { code: string }) => error.code)
            const legal =
              to === status || (RANK[to] > RANK[status] && !(status === 'processing' && to === 'timed_out'))
            expect(done).toBe(legal ? 'done' : '23514')
            if (legal && to !== status) reached.push(to)
            if (legal) status = to
          }
          const told = await as(owner, getUpload, { id: upload.id })
          expect(told.history.map((step) => step.to)).toEqual(reached)
        },
      ),
      { numRuns: 25 },
    )
  }, 60_000)

  it('makes no ready video of what is not what was sent', async () => {
    const upload = await arrived()
    await sql("update uploads set checksum = 'differs' where id = $1", [upload.id])
    const ready = "update videos set status = 'ready', asset_id = 'a', playback_id = 'p' where id = $1"
    await expect(sql(ready, [upload.videoId])).rejects.toMatchObject({ code: '23514' })
    await expect(sql("update uploads set status = 'ready' where id = $1", [upload.id])).rejects.toMatchObject(
      {
        code: '23514',
      },
    )
  })
})

describe('checksums', () => {
  const alertsOf = (id: string) =>
    sql('select severity, resolved_at from alerts where key = $1', [`uploads.checksum:${id}`])
  const sealed = async (videoId: string) =>
    (await t.events()).findLast(({ action, target }) => action === 'upload.settle' && target.id === videoId)

  it('the same on both sides: shown to the owner, sealed into the log', async () => {
    const upload = await arrived(ONE)
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({
      status: 'ready',
      checksum: { verdict: 'matched', sent: ONE, received: ONE },
    })
    expect((await sealed(upload.videoId))?.details).toMatchObject({
      checksum: 'matched',
      sent_sha256: ONE,
      received_sha256: ONE,
    })
  })

  it('another: fails the upload, alerts, and is never a video that can be shared', async () => {
    const upload = await arrived(OTHER)
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    await settle(upload.id)
    expect(await as(owner, getUpload, { id: upload.id })).toMatchObject({
      status: 'failed',
      errorCode: 'checksum',
      error: expect.stringMatching(/checksums differ/),
      checksum: { verdict: 'differs' },
    })
    expect(await as(owner, getVideo, { id: upload.videoId })).toMatchObject({ status: 'failed' })
    expect(await alertsOf(upload.id)).toMatchObject([{ severity: 'critical', resolved_at: null }])
    expect(await sealed(upload.videoId)).toMatchObject({ outcome: 'failed', reason: 'checksum' })
    await as(owner, deleteVideo, { id: upload.videoId })
    await runJobs(t)
    expect((await alertsOf(upload.id))[0].resolved_at).not.toBeNull()
    expect(t.mux.assets.has(upload.assetId)).toBe(false)
  })

  it('not told yet: waits, and goes on by itself', async () => {
    const upload = await arrived(null)
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    expect(await as(owner, getVideo, { id: upload.videoId })).toMatchObject({ status: 'processing' })
    upload.provider.engine!.sha256 = ONE
    await settle(upload.id)
    expect(await as(owner, getVideo, { id: upload.videoId })).toMatchObject({ status: 'ready' })
  })

  it('a service that computes none is never told as a passed check', async () => {
    const upload = await arrived()
    t.mux.finish(upload.assetId)
    await settle(upload.id)
    expect((await as(owner, getUpload, { id: upload.id })).checksum).toEqual({
      verdict: 'not_offered',
      sent: null,
      received: null,
    })
  })

  it('can be told once, while bytes are waited for', async () => {
    const { id } = await start()
    await as(owner, declareChecksum, { id, sha256: ONE })
    await as(owner, declareChecksum, { id, sha256: ONE })
    await expect(as(owner, declareChecksum, { id, sha256: OTHER })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/has changed/),
    })
    await as(owner, cancelUpload, { id })
    await expect(as(owner, declareChecksum, { id, sha256: ONE })).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('another device of the same person', () => {
  it('[MUX-07] sees how far it is, takes over, and the first one is told to stop', async () => {
    const { id } = await start({ headSha256: ONE })
    const report = (writer: string, receivedBytes: number) =>
      as(owner, reportUpload, { id, writer, receivedBytes })
    expect(await report('tab-1', 3_000_000)).toEqual({ id, goOn: true })
    const [open] = (await as(owner, listUploads, { state: 'open', owner: 'me' })).items
    expect(open).toMatchObject({
      id,
      status: 'uploading',
      receivedBytes: 3_000_000,
      progress: 33,
      headSha256: ONE,
    })
    await as(owner, resumeUpload, { id, writer: 'phone', headSha256: ONE })
    expect(await report('tab-1', 4_000_000)).toEqual({ id, goOn: false })
    expect(await report('phone', 2_000_000)).toEqual({ id, goOn: true })
    // What was acknowledged once stays told, and never more than the file has.
    expect((await as(owner, getUpload, { id })).receivedBytes).toBe(3_000_000)
    await report('phone', 99_000_000)
    expect((await as(owner, getUpload, { id })).receivedBytes).toBe(FILE.size)
  })

  it('[MUX-07] is refused another file with a sentence', async () => {
    const { id } = await start({ headSha256: ONE })
    await expect(as(owner, resumeUpload, { id, headSha256: OTHER })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/another file\. Choose Sprint 4\.mov/),
    })
  })
})

describe('limits and lists', () => {
  it('[MUX-07] a video that is too long is refused before a byte is sent', async () => {
    await expect(start({ durationSeconds: 13 * 3600 })).rejects.toMatchObject({
      code: 'too_large',
      message: 'This video lasts 13 h 0 min; at most 12 h 0 min can be uploaded.',
    })
    expect((await as(owner, listUploads, {})).items).toEqual([])
  })

  it('are filtered by state and person', async () => {
    const colleague: Person = { ...(await t.person('agency')), organisationId: owner.organisationId }
    const [mine, ended] = [await start(), await start()]
    await as(owner, cancelUpload, { id: ended.id })
    const theirs = await as(colleague, startUpload, FILE)
    const ids = async (filter: object) =>
      (await as(owner, listUploads, filter)).items.map(({ id }) => id).toSorted()
    expect(await ids({})).toEqual([mine.id, ended.id, theirs.id].toSorted())
    expect(await ids({ owner: 'me' })).toEqual([mine.id, ended.id].toSorted())
    expect(await ids({ state: 'open' })).toEqual([mine.id, theirs.id].toSorted())
    expect(await ids({ state: 'ended' })).toEqual([ended.id])
    expect(await ids({ state: 'ready' })).toEqual([])
  })
})

it('[UTM-01] each step is counted once, when it is taken', async () => {
  const counts: string[] = []
  const { telemetry } = t.app
  const [add, observe] = [telemetry.add, telemetry.observe]
  Object.assign(telemetry, {
    add: (...of: Parameters<typeof add>) => {
      counts.push(`${of[0]} ${JSON.stringify(of[1])} ${of[2] ?? 1}`)
      add(...of)
    },
    observe: (...of: Parameters<typeof observe>) => {
      counts.push(`${of[0]} ${JSON.stringify(of[1])} ${of[2]}`)
      observe(...of)
    },
  })
  try {
    const upload = await arrived(ONE)
    t.advance(4000)
    await settle(upload.id)
    t.mux.finish(upload.assetId)
    t.advance(6000)
    await settle(upload.id)
    await settle(upload.id)
    const late = await start()
    t.mux.timeOut((await row('uploads', late.id)).provider_upload_id)
    await settle(late.id)
    await as(owner, cancelUpload, { id: (await start()).id })
  } finally {
    Object.assign(telemetry, { add, observe })
  }
  expect(counts.filter((one) => one.startsWith('portal.upload'))).toEqual([
    'portal.upload.initiated {} 1',
    `portal.upload.received {} ${FILE.size}`,
    'portal.upload.duration {"phase":"transfer"} 4',
    'portal.upload.completed {} 1',
    'portal.upload.duration {"phase":"total"} 10',
    'portal.upload.duration {"phase":"processing"} 6',
    'portal.upload.initiated {} 1',
    'portal.upload.failed {"reason":"timed_out"} 1',
    'portal.upload.initiated {} 1',
    'portal.upload.cancelled {} 1',
  ])
})
