import { z } from 'zod'
import { cleanTitle } from './rules.ts'

export const videoTitle = z
  .string({ error: 'must be text' })
  .min(1, 'is empty')
  .max(1000, 'must have at most 255 characters')
  .transform(cleanTitle)
  .pipe(z.string().min(1, 'is empty'))

export const videoIdInput = z.strictObject({ id: z.string().min(1).max(64) })

export const listVideosInput = z.strictObject({
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

/** Lines of time and title; more than a hundred are refused where they are read. */
export const setChaptersInput = z.strictObject({
  id: z.string().min(1).max(64),
  text: z.string().max(20_000, 'must have at most 20000 characters'),
})

export const renameVideoInput = z.strictObject({ id: z.string().min(1).max(64), title: videoTitle })
