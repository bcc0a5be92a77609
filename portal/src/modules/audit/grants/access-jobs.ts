import { and, eq, isNull, lte, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { listStaff } from '#portal/modules/identity/staff-groups.ts'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { verb } from '#portal/platform/operation.ts'
import { idInput } from '../inputs.ts'
import { logGrants } from './tables.ts'

const WHAT = ['asked', 'approved', 'declined'] as const

/** Tells those who decide that somebody asks, and who asked what was decided. */
export const tellLogAccess = job({
  name: 'audit-access.tell',
  input: z.strictObject({ id: z.string(), what: z.enum(WHAT) }),
  maxAttempts: 10,
  async run({ app, input: { id, what } }) {
    const [grant] = await app.db.select().from(logGrants).where(eq(logGrants.id, id))
    if (!grant) return
    const readers =
      what === 'asked' ? await decidersBut(app, grant.userId) : await addressOf(app, grant.userId)
    const url = `${app.settings.PUBLIC_URL}/admin/audit/access`
    await app.db.transaction(async (tx) => {
      const scope = { keys: app.keys, enqueue: enqueue.bind(null, tx) }
      for (const reader of readers) {
        const { reason, hours, endsAt } = grant
        const values = { what, reason, hours, endsAt, url }
        const idempotencyKey = `${id}:${what}:${reader.id}`
        await enqueueMail(scope, { to: reader.email, template: 'log-access', values, idempotencyKey })
      }
    })
  },
})

/** Everybody in security and compliance beside this person. */
export async function decidersBut(app: App, userId: string) {
  const staff = await app.db.transaction(listStaff)
  return staff.filter(
    ({ id, groups }) =>
      id !== userId && groups.some((group) => group === 'security' || group === 'compliance'),
  )
}

async function addressOf(app: App, userId: string) {
  return await app.db.select().from(personFacts).where(eq(personFacts.id, userId))
}

/** Notes in the log that a grant has ended by itself. */
export const expireLogAccess = verb({
  action: 'audit-access.expire',
  input: idInput,
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const [over] = await tx
      .update(logGrants)
      .set({ closedAt: ctx.now })
      .where(and(eq(logGrants.id, input.id), lte(logGrants.endsAt, ctx.now), isNull(logGrants.closedAt)))
      .returning({ id: logGrants.id, userId: logGrants.userId })
    if (!over) throw new AppError('conflict', 'It still runs, or the log knows already.')
    return {
      result: { id: over.id },
      change: { target: { type: 'log_grant', id: over.id }, details: { user_id: over.userId } },
    }
  },
})

/** When a grant is over: the right has ended by the clock or by its end alone, this says so. */
export const closeLogAccess = job({
  name: 'audit-access.close',
  input: z.strictObject({ id: z.string() }),
  maxAttempts: 10,
  run: ({ app, input: { id }, ctx }) => closeOver(app, ctx, eq(logGrants.id, id)),
})

/** Closes grants that are over, of those that are meant: notes it in the log where nobody did, resolves the alert. */
export async function closeOver(app: App, ctx: Context, which: SQL): Promise<void> {
  const over = await app.db
    .select({ id: logGrants.id, closedAt: logGrants.closedAt })
    .from(logGrants)
    .where(and(which, lte(logGrants.endsAt, ctx.now)))
  for (const { id, closedAt } of over) {
    if (!closedAt) await app.call(expireLogAccess, { id }, ctx)
    await app.ports.alerts.resolve(commandAlert(id))
  }
}

/** Of a grant that was given on the machine, without a second person. */
export const commandAlert = (id: string) => `log-access-by-command:${id}`
