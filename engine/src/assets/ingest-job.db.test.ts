import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { ImagesResult, IngestContext, MediaInfo, RenditionResult } from '#engine/media/ingest-context.ts'
import { MediaError } from '#engine/media/media-error.ts'
import { inTransaction } from '#engine/platform/db.ts'
import { StorageError } from '#engine/storage/port.ts'
import { createTestDatabase } from '../../../tests/support/database.ts'
import { type EngineParts, startEngineParts } from '../../../tests/support/engine-parts.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'
import { findAsset } from './asset-record.ts'
import { createAsset } from './create-asset.ts'
import { deleteAsset, removeAssetBytes } from './delete-asset.ts'
import { runIngest } from './ingest-job.ts'
import { sweepAssets } from './sweep-assets.ts'

let database: TestDatabase
let parts: EngineParts
let assetId: string

beforeAll(async () => {
  database = await createTestDatabase('engine')
  parts = await startEngineParts(database)
})
afterAll(async () => {
  await parts.stop()
  await database.close()
})
beforeEach(async () => {
  const uploadId = `upload${Math.random().toString(36).slice(2)}`
  await database.pool.query(
    `insert into engine.uploads (id, secret_hash, timeout_seconds, cors_origin, created_at) values ($1, '', 60, '*', now())`,
    [uploadId],
  )
  assetId = await inTransaction(parts.ctx.pool, (tx) =>
    createAsset(tx, parts.ctx, {
      settings: {
        playback_policies: ['signed'],
        max_resolution_tier: '1080p',
        video_quality: 'plus',
        normalize_audio: false,
        meta: { title: 'Private words' },
      },
      source: { kind: 'upload', uploadId, key: `spool/${uploadId}`, bytes: 3, sha256: Buffer.alloc(32) },
      test: false,
    }),
  )
  await mkdir(join(parts.ctx.settings.folder, 'spool'), { recursive: true })
  await writeFile(join(parts.ctx.settings.folder, 'spool', uploadId), 'abc')
})

const info = {
  durationSeconds: 10,
  container: 'mov,mp4,m4a,3gp,3g2,mj2',
  bitRate: 1_000_000,
  video: {
    ...{ codec: 'h264', profile: 'High', pixelFormat: 'yuv420p', bitDepth: 8, rotation: 0, frameRate: 25 },
    ...{ displayWidth: 1920, displayHeight: 1080, codedWidth: 1920, codedHeight: 1080, squarePixels: true },
  },
  audio: { codec: 'aac', profile: 'LC', channels: 2, language: 'en' },
  audios: [{ codec: 'aac', profile: 'LC', channels: 2, language: 'en' }],
  subtitles: [],
} as unknown as MediaInfo

const images = { storyboard: { key: 'storyboard.jpg' } } as unknown as ImagesResult

const rendition = (name: string, context: IngestContext): RenditionResult => ({
  name,
  kind: 'video',
  width: 1920,
  height: 1080,
  frameRate: 25,
  codecs: 'avc1.640028',
  bandwidth: 1000,
  averageBandwidth: 900,
  channels: null,
  language: null,
  initBytes: 1,
  iframes: [],
  growing: false,
  segments: [{ duration: 10, bytes: 100 }],
  folder: `${context.prefix}${name}-${context.attempt}/`,
})

/** What the media side does, without media. */
async function plainIngest(context: IngestContext): Promise<void> {
  if (!context.media) await context.onProbed(info)
  if (context.stage === 'first') {
    await context.onRendition(rendition('source', context))
    return context.onPlayable()
  }
  await context.onImages(images)
  await context.onProgress(50)
  await context.onRendition(rendition('720p', context))
  await context.onDone()
}

const run = (stage: 'first' | 'rest', ingest: (context: IngestContext) => Promise<void> = plainIngest) =>
  runIngest({ ...parts, ingest }, assetId, stage)

const asset = async () => (await findAsset(database.pool, assetId))!

const events = async () =>
  (
    await database.pool.query(
      'select type from engine.webhook_events where object_id = $1 order by sequence',
      [assetId],
    )
  ).rows.map(({ type }) => type.replace('video.asset.', ''))

const jobs = async () =>
  (
    await database.pool.query(
      'select task_identifier as task, key from engine_worker.jobs where key like $1',
      [`%:${assetId}`],
    )
  ).rows
    .map(({ task }) => task)
    .toSorted()

it('is ready from its first rendition on, and completed when the ladder stands', async () => {
  expect(await jobs()).toEqual(['ingest_first'])
  await run('first')
  expect(await asset()).toMatchObject({
    status: 'ready',
    progress_state: 'transcoding',
    duration_seconds: 10,
    aspect_ratio: '16:9',
    resolution_tier: '1080p',
  })
  expect((await asset()).tracks.map(({ type }) => type)).toEqual(['video', 'audio'])
  expect(await jobs()).toEqual(['ingest_first', 'ingest_rest'])
  await run('rest')
  expect(await asset()).toMatchObject({
    progress_state: 'completed',
    progress_percent: 100,
    images,
  })
  expect(await events()).toEqual(['created', 'ready'])
  expect(await readdir(join(parts.ctx.settings.folder, 'work'))).toEqual([])
})

it('does nothing when it is run again after the end', async () => {
  await run('first')
  await run('rest')
  const again = vi.fn(plainIngest)
  await run('first', again)
  await run('rest', again)
  expect(again).not.toHaveBeenCalled()
  expect(await events()).toEqual(['created', 'ready'])
})

it('resumes after the renditions that an earlier attempt finished', async () => {
  await run('first')
  const contexts: IngestContext[] = []
  const failing = async (context: IngestContext) => {
    contexts.push(context)
    await context.onRendition(rendition('480p', context))
    throw new Error('the disk is full')
  }
  await expect(run('rest', failing)).rejects.toThrow('the disk is full')
  await run('rest', async (context) => {
    contexts.push(context)
    await plainIngest(context)
  })
  expect(contexts[1]!.finishedRenditions.map(({ name }) => name).toSorted()).toEqual(['480p', 'source'])
  expect(contexts[1]!.finishedRenditions[0]!.segments).toEqual([{ duration: 10, bytes: 100 }])
  expect(contexts[1]!.media).toEqual(info)
  expect(contexts[1]!.attempt).not.toBe(contexts[0]!.attempt)
})

it('fails at once, with its sentence, when the fault lies in the file', async () => {
  await run('first', async () => {
    throw new MediaError('not_media', 'This file is not a video.')
  })
  expect(await asset()).toMatchObject({
    status: 'errored',
    progress_state: 'errored',
    errors: { type: 'invalid_input', messages: ['This file is not a video.'] },
  })
  expect(await events()).toEqual(['created', 'errored'])
})

it('tries a fault of the engine four times', async () => {
  const broken = async () => {
    throw new Error('no such program')
  }
  for (let n = 0; n < 3; n += 1) await expect(run('first', broken)).rejects.toThrow('no such program')
  await run('first', broken)
  expect(await asset()).toMatchObject({ status: 'errored', errors: { type: 'internal_error' } })
  expect((await asset()).errors!.messages[0]).not.toContain('no such program')
})

it('waits for storage, blames no file, goes on by itself, and gives up after a day', async () => {
  const full = async () => {
    throw new StorageError('PutObject', 'ENOSPC')
  }
  const waiting = async () =>
    (
      await database.pool.query('select waiting_for, ingest_failures from engine.assets where id = $1', [
        assetId,
      ])
    ).rows[0]
  for (let n = 0; n < 6; n += 1) await run('first', full)
  expect(await asset()).toMatchObject({ status: 'preparing', errors: null })
  expect(await waiting()).toEqual({ waiting_for: 'ENOSPC', ingest_failures: 0 })
  expect(await jobs()).toEqual(['ingest_first'])
  await run('first')
  expect(await asset()).toMatchObject({ status: 'ready' })
  expect((await waiting()).waiting_for).toBeNull()

  const before = parts.ctx.clock()
  await run('rest', full)
  parts.setClock(new Date(before.getTime() + 25 * 3600_000))
  await run('rest', full)
  parts.setClock(before)
  expect(await asset()).toMatchObject({ status: 'ready', progress_state: 'errored' })
})

it('keeps playing what it has when only the ladder fails', async () => {
  await run('first')
  await run('rest', async () => {
    throw new MediaError('damaged', 'The picture is damaged.')
  })
  expect(await asset()).toMatchObject({ status: 'ready', progress_state: 'errored', errors: null })
  expect(await events()).toEqual(['created', 'ready'])
})

it('refuses the reports of an attempt that a newer one has replaced', async () => {
  let old: IngestContext | undefined
  await run('first', async (context) => {
    old = context
    throw new MediaError('timeout', 'Too slow.')
  }).catch(() => undefined)
  await run('first')
  await expect(old!.onRendition(rendition('stale', old!))).rejects.toThrow('no longer owns')
  const { rows } = await database.pool.query('select name from engine.renditions where asset_id = $1', [
    assetId,
  ])
  expect(rows).toEqual([{ name: 'source' }])
})

it('stops at once when the asset is deleted, and leaves no byte behind', async () => {
  const ended = vi.fn()
  const working = run('first', async (context) => {
    await parts.storage.put(`${context.prefix}half/0.m4s`, Buffer.from('half a segment'))
    await writeFile(join(context.workFolder, 'scratch'), 'x')
    await new Promise((_, reject) =>
      context.signal.addEventListener('abort', () => reject(context.signal.reason)),
    )
  }).finally(ended)
  const key = (await asset()).source_key!
  await vi.waitFor(async () => expect(await parts.storage.list(`assets/${assetId}/`)).toHaveLength(1), 30_000)
  expect(await deleteAsset(parts.ctx, assetId)).toBe(true)
  await removeAssetBytes(parts, assetId)
  expect(ended).toHaveBeenCalled()
  await working
  expect(await parts.storage.list(`assets/${assetId}/`)).toEqual([])
  expect(await readdir(join(parts.ctx.settings.folder, 'spool'))).not.toContain(key.split('/')[1])
  expect(await readdir(join(parts.ctx.settings.folder, 'work'))).toEqual([])
  expect(await findAsset(database.pool, assetId)).toBeNull()
  expect(await deleteAsset(parts.ctx, assetId)).toBe(false)
  const kept = await database.pool.query(
    'select to_jsonb(a)::text as text from engine.assets a where id = $1',
    [assetId],
  )
  expect(kept.rows[0].text).not.toContain('Private words')
  const news = await database.pool.query(
    'select body::text as text from engine.webhook_events where object_id = $1',
    [assetId],
  )
  expect(news.rows.length).toBeGreaterThan(0)
  for (const { text } of news.rows) expect(text).not.toContain('Private words')
  await removeAssetBytes(parts, assetId)
})

it('queues an unfinished asset that has no job, and fails one whose job used up its attempts', async () => {
  await database.pool.query('select engine_worker.remove_job($1)', [`ingest_first:${assetId}`])
  await sweepAssets(parts.ctx)
  expect(await jobs()).toEqual(['ingest_first'])
  await database.pool.query('update engine_worker._private_jobs set attempts = max_attempts where key = $1', [
    `ingest_first:${assetId}`,
  ])
  await sweepAssets(parts.ctx)
  expect(await asset()).toMatchObject({ status: 'errored', errors: { type: 'internal_error' } })
  expect(await jobs()).toEqual([])
  await sweepAssets(parts.ctx)
  expect(await jobs()).toEqual([])
})

const growingPart = (name: string, context: IngestContext): RenditionResult => ({
  ...rendition(name, context),
  kind: name.startsWith('audio') ? 'audio' : 'video',
  growing: true,
})

const renditionRows = async () =>
  (
    await database.pool.query(
      `select r.name, r.status, t.name as track, t.language_code, t.is_primary from engine.renditions r
       left join engine.tracks t on t.id = r.track_id where r.asset_id = $1 order by r.name`,
      [assetId],
    )
  ).rows

it('is ready while its first rendition grows, and hands what was published to the next attempt', async () => {
  await expect(
    run('first', async (context) => {
      await context.onProbed(info)
      await context.onRendition(growingPart('audio', context))
      await context.onRendition(growingPart('480p', context))
      await context.onPlayable()
      throw new Error('the worker loses its disk')
    }),
  ).rejects.toThrow('loses its disk')
  expect(await asset()).toMatchObject({ status: 'ready' })
  expect((await renditionRows()).map(({ status }) => status)).toEqual(['growing', 'growing'])
  await run('rest', async (context) => {
    expect(context.finishedRenditions.map(({ name, growing }) => [name, growing]).toSorted()).toEqual([
      ['480p', true],
      ['audio', true],
    ])
    for (const growing of context.finishedRenditions)
      await context.onRendition({ ...growing, growing: false })
    await context.onDone()
  })
  expect((await renditionRows()).map(({ status }) => status)).toEqual(['ready', 'ready'])
  expect(await events()).toEqual(['created', 'ready'])
})

it('is errored, and its playlists end, where the file turns out damaged while it grows', async () => {
  await run('first', async (context) => {
    await context.onProbed(info)
    await context.onRendition(growingPart('480p', context))
    await context.onPlayable()
    throw new MediaError('damaged', 'The picture is damaged.')
  })
  expect(await asset()).toMatchObject({
    status: 'errored',
    errors: { type: 'invalid_input', messages: ['The picture is damaged.'] },
  })
  expect((await renditionRows()).map(({ status }) => status)).toEqual(['ready'])
  expect(await events()).toEqual(['created', 'ready', 'errored'])
})

it('gives each track of sound its row, with its language and name', async () => {
  const sound = (index: number, language: string | null, title: string | null) => ({
    ...{ index, language, title, channels: 2, codec: 'aac', profile: 'LC', sampleRate: 48000 },
    ...{ default: index === 1, startSeconds: 0, hiddenStart: false },
  })
  const audios = [
    sound(1, 'eng', null),
    sound(2, 'deu', null),
    sound(3, null, 'Commentary'),
    sound(4, null, null),
  ]
  await run('first', async (context) => {
    await context.onProbed({ ...info, audio: audios[0]!, audios })
    for (const name of ['audio', 'audio-1', 'audio-2', 'audio-3', '480p'])
      await context.onRendition({ ...growingPart(name, context), growing: false })
    await context.onPlayable()
  })
  expect(
    (await renditionRows()).map(({ name, track, language_code }) => [name, track, language_code]),
  ).toEqual([
    ['480p', null, null],
    ['audio', 'Default', 'eng'],
    ['audio-1', 'German', 'deu'],
    ['audio-2', 'Commentary', null],
    ['audio-3', 'Track 4', null],
  ])
  expect((await asset()).tracks.filter(({ is_primary }) => is_primary)).toHaveLength(1)
})
