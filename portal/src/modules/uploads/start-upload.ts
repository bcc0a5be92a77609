import { z } from 'zod'
import { insertVideo, writeVideo } from '#portal/modules/videos/store-video.ts'
import { seal } from '#portal/platform/crypto.ts'
import { AppError, isAppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { startUploadInput } from './inputs.ts'
import { cleanFilename, looksLikeMedia, titleOf } from './rules.ts'
import { endSendableUpload, insertUpload, moverOf, writeSendableUpload } from './store-upload.ts'

/** A big file on a slow line takes a day; the engine grants more while bytes arrive. */
const UPLOAD_TIMEOUT_SECONDS = 86_400

/** Names the place of a sealed upload URL. */
export const uploadUrlPlace = (uploadId: string) => `upload-url:${uploadId}`

/** Job and video exist before the video service hears of them: whatever dies afterwards, somebody knows. */
const recordUpload = verb({
  action: 'upload.start',
  input: startUploadInput.extend({
    uploadId: z.string(),
    videoId: z.string(),
    provider: z.enum(['engine', 'mux']),
    title: z.string(),
  }),
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, telemetry }) {
    if (actor.kind !== 'user') throw new AppError('forbidden')
    const { uploadId: id, videoId, title, provider, filename, contentType, size } = input
    const owner = { organisationId: actor.organisationId, ownerId: actor.id }
    const intendedAccess = input.intendedAccess ?? null
    await insertVideo(tx, { id: videoId, ...owner, title, provider }, ctx.now)
    const headSha256 = input.headSha256 ? Buffer.from(input.headSha256, 'hex') : null
    const of = { filename, contentType, sizeBytes: size, headSha256, writer: input.writer ?? null }
    await insertUpload(tx, { id, videoId, ...owner, intendedAccess, ...of }, moverOf(actor), ctx.now)
    telemetry.add('portal.upload.initiated', {})
    return {
      result: null,
      change: { target: { type: 'upload', id }, details: { video_id: videoId, size_bytes: size, provider } },
    }
  },
})

const openUpload = verb({
  action: 'upload.open',
  input: z.strictObject({ id: z.string(), providerUploadId: z.string(), url: z.string() }),
  allow: { role: 'agency' },
  async run({ tx, input, ctx, keys }) {
    const opened = await writeSendableUpload(tx, input.id, {
      providerUploadId: input.providerUploadId,
      uploadUrl: seal(keys.seal, input.url, uploadUrlPlace(input.id)),
      updatedAt: ctx.now,
    })
    if (!opened) throw new AppError('conflict', 'This upload was cancelled before it began.')
    return { result: null, change: { target: { type: 'upload', id: input.id } } }
  },
})

const failUpload = verb({
  action: 'upload.fail',
  input: z.strictObject({ id: z.string(), videoId: z.string(), error: z.string() }),
  allow: { role: 'agency' },
  async run({ tx, input, ctx, telemetry }) {
    const { id, videoId, error } = input
    await writeVideo(tx, videoId, { status: 'failed', error }, 'waiting')
    const end = { status: 'failed', failureReason: 'provider_refused', error } as const
    if (await endSendableUpload(tx, id, end, { by: 'provider', id: null }, ctx.now))
      telemetry.add('portal.upload.failed', { reason: 'provider_refused' })
    return {
      result: null,
      change: {
        target: { type: 'upload', id },
        outcome: 'failed',
        reason: 'video_service',
        details: { video_id: videoId },
      },
    }
  },
})

/**
 * Begins an upload and answers where its bytes go. If the video service fails, the job is left as failed, with the
 * reason; if this process dies in between, reconciliation ends the job.
 * @throws AppError too_large, unsupported_media, not_found for a project, unavailable
 */
export const startUpload = flow({
  action: 'upload.start',
  input: startUploadInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    const maxBytes = app.settings.MAX_UPLOAD_BYTES
    const filename = cleanFilename(input.filename)
    refuseFile({ ...input, filename }, app.settings)
    const [id, videoId] = [ctx.newId('upl'), ctx.newId('vid')]
    const title = input.title ?? titleOf(filename)
    const { video } = app.ports
    await app.call(
      recordUpload,
      { ...input, filename, title, uploadId: id, videoId, provider: video.provider },
      ctx,
    )

    const corsOrigin = app.settings.PUBLIC_URL
    const order = { corsOrigin, passthrough: id, timeoutSeconds: UPLOAD_TIMEOUT_SECONDS, title }
    const place = await video.createUpload(order).catch(async (error: unknown) => {
      const reason = isAppError(error) ? error.message : 'The video service failed. Start the upload again.'
      await app.call(failUpload, { id, videoId, error: reason }, ctx)
      throw error
    })
    try {
      await app.call(openUpload, { id, providerUploadId: place.id, url: place.url }, ctx)
    } catch (error) {
      await video
        .cancelUpload(place.id)
        .catch((failure) => ctx.log.warn({ err: failure }, 'unused upload not cancelled'))
      throw error
    }
    return { id, videoId, uploadUrl: place.url, status: 'waiting' as const, maxBytes }
  },
})

type File = {
  filename: string
  contentType: string
  size: number
  durationSeconds?: number | undefined
  projectId?: string | undefined
}

function refuseFile(file: File, { MAX_UPLOAD_BYTES: maxBytes, MAX_VIDEO_SECONDS: maxSeconds }: Limits): void {
  // Projects do not exist yet, so no ID names one.
  if (file.projectId !== undefined) throw new AppError('not_found', 'There is no such project.')
  if (!looksLikeMedia(file.contentType, file.filename)) {
    const message = 'must be a video or audio file, such as MP4, MOV, MKV, MXF, WebM or WAV'
    throw new AppError('unsupported_media', `This file ${message}.`, {
      errors: [{ path: 'contentType', message }],
    })
  }
  if (file.size > maxBytes) {
    const message = `is ${gigabytes(file.size)}; at most ${gigabytes(maxBytes)} can be uploaded`
    throw new AppError('too_large', `This file ${message}.`, { errors: [{ path: 'size', message }] })
  }
  if (file.durationSeconds !== undefined && file.durationSeconds > maxSeconds) {
    const message = `lasts ${hours(file.durationSeconds)}; at most ${hours(maxSeconds)} can be uploaded`
    throw new AppError('too_large', `This video ${message}.`, {
      errors: [{ path: 'durationSeconds', message }],
    })
  }
}

type Limits = { MAX_UPLOAD_BYTES: number; MAX_VIDEO_SECONDS: number }

function hours(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function gigabytes(bytes: number): string {
  const [unit, size] = bytes >= 1e9 ? ['GB', 1e9] : bytes >= 1e6 ? ['MB', 1e6] : ['kB', 1e3]
  return `${(bytes / Number(size)).toLocaleString('en-AU', { maximumFractionDigits: 1 })} ${unit}`
}
