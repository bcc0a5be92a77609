import { z } from 'zod'
import type { JobOrder } from '#portal/platform/job.ts'

/** Three tries: what fails thrice fails for a reason that somebody must see. */
export const prepareDownload = {
  name: 'downloads.prepare',
  input: z.strictObject({ downloadId: z.string() }),
  maxAttempts: 3,
} satisfies JobOrder<{ downloadId: string }>
