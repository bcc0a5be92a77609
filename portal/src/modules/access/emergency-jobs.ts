import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { listStaff } from '#portal/modules/identity/staff-groups.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { App } from '#portal/platform/app.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { emergencyGrants } from './tables.ts'

const input = z.strictObject({ id: z.string() })

/** Makes an emergency access known as it begins: an alert, and a mail to everybody in security and compliance. */
export const announceEmergency = job({
  name: 'emergency.announce',
  input,
  maxAttempts: 10,
  async run({ app, input: { id } }) {
    const grant = await find(app, id)
    if (!grant) return
    await app.ports.alerts.raise({
      key: `emergency:${id}`,
      severity: 'critical',
      summary: 'Emergency access runs.',
      details: { grant: id, until: grant.endsAt?.toISOString() ?? '' },
    })
    await mailDeciders(app, grant, 'began')
  },
})

/** Says that it is over, and that a third person is to look at it. The rights have ended by the clock alone. */
export const closeEmergency = job({
  name: 'emergency.close',
  input,
  maxAttempts: 10,
  async run({ app, input: { id }, ctx }) {
    const grant = await find(app, id)
    if (!grant?.endsAt || grant.endsAt > ctx.now) return
    await app.ports.alerts.resolve(`emergency:${id}`)
    await mailDeciders(app, grant, 'ended')
  },
})

type Grant = typeof emergencyGrants.$inferSelect

async function find(app: App, id: string): Promise<Grant | undefined> {
  const [grant] = await app.db.select().from(emergencyGrants).where(eq(emergencyGrants.id, id))
  return grant
}

async function mailDeciders(app: App, grant: Grant, what: 'began' | 'ended'): Promise<void> {
  await app.db.transaction(async (tx) => {
    const readers = (await listStaff(tx)).filter(({ groups }) =>
      groups.some((group) => group === 'security' || group === 'compliance'),
    )
    for (const { id, email } of readers) {
      await enqueueMail(
        { keys: app.keys, enqueue: (order, payload, options) => enqueue(tx, order, payload, options) },
        {
          to: email,
          template: 'emergency-access',
          values: {
            what,
            reason: grant.reason,
            minutes: grant.minutes,
            url: `${app.settings.PUBLIC_URL}/admin/emergency`,
          },
          idempotencyKey: `${grant.id}:${what}:${id}`,
        },
      )
    }
  })
}
