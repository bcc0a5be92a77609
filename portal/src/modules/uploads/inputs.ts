import { z } from 'zod'
import { videoTitle } from '#portal/modules/videos/inputs.ts'

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
  /** Title of the video; the file's name without its extension where it is left out. */
  title: videoTitle.optional(),
  /** How the video is meant to be shared, kept with the job for the share that follows. */
  intendedAccess: z.enum(['link', 'email', 'account']).optional(),
})

export const uploadIdInput = z.strictObject({ id: z.string().min(1).max(64) })

export const listUploadsInput = z.strictObject({
  /** `open`: only those that still wait for bytes or for the video service. */
  state: z.enum(['open', 'all']).default('all'),
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
