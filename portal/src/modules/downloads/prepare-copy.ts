import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { and, eq } from 'drizzle-orm'
import { emailPlace } from '#portal/modules/sharing/load-share.ts'
import { shareFacts, viewerFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { App } from '#portal/platform/app.ts'
import { unseal } from '#portal/platform/crypto.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { burnWatermark } from './burn-watermark.ts'
import { openRendition } from './open-copy.ts'
import { prepareDownload } from './prepare-order.ts'
import { downloads } from './tables.ts'
import { isStillAllowed } from './take-download.ts'

const LOOK_AGAIN_SECONDS = 3
/** The video service has this long for a rendition that it must make first. */
const RENDITION_MS = 30 * 60_000
const BURN_MS = 15 * 60_000
const LOOK_MS = 2000
/** Of the whole: the rest is drawing. */
const FETCH_PERCENT = 15

/** Makes the copy that was asked for: orders the rendition, and draws the viewer's watermark into it. */
export const prepareCopy = job({
  ...prepareDownload,
  async run({ app, input, signal, attempt, maxAttempts }) {
    const wanted = await load(app, input.downloadId)
    if (!wanted) return
    try {
      await prepare(app, wanted, signal)
    } catch (error) {
      if (!(await isStillAllowed(app, wanted.id))) return
      if (attempt >= maxAttempts) await settle(app, wanted.id, { status: 'failed' })
      throw error
    }
  },
})

type Wanted = NonNullable<Awaited<ReturnType<typeof load>>>

async function load(app: App, id: string) {
  const [row] = await app.db
    .select({
      id: downloads.id,
      rendition: downloads.rendition,
      watermark: downloads.watermark,
      createdAt: downloads.createdAt,
      viewerId: viewerFacts.id,
      emailSealed: viewerFacts.emailSealed,
      assetId: videoFacts.assetId,
      playbackId: videoFacts.playbackId,
      durationSeconds: videoFacts.durationSeconds,
    })
    .from(downloads)
    .innerJoin(shareFacts, eq(shareFacts.id, downloads.shareId))
    .innerJoin(viewerFacts, eq(viewerFacts.id, downloads.viewerSessionId))
    .innerJoin(videoFacts, eq(videoFacts.id, shareFacts.videoId))
    .where(and(eq(downloads.id, id), eq(downloads.status, 'preparing')))
  return row && (await isStillAllowed(app, id)) ? row : null
}

async function prepare(app: App, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { assetId, playbackId } = wanted
  if (!assetId || !playbackId) return await settle(app, wanted.id, { status: 'failed' })
  const rendition = await renditionOf(app, assetId, wanted.rendition)
  if (rendition.status === 'impossible') return await settle(app, wanted.id, { status: 'failed' })
  if (rendition.status === 'preparing') {
    const tooLate = app.clock().getTime() - wanted.createdAt.getTime() > RENDITION_MS
    return tooLate ? await settle(app, wanted.id, { status: 'failed' }) : await lookAgain(app, wanted.id)
  }
  const { fileName } = rendition
  if (!wanted.watermark) return await settle(app, wanted.id, { status: 'ready', progress: 100, fileName })
  const stored = await makeCopy(app, wanted, { playbackId, fileName }, signal)
  await settle(app, wanted.id, { status: 'ready', progress: 100, fileName, ...stored })
}

/** A source that is smaller than what was asked for is given as it is. */
async function renditionOf(app: App, assetId: string, resolution: string) {
  const asked = await app.ports.video.ensureRendition(assetId, resolution)
  const smaller = asked.status === 'impossible' && /^\d+p$/.test(resolution)
  return smaller ? await app.ports.video.ensureRendition(assetId, 'highest') : asked
}

async function lookAgain(app: App, downloadId: string): Promise<void> {
  const when = { key: `download:${downloadId}`, queue: 'downloads', inSeconds: LOOK_AGAIN_SECONDS }
  await app.db.transaction((tx) => enqueue(tx, prepareDownload, { downloadId }, when))
}

async function settle(app: App, id: string, set: Partial<typeof downloads.$inferInsert>): Promise<void> {
  const [row] = await app.db
    .update(downloads)
    .set(set)
    .where(and(eq(downloads.id, id), eq(downloads.status, 'preparing')))
    .returning({ id: downloads.id })
  // Taken back meanwhile: nobody will ask for what was just stored.
  if (!row && set.objectKey) await app.ports.storage.delete(set.objectKey)
}

async function makeCopy(
  app: App,
  wanted: Wanted,
  { playbackId, fileName }: { playbackId: string; fileName: string },
  signal: AbortSignal,
): Promise<{ objectKey: string; bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'mm-copy-'))
  const deadline = AbortSignal.timeout(BURN_MS + (wanted.durationSeconds ?? 0) * 4000)
  const watch = watchOver(app, wanted.id)
  const stop = AbortSignal.any([signal, deadline, watch.signal])
  try {
    await fetchRendition(app, { playbackId, fileName }, join(folder, 'source.mp4'), stop, watch.progress)
    await burnWatermark({
      ffmpegPath: app.settings.FFMPEG_PATH,
      folder,
      text: markFor(app, wanted),
      durationSeconds: wanted.durationSeconds ?? 0,
      signal: stop,
      onProgress: (share) => watch.progress(FETCH_PERCENT + share * (99 - FETCH_PERCENT)),
    })
    const copy = join(folder, 'copy.mp4')
    const objectKey = `downloads/${wanted.id}.mp4`
    await app.ports.storage.putFile(objectKey, copy)
    return { objectKey, bytes: (await stat(copy)).size }
  } finally {
    watch.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Every two seconds: tells how far it is, and ends it where the link was taken back. */
function watchOver(app: App, id: string) {
  const controller = new AbortController()
  let percent = 0
  const look = async () => {
    if (!(await isStillAllowed(app, id))) return controller.abort(new Error('the link was taken back'))
    await settle(app, id, { progress: Math.floor(percent) })
  }
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS)
  return {
    signal: controller.signal,
    progress: (now: number) => {
      percent = Math.max(percent, now)
    },
    stop: () => clearInterval(timer),
  }
}

async function fetchRendition(
  app: App,
  { playbackId, fileName }: { playbackId: string; fileName: string },
  path: string,
  signal: AbortSignal,
  progress: (percent: number) => void,
): Promise<void> {
  const { bytes, body } = await openRendition(app, playbackId, fileName)
  let received = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      if (bytes) progress((received / bytes) * FETCH_PERCENT)
      done(null, chunk)
    },
  })
  await pipeline(body, counted, createWriteStream(path, { mode: 0o600 }), { signal })
}

/** "jo@example.com  2026-11-22 06:40 UTC" */
function markFor(app: App, { emailSealed, viewerId }: Wanted): string {
  const who = emailSealed
    ? unseal(app.keys.seal, emailSealed, emailPlace(viewerId)).toString()
    : `viewer ${viewerId.slice(-8)}`
  return `${who}  ${app.clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
