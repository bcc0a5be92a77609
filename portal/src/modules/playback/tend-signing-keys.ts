import { z } from 'zod'
import { job } from '#portal/platform/job.ts'
import { deleteDueKeys, deleteSigningKeys } from './delete-signing-keys.ts'
import { rotateSigningKey } from './rotate-signing-key.ts'
import { findSigningKey } from './signing-key.ts'

const DAY_MS = 86_400_000
const OVERDUE = 'signing-key.overdue'

/** When a key that was made then is replaced. */
export function rotationDue(createdAt: Date, days: number): Date {
  return new Date(createdAt.getTime() + days * DAY_MS)
}

/** Every five minutes: replaces a key that has signed for SIGNING_KEY_DAYS, and deletes the retired ones in time. */
const tendSigningKeys = job({
  name: 'playback.tend-signing-keys',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '*/5 * * * *',
  async run({ app, ctx }) {
    const key = await findSigningKey(app)
    if (key && rotationDue(key.createdAt, app.settings.SIGNING_KEY_DAYS) <= ctx.now) {
      try {
        await app.call(rotateSigningKey, { reason: 'scheduled' }, ctx)
        await app.ports.alerts.resolve(OVERDUE)
      } catch (error) {
        await app.ports.alerts.raise({
          key: OVERDUE,
          severity: 'warning',
          summary: 'The signing key is due for rotation, and the video service made no new one',
        })
        throw error
      }
    }
    await deleteDueKeys(app)
  },
})

export const signingKeyJobs = [tendSigningKeys, deleteSigningKeys]
