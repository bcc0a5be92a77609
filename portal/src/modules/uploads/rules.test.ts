import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VideoAsset, VideoUpload } from '#portal/adapters/video/port.ts'
import type { SeenAsset, VideoFacts } from '#portal/modules/videos/rules.ts'
import {
  cleanFilename,
  looksLikeMedia,
  planSettlement,
  type SeenUpload,
  secondsToNextLook,
  titleOf,
  type UploadFacts,
} from './rules.ts'

const NOW = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)

const newUpload: UploadFacts = {
  status: 'waiting',
  providerUploadId: 'up',
  error: null,
  createdAt: NOW,
  completedAt: null,
}
const newVideo: VideoFacts = {
  status: 'waiting',
  assetId: null,
  playbackId: null,
  durationSeconds: null,
  aspectRatio: null,
  resolutionTier: null,
  complete: false,
  progressPercent: null,
  error: null,
  readyAt: null,
  deletedAt: null,
  assetDeletedAt: null,
}
const start = { upload: newUpload, video: newVideo }
const seenUpload = (status: VideoUpload['status'], error: string | null = null): VideoUpload => ({
  id: 'up',
  status,
  assetId: status === 'asset_created' ? 'asset' : null,
  receivedBytes: null,
  totalBytes: null,
  error,
})
const seenAsset = (status: VideoAsset['status'], patch: Partial<VideoAsset> = {}): VideoAsset => ({
  id: 'asset',
  status,
  complete: false,
  progressPercent: null,
  uploadId: 'up',
  passthrough: null,
  durationSeconds: null,
  aspectRatio: null,
  resolutionTier: null,
  playbackId: 'pid',
  publicPlaybackIds: [],
  error: null,
  ...patch,
})
const statuses = (plan: { upload: UploadFacts; video: VideoFacts }) => [plan.upload.status, plan.video.status]
const after = (upload: SeenUpload, asset: SeenAsset = null, at = NOW) =>
  planSettlement(start, { upload, asset }, at)

describe('upload and video after what the service says', () => {
  it.each([
    ['still waiting', seenUpload('waiting'), null, ['waiting', 'waiting']],
    ['arrived, asset not seen yet', seenUpload('asset_created'), null, ['waiting', 'waiting']],
    ['being worked on', seenUpload('asset_created'), seenAsset('preparing'), ['processing', 'processing']],
    ['playable', null, seenAsset('ready'), ['ready', 'ready']],
    [
      'ready without any playback ID',
      null,
      seenAsset('ready', { playbackId: null }),
      ['processing', 'processing'],
    ],
    ['not a video', null, seenAsset('errored', { error: 'No video in it.' }), ['failed', 'failed']],
    ['refused before an asset', seenUpload('errored', 'Too big.'), null, ['failed', 'failed']],
    ['timed out', seenUpload('timed_out'), null, ['failed', 'failed']],
    ['cancelled', seenUpload('cancelled'), null, ['cancelled', 'deleted']],
    ['forgotten', 'gone', null, ['failed', 'failed']],
    ['deleted over there', null, 'gone', ['cancelled', 'deleted']],
  ] as const)('%s', (_, upload, asset, expected) => {
    expect(statuses(after(upload as SeenUpload, asset as SeenAsset))).toEqual(expected)
  })

  it('gives a failure a sentence, the same on both', () => {
    const failed = after(
      seenUpload('asset_created'),
      seenAsset('errored', { error: 'The file holds no video.' }),
    )
    expect([failed.upload.error, failed.video.error]).toEqual(Array(2).fill('The file holds no video.'))
    const late = after(seenUpload('timed_out'))
    expect(late.upload.error).toMatch(/did not arrive completely/)
    expect(late.video.error).toBe(late.upload.error)
  })

  it('[MUX-01] ends a job whose process died before it had a place to upload to', () => {
    const unopened = { ...start, upload: { ...newUpload, providerUploadId: null } }
    const nothing = { upload: null, asset: null }
    expect(statuses(planSettlement(unopened, nothing, later(60_000)))).toEqual(['waiting', 'waiting'])
    const ended = planSettlement(unopened, nothing, later(180_000))
    expect(statuses(ended)).toEqual(['failed', 'failed'])
    expect(ended.upload.error).toMatch(/could not be prepared/)
  })

  it('ends an upload whose asset was told of and never appears', () => {
    expect(statuses(after(seenUpload('asset_created'), null, later(25 * 3_600_000)))).toEqual([
      'waiting',
      'waiting',
    ])
    expect(statuses(after(seenUpload('asset_created'), null, later(27 * 3_600_000)))).toEqual([
      'failed',
      'failed',
    ])
  })

  it('plays before all renditions are made, and says when they are', () => {
    const playable = after(null, seenAsset('ready', { progressPercent: 40 }))
    expect(playable.video).toMatchObject({
      status: 'ready',
      complete: false,
      progressPercent: 40,
      readyAt: NOW,
    })
    const whole = planSettlement(
      playable,
      { upload: null, asset: seenAsset('ready', { complete: true }) },
      later(5000),
    )
    expect(whole.video).toMatchObject({ complete: true, progressPercent: 100, readyAt: NOW })
  })

  it('never takes up the asset of another video, nor changes a playback ID that is there', () => {
    const playable = after(null, seenAsset('ready'))
    const other = planSettlement(
      playable,
      { upload: null, asset: seenAsset('errored', { id: 'other' }) },
      NOW,
    )
    expect(other).toEqual(playable)
    const replaced = planSettlement(
      playable,
      { upload: null, asset: seenAsset('ready', { playbackId: 'new' }) },
      NOW,
    )
    expect(replaced.video.playbackId).toBe('pid')
  })

  it('[MUX-03] comes to the same end whatever the order and number of looks', () => {
    // What one file can truly go through, each stage implying those before it.
    const life: { upload: SeenUpload; asset: SeenAsset }[] = [
      { upload: seenUpload('waiting'), asset: null },
      { upload: seenUpload('asset_created'), asset: null },
      { upload: seenUpload('asset_created'), asset: seenAsset('preparing', { progressPercent: 10 }) },
      { upload: null, asset: seenAsset('ready', { progressPercent: 50, durationSeconds: 10 }) },
      {
        upload: null,
        asset: seenAsset('ready', { complete: true, progressPercent: 100, durationSeconds: 10 }),
      },
    ]
    const failing = [
      ...life.slice(0, 3),
      { upload: null, asset: seenAsset('errored', { error: 'No video.' }) },
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(life, failing, [...life, { upload: null, asset: 'gone' as const }]),
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat()),
        (truth, copies, random) => {
          const looks = Array.from({ length: copies }, () => truth).flat()
          for (let i = looks.length - 1; i > 0; i--) {
            const j = random.next().value! % (i + 1)
            ;[looks[i], looks[j]] = [looks[j]!, looks[i]!]
          }
          const end = looks.reduce((state, seen) => planSettlement(state, seen, NOW), start)
          const wanted = truth.reduce((state, seen) => planSettlement(state, seen, NOW), start)
          const { status, complete, error, durationSeconds } = end.video
          expect(status).toBe(wanted.video.status)
          if (status === 'ready')
            expect({ complete, error, durationSeconds }).toEqual({
              complete: true,
              error: null,
              durationSeconds: 10,
            })
        },
      ),
      { numRuns: 500 },
    )
  })

  it('an ended upload stays as it ended', () => {
    const end = fc.constantFrom<UploadFacts['status']>('ready', 'failed', 'cancelled')
    const upload = fc.constantFrom<SeenUpload>(
      seenUpload('waiting'),
      seenUpload('asset_created'),
      seenUpload('errored'),
      'gone',
      null,
    )
    const asset = fc.constantFrom<SeenAsset>(
      seenAsset('preparing'),
      seenAsset('ready'),
      seenAsset('errored'),
      'gone',
      null,
    )
    fc.assert(
      fc.property(end, upload, asset, (status, seen, seenOf) => {
        const ended = { ...start, upload: { ...newUpload, status, error: 'as it was' } }
        expect(planSettlement(ended, { upload: seen, asset: seenOf }, NOW).upload).toEqual(ended.upload)
      }),
    )
  })
})

describe('file names', () => {
  it.each([
    ['match day.mp4', 'match day.mp4'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\coach\\Sprint 4.MOV', 'Sprint 4.MOV'],
    ['/', 'video'],
    ['..', 'video'],
    ['.mp4', 'mp4'],
    ['a\u0000b\r\nc.mp4', 'a b c.mp4'],
    ['invoice\u202Efdp.mp4', 'invoice fdp.mp4'],
    ['  spaced   out .mkv ', 'spaced out .mkv'],
    ['Cafe\u0301.mp4', 'Caf\u00E9.mp4'],
    ['\uD800broken.mp4', '\uFFFDbroken.mp4'],
    ['👩‍🏫 lesson.mp4', '👩‍🏫 lesson.mp4'],
  ])('%j becomes %j', (name, clean) => {
    expect(cleanFilename(name)).toBe(clean)
  })

  it('[MUX-07] are never paths, never empty, never too long for the database, and keep their extension', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.constantFrom('', '.mp4', '.mxf'),
        (name, extension) => {
          const clean = cleanFilename(name + extension)
          expect([...clean].length).toBeGreaterThan(0)
          expect([...clean].length).toBeLessThanOrEqual(255)
          expect(clean).not.toMatch(/[/\\\p{Cc}\u202A-\u202E]/u)
          expect(clean.isWellFormed()).toBe(true)
          if ([...name].length > 300 && !/[/\\]/.test(name)) expect(clean.endsWith(extension)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('give a title without their extension', () => {
    expect(titleOf('Sprint 4.final.mov')).toBe('Sprint 4.final')
    expect(titleOf('mp4')).toBe('mp4')
  })
})

describe('kinds of file', () => {
  it.each([
    ['video/mp4', 'a.mp4', true],
    ['video/quicktime; codecs=avc1', 'a', true],
    ['audio/wav', 'a.wav', true],
    ['application/mxf', 'a.mxf', true],
    ['', 'a.mkv', true],
    ['application/octet-stream', 'A.MXF', true],
    ['', 'a.pdf', false],
    ['application/octet-stream', 'a', false],
    ['image/gif', 'a.gif', false],
    ['application/pdf', 'a.mp4', false],
    ['text/html', 'video/mp4.html', false],
    ['video/mp4\r\nx: y', 'a.mp4', false],
  ])('[MUX-07] %j named %j: %s', (type, name, wanted) => {
    expect(looksLikeMedia(type, name)).toBe(wanted)
  })
})

it('looks again soon while a file is fresh, and at least every minute', () => {
  expect([0, 100, 600, 86_400].map((age) => secondsToNextLook(age, 'engine'))).toEqual([2, 5, 30, 60])
  expect(secondsToNextLook(0, 'mux')).toBe(15)
})
