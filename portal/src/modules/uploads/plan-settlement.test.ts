import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VideoAsset, VideoUpload } from '#portal/adapters/video/port.ts'
import type { SeenAsset, VideoFacts } from '#portal/modules/videos/rules.ts'
import { type Facts, planSettlement, type SeenUpload, type UploadFacts } from './plan-settlement.ts'

const NOW = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)

const newUpload: UploadFacts = {
  status: 'created',
  providerUploadId: 'up',
  failureReason: null,
  error: null,
  receivedBytes: 0,
  sentSha256: null,
  receivedSha256: null,
  checksum: 'pending',
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
  checksum: null,
  error,
  errorCode: null,
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
  errorCode: null,
  ...patch,
})
const statuses = (plan: { upload: UploadFacts; video: VideoFacts }) => [plan.upload.status, plan.video.status]
const after = (upload: SeenUpload, asset: SeenAsset = null, at = NOW) =>
  planSettlement(start, { upload, asset }, at)
const arrived = seenUpload('asset_created')

describe('upload and video after what the service says', () => {
  it.each([
    ['still waiting', seenUpload('waiting'), null, ['created', 'waiting']],
    ['bytes are arriving', { ...seenUpload('waiting'), receivedBytes: 1 }, null, ['uploading', 'waiting']],
    ['arrived, asset not seen yet', arrived, null, ['created', 'waiting']],
    ['being worked on', seenUpload('asset_created'), seenAsset('preparing'), ['processing', 'processing']],
    ['playable', arrived, seenAsset('ready'), ['ready', 'ready']],
    [
      'ready without any playback ID',
      arrived,
      seenAsset('ready', { playbackId: null }),
      ['processing', 'processing'],
    ],
    ['not a video', arrived, seenAsset('errored', { error: 'No video in it.' }), ['failed', 'failed']],
    ['refused before an asset', seenUpload('errored', 'Too big.'), null, ['failed', 'failed']],
    ['timed out', seenUpload('timed_out'), null, ['timed_out', 'failed']],
    ['cancelled', seenUpload('cancelled'), null, ['cancelled', 'deleted']],
    ['forgotten', 'gone', null, ['failed', 'failed']],
    ['its upload forgotten, its asset there', 'gone', seenAsset('ready'), ['ready', 'ready']],
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
    expect(statuses(planSettlement(unopened, nothing, later(60_000)))).toEqual(['created', 'waiting'])
    const ended = planSettlement(unopened, nothing, later(180_000))
    expect(statuses(ended)).toEqual(['failed', 'failed'])
    expect(ended.upload.error).toMatch(/could not be prepared/)
  })

  it('ends an upload whose asset was told of and never appears', () => {
    expect(statuses(after(seenUpload('asset_created'), null, later(25 * 3_600_000)))).toEqual([
      'created',
      'waiting',
    ])
    expect(statuses(after(seenUpload('asset_created'), null, later(27 * 3_600_000)))).toEqual([
      'failed',
      'failed',
    ])
  })

  it('plays before all renditions are made, and says when they are', () => {
    const playable = after(arrived, seenAsset('ready', { progressPercent: 40 }))
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
    const playable = after(arrived, seenAsset('ready'))
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

  it.each([
    ['not_media', 'unreadable'],
    ['truncated', 'cut_short'],
    ['no_tracks', 'no_picture'],
    ['too_long', 'too_long'],
    ['invalid_input', 'unreadable'],
    ['something new', 'provider_failed'],
    ['constructor', 'provider_failed'],
  ])('an asset that failed as %s is told as %s', (errorCode, reason) => {
    const { upload } = after(arrived, seenAsset('errored', { error: 'It failed.', errorCode }))
    expect(upload).toMatchObject({ status: 'failed', failureReason: reason, error: 'It failed.' })
  })

  it('an ended upload stays as it ended', () => {
    const end = fc.constantFrom<UploadFacts['status']>('ready', 'failed', 'cancelled', 'timed_out')
    const upload = fc.constantFrom<SeenUpload>(
      seenUpload('waiting'),
      arrived,
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

describe('what arrived against what was sent', () => {
  const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)]
  const sent: Facts = { ...start, upload: { ...newUpload, sentSha256: ONE } }
  const ready = seenAsset('ready', { complete: true })
  const received = (sha256: string | null): VideoUpload => ({ ...arrived, checksum: { sha256 } })
  const look = (upload: VideoUpload, from = sent, at = NOW) =>
    planSettlement(from, { upload, asset: ready }, at)

  it('the same: ready, and said to be the same', () => {
    const end = look(received(ONE))
    expect(statuses(end)).toEqual(['ready', 'ready'])
    expect(end.upload).toMatchObject({ checksum: 'matched', receivedSha256: ONE })
  })

  it('another: failed for that reason, and no later look makes a video of it', () => {
    const end = look(received(OTHER))
    expect(statuses(end)).toEqual(['failed', 'failed'])
    expect(end.upload).toMatchObject({ checksum: 'differs', failureReason: 'checksum' })
    expect(end.video).toMatchObject({ readyAt: null, error: expect.stringMatching(/checksums differ/) })
    expect(statuses(look(received(ONE), end))).toEqual(['failed', 'failed'])
  })

  it('not known yet: held back, until it is or a day has passed', () => {
    const held = look(received(null))
    expect(statuses(held)).toEqual(['processing', 'processing'])
    expect(held.video.readyAt).toBeNull()
    expect(statuses(look(received(ONE), held))).toEqual(['ready', 'ready'])
    const never = look(received(null), held, later(27 * 3_600_000))
    expect(never.upload).toMatchObject({ status: 'failed', failureReason: 'checksum' })
  })

  it('never told as passed where nobody compared', () => {
    expect(look(arrived).upload).toMatchObject({ status: 'ready', checksum: 'not_offered' })
    expect(look(received(ONE), start).upload).toMatchObject({ status: 'ready', checksum: 'not_sent' })
  })
})

describe('the machine', () => {
  type Look = { upload: SeenUpload; asset: SeenAsset }
  const RANK = { created: 0, uploading: 1, processing: 2, ready: 3, failed: 3, cancelled: 3, timed_out: 3 }
  const sums = (sha256: string | null): Partial<VideoUpload> => ({ checksum: { sha256 } })
  const waiting = (receivedBytes: number): Look => ({
    upload: { ...seenUpload('waiting'), ...sums(null), receivedBytes },
    asset: null,
  })
  const told = (asset: SeenAsset, sha256: string | null = ONE): Look => ({
    upload: { ...arrived, ...sums(sha256) },
    asset,
  })
  const ONE = '1'.repeat(64)
  const uploading = [waiting(0), waiting(5_000_000)]
  const working = [
    ...uploading,
    told(null, null),
    told(seenAsset('preparing', { progressPercent: 10 }), null),
  ]
  // What one upload can truly go through at the service, each stage implying those before it.
  const LIVES: [end: UploadFacts['status'], life: Look[]][] = [
    [
      'ready',
      [
        ...working,
        told(seenAsset('ready', { progressPercent: 50, durationSeconds: 10 }), null),
        told(seenAsset('ready', { complete: true, progressPercent: 100, durationSeconds: 10 })),
      ],
    ],
    ['failed', [...working, told(seenAsset('errored', { error: 'No video.' }), null)]],
    ['failed', [...working, told(seenAsset('ready', { complete: true }), '2'.repeat(64))]],
    ['cancelled', [...uploading, { upload: seenUpload('cancelled'), asset: null }]],
    ['timed_out', [...uploading, { upload: seenUpload('timed_out'), asset: null }]],
    ['cancelled', [...working, { upload: null, asset: 'gone' }]],
  ]
  const begun: Facts = { ...start, upload: { ...newUpload, sentSha256: ONE } }

  it('[MUX-03] whatever the order and number of looks, ends where the service is and never steps back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LIVES),
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat()),
        ([wanted, life], copies, random) => {
          const looks = Array.from({ length: copies }, () => life).flat()
          for (let i = looks.length - 1; i > 0; i--) {
            const j = random.next().value! % (i + 1)
            ;[looks[i], looks[j]] = [looks[j]!, looks[i]!]
          }
          let state = begun
          for (const seen of looks) {
            const next = planSettlement(state, seen, NOW)
            const [from, to] = [state.upload.status, next.upload.status]
            expect(from === to || RANK[to] > RANK[from]).toBe(true)
            if (next.video.status === 'ready') expect(next.upload.checksum).toBe('matched')
            state = next
          }
          expect(state.upload.status).toBe(wanted)
          const { status, complete, error, durationSeconds } = state.video
          if (status === 'ready')
            expect({ complete, error, durationSeconds }).toEqual({
              complete: true,
              error: null,
              durationSeconds: 10,
            })
        },
      ),
      { numRuns: 1000 },
    )
  })
})
