import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ingest } from '#engine/media/ingest.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { drainEngine } from '#engine/platform/drain.ts'
import { newId } from '#engine/platform/ids.ts'
import { engineLanes } from '#engine/worker.ts'
import { makeClip } from '../../../tests/support/clips.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import { toolPaths } from '../../../tests/support/media-clips.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { until } from '../../../tests/support/until.ts'
import { findAsset } from './asset-record.ts'
import type { AssetSettings } from './asset-settings.ts'
import { createAsset } from './create-asset.ts'
import { deleteAsset } from './delete-asset.ts'
import { failIngest } from './ingest-failure.ts'
import { expireMasters, updateMasterAccess } from './master-access/change-master-access.ts'
import { createStaticRendition } from './static-renditions/change-static-renditions.ts'
import { sweepSideWork } from './sweep-side-work.ts'
import { createTrack } from './tracks/create-track.ts'
import { deleteTrack } from './tracks/delete-track.ts'
import { requestCaptions } from './tracks/request-captions.ts'

const START = new Date('2026-11-01T00:00:00Z')
let database: TestDatabase
let parts: EngineParts
let program: string
let assetId: string

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database, await toolPaths())
  program = join(parts.ctx.settings.folder, 'recogniser')
  parts.ctx.settings.transcribeCommand = program
}, 60_000)
afterAll(async () => {
  await parts.stop()
  await database.close()
})
beforeEach(async () => {
  parts.setClock(START)
  await recogniser('printf "WEBVTT\\n\\n00:00.000 --> 00:01.000\\nsaid\\n"')
})

/** What the speech recogniser does from now on. */
async function recogniser(script: string) {
  await writeFile(program, `#!/bin/sh\n${script}\n`)
  await chmod(program, 0o700)
}

async function newAsset(settings: Partial<AssetSettings> = {}): Promise<string> {
  const uploadId = newId()
  const source = join(parts.ctx.settings.folder, 'spool', uploadId)
  await mkdir(join(source, '..'), { recursive: true })
  await copyFile(await makeClip({ seconds: 2, width: 320, height: 180 }), source)
  await database.pool.query(
    `insert into engine.uploads (id, secret_hash, timeout_seconds, cors_origin, created_at) values ($1, '', 60, '*', now())`,
    [uploadId],
  )
  return inTransaction(parts.ctx.pool, (tx) =>
    createAsset(tx, parts.ctx, {
      settings: {
        ...{ playback_policies: ['signed'], max_resolution_tier: '1080p', video_quality: 'plus' },
        ...{ normalize_audio: false, ...settings },
      },
      source: { kind: 'upload', uploadId, key: `spool/${uploadId}`, bytes: 1, sha256: Buffer.alloc(32) },
      test: false,
    }),
  )
}

const lanes = () => engineLanes({ ...parts, ingest }, parts.uploads)
const outbox = { idle: async () => true, sendDue: async () => undefined }
const drain = () => drainEngine(parts.ctx, lanes(), outbox, false)
const asset = async (id = assetId) => (await findAsset(database.pool, id))!
const track = async (id: string) => (await asset()).tracks.find((each) => each.id === id)
const stored = () => parts.storage.list(`assets/${assetId}/`)
const events = async (objectId: string) =>
  (
    await database.pool.query(
      'select type from engine.webhook_events where object_id = $1 order by sequence',
      [objectId],
    )
  ).rows.map(({ type }) => type.split('.').at(-1))
/** Makes jobs that wait for their next attempt due. */
const hurry = () =>
  database.pool.query('update engine_worker._private_jobs set run_at = now() where locked_at is null')
const dropJobs = () => database.pool.query('delete from engine_worker._private_jobs')

async function captions(): Promise<string> {
  const sound = (await asset()).tracks.find(({ type }) => type === 'audio')!
  const [made] = await requestCaptions(parts.ctx, assetId, sound.id, [{ languageCode: 'en' }])
  return made!.id
}

describe('beside a ready video', () => {
  beforeAll(async () => {
    assetId = await newAsset()
    await drain()
    expect((await asset()).progress_state).toBe('completed')
  }, 60_000)

  it('a fault that is not the file’s is tried again, and ends after four times', async () => {
    await recogniser('exit 1')
    const id = await captions()
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect((await track(id))?.status).toBe('preparing')
      await hurry()
      await drain()
    }
    expect(await track(id)).toMatchObject({
      status: 'errored',
      error: { type: 'internal_error' },
      failures: 4,
    })
    expect(await events(id)).toEqual(['created', 'errored'])
    await hurry()
    await drain()
    expect(await events(id)).toEqual(['created', 'errored'])
  }, 30_000)

  it('a track deleted while it is made leaves nothing', async () => {
    await recogniser('touch "$(dirname "$1")/../begun"; sleep 60')
    const id = await captions()
    const running = drain()
    await until('it to be under way', async () =>
      (await readdir(join(parts.ctx.settings.folder, 'work'))).includes('begun'),
    )
    await deleteTrack(parts.ctx, assetId, id)
    await running
    await drain()
    expect(await events(id)).toEqual(['created', 'deleted'])
    expect((await stored()).filter((key) => key.includes(id))).toEqual([])
    expect(
      (await readdir(join(parts.ctx.settings.folder, 'work'))).filter((name) => name.includes(id)),
    ).toEqual([])
  }, 30_000)

  it('work that lost its job is found by the sweep; what used up its attempts is ended', async () => {
    const [lost, usedUp] = [await captions(), await captions()]
    const file = await createStaticRendition(parts.ctx, assetId, { resolution: 'highest' })
    await updateMasterAccess(parts.ctx, assetId, 'temporary')
    await database.pool.query(
      `update engine_worker._private_jobs set attempts = max_attempts where key = $1`,
      [`generate_captions:${usedUp}`],
    )
    await database.pool.query('delete from engine_worker._private_jobs where key <> $1', [
      `generate_captions:${usedUp}`,
    ])
    await sweepSideWork(parts.ctx)
    await drain()
    expect((await track(lost))?.status).toBe('ready')
    expect((await track(usedUp))?.status).toBe('errored')
    const { static_renditions, master_status } = await asset()
    expect(static_renditions.find(({ id }) => id === file.id)?.status).toBe('ready')
    expect(master_status).toBe('ready')
  }, 30_000)

  it('access to the master ends after 24 hours', async () => {
    expect((await asset()).master_url).toMatch(/^http:\/\/engine\.example\/master\//)
    parts.setClock(new Date(START.getTime() + 24 * 3600_000 - 1000))
    await expireMasters(parts.ctx)
    expect((await asset()).master_access).toBe('temporary')
    parts.setClock(new Date(START.getTime() + 24 * 3600_000))
    await expireMasters(parts.ctx)
    await drain()
    expect(await asset()).toMatchObject({ master_access: 'none', master_url: null, master_key: null })
    expect((await stored()).filter((key) => key.includes('/master/'))).toEqual([])
    expect((await events(assetId)).at(-1)).toBe('deleted')
  })

  it('a job that comes twice does nothing the second time', async () => {
    const id = await captions()
    await drain()
    const before = await stored()
    await database.pool.query(
      `select engine_worker.add_job('generate_captions', payload := json_build_object('trackId', $1::text))`,
      [id],
    )
    await drain()
    expect(await stored()).toEqual(before)
    expect(await events(id)).toEqual(['created', 'ready'])
  })

  it('two who want one name at the same time: one gets it', async () => {
    const wanted = { type: 'text', url: 'http://127.0.0.1:1/x', languageCode: 'en', name: 'Same' } as const
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => createTrack(parts.ctx, assetId, wanted)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await dropJobs()
  })

  it('everything goes with the asset', async () => {
    await deleteAsset(parts.ctx, assetId)
    await drain()
    expect(await stored()).toEqual([])
    const { rows } = await database.pool.query(
      `select (select count(*) from engine.tracks where asset_id = $1) as tracks,
         (select count(*) from engine.static_renditions where asset_id = $1) as files`,
      [assetId],
    )
    expect(rows[0]).toEqual({ tracks: 0, files: 0 })
  })
})

it('what was asked for beside a video that fails is told to have failed', async () => {
  assetId = await newAsset({
    inputs: [{}, { url: 'http://127.0.0.1:1/x.srt', type: 'text', language_code: 'en' }],
    static_renditions: [{ resolution: 'highest' }],
    master_access: 'temporary',
  })
  expect(await asset()).toMatchObject({ master_access: 'temporary', master_status: 'preparing' })
  await failIngest(parts.ctx, assetId, { type: 'invalid_input', message: 'No.' })
  const { tracks, static_renditions, master_status } = await asset()
  expect([tracks[0]?.status, static_renditions[0]?.status, master_status]).toEqual([
    'errored',
    'errored',
    'errored',
  ])
  expect(await events(tracks[0]!.id)).toEqual(['created', 'errored'])
  await dropJobs()
})
