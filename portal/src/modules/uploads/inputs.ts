import { z } from 'zod'
import { videoTitle } from '#portal/modules/videos/inputs.ts'
import { UPLOAD_STATUSES } from './rules.ts'

export const sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256: 64 hexadecimal digits in lower case')
const writerName = z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')

export const startUploadInput = z.strictObject({
  filename: z.string({ error: 'must be the name of a file' }).min(1, 'is missing').max(4096, 'is too long'),
  /** As the browser tells it; empty where it tells none. */
  contentType: z.string({ error: 'must be text, such as video/mp4' }).max(200, 'is too long').default(''),
  /** Bytes. */
  size: z
    .number({ error: 'must be the size of the file in bytes' })
    .int('must be a whole number')
    .min(1, 'is 0: this file is empty')
    .max(Number.MAX_SAFE_INTEGER, 'is too large'),
  projectId: z.string().max(64).optional(),
  /** Length as the browser reads it, seconds; left out where it can't. */
  durationSeconds: z.number().positive().max(1e9).optional(),
  /** SHA-256 of the first MiB: recognises the file when the upload goes on elsewhere. */
  headSha256: sha256Hex.optional(),
  /** Which tab or device sends. */
  writer: writerName.optional(),
  /** Title of the video; the file's name without its extension where it is left out. */
  title: videoTitle.optional(),
  /** How the video is meant to be shared, kept with the job for the share that follows. */
  intendedAccess: z.enum(['link', 'email', 'account']).optional(),
})

export const uploadIdInput = z.strictObject({ id: z.string().min(1).max(64) })

export const resumeUploadInput = uploadIdInput.extend({
  /** Who sends from now on; whoever did before is told to stop. */
  writer: writerName.optional(),
  headSha256: sha256Hex.optional(),
})

export const reportUploadInput = uploadIdInput.extend({
  writer: writerName,
  /** Bytes that the service has acknowledged. */
  receivedBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

export const declareChecksumInput = uploadIdInput.extend({ sha256: sha256Hex })

export const listUploadsInput = z.strictObject({
  /** `open`: those on which more is to come. `ended`: those that failed, were cancelled or timed out. */
  state: z.enum(['open', 'ended', 'all', ...UPLOAD_STATUSES]).default('all'),
  /** `me`: those that the caller began. */
  owner: z.enum(['me', 'all']).default('all'),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
