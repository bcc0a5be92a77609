import { z } from 'zod'

/** Orders the job that erases; the queue holds the ID of the erasure, and nothing of the person. */
export const eraseOrder = {
  name: 'privacy.erase',
  input: z.strictObject({ id: z.string() }),
  maxAttempts: 25,
}
