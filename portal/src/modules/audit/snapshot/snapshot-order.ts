import { z } from 'zod'

/** Orders the job that writes a snapshot. */
export const writeSnapshotOrder = {
  name: 'audit.snapshot',
  input: z.strictObject({ id: z.string() }),
  maxAttempts: 3,
}
