import { desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { seenVersion } from '#portal/platform/seen-version.ts'
import { type ShareLimits, shareLimitsSchema } from './inputs.ts'
import { DEFAULT_LIMITS } from './share-limits.ts'
import { shareLimits } from './tables.ts'

/** Older ones stand in the audit log. */
const MOST_VERSIONS = 100

/** The limits that hold now; version 0 are those that the portal comes with. */
export async function currentLimits(db: Tx): Promise<{ version: number; limits: ShareLimits }> {
  const [row] = await db.select().from(shareLimits).orderBy(desc(shareLimits.version)).limit(1)
  return row
    ? { version: row.version, limits: shareLimitsSchema.parse(row.limits) }
    : { version: 0, limits: DEFAULT_LIMITS }
}

/** The limits that every new share obeys or asks leave to go beyond. */
export const getShareLimits = read({
  action: 'share-limits.get',
  input: z.strictObject({}),
  allow: { role: 'agency' },
  run: ({ db }) => currentLimits(db),
})

export type LimitsVersion = {
  version: number
  limits: ShareLimits
  /** Null for an account that is deleted. */
  setByName: string | null
  setAt: string
}

/** Every version of the limits, newest first: who set what, and when. */
export const listShareLimits = read({
  action: 'share-limits.history',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db }): Promise<{ items: LimitsVersion[] }> {
    const rows = await db
      .select({ row: shareLimits, setByName: personFacts.name })
      .from(shareLimits)
      .leftJoin(personFacts, eq(personFacts.id, shareLimits.setBy))
      .orderBy(desc(shareLimits.version))
      .limit(MOST_VERSIONS)
    const items = rows.map(({ row, setByName }) => ({
      version: row.version,
      limits: shareLimitsSchema.parse(row.limits),
      setByName,
      setAt: row.setAt.toISOString(),
    }))
    return { items }
  },
})

export const setShareLimitsInput = shareLimitsSchema.extend({
  version: seenVersion,
})

/** Sets floors and ceilings for shares made from now on; those that exist stay as they were agreed. */
export const setShareLimits = verb({
  action: 'share-limits.set',
  input: setShareLimitsInput,
  allow: { role: 'admin', groups: ['security', 'compliance'] },
  async run({ tx, input, ctx, actor }) {
    const { version: seen, ...limits } = input
    const version = seen + 1
    const before = await currentLimits(tx)
    const made = await tx
      .insert(shareLimits)
      .values({ version, limits, setBy: actor.id, setAt: ctx.now })
      .onConflictDoNothing()
      .returning({ version: shareLimits.version })
    if (before.version !== seen || made.length === 0)
      throw new AppError('conflict', 'Somebody else changed the limits meanwhile. Look at them again.')
    return {
      result: { version, limits },
      change: { target: { type: 'share_limits', id: String(version) }, details: { ...limits } },
    }
  },
})
