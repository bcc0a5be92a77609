import { desc, eq, inArray } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { read } from '#portal/platform/operation.ts'
import type { LimitOverride } from './answers.ts'
import { nothingInput } from './inputs.ts'
import { limitOverrides } from './tables.ts'

const MOST = 200

/** Every override asked for in the last year, newest first. */
export const listOverrides = read({
  action: 'limit.overrides',
  input: nothingInput,
  allow: { role: 'admin' },
  run: ({ db, ctx }) => list(db, ctx.now),
})

/** Those that the caller asked for. */
export const listOwnOverrides = read({
  action: 'limit.own-overrides',
  input: nothingInput,
  allow: { role: 'agency' },
  run: ({ db, ctx, actor }) => list(db, ctx.now, actor.id),
})

async function list(db: Tx, now: Date, askedBy?: string): Promise<{ items: LimitOverride[] }> {
  const rows = await db
    .select()
    .from(limitOverrides)
    .where(askedBy === undefined ? undefined : eq(limitOverrides.askedBy, askedBy))
    .orderBy(desc(limitOverrides.askedAt), desc(limitOverrides.id))
    .limit(MOST)
  const names = await namesOf(
    db,
    rows.flatMap((row) => [
      row.askedBy,
      row.decidedBy ?? '',
      row.subjectKind === 'user' ? row.subjectId : '',
    ]),
  )
  return {
    items: rows.map((row) => ({
      id: row.id,
      class: row.limitClass,
      subject: { kind: row.subjectKind, id: row.subjectId, name: names.get(row.subjectId) ?? null },
      quota: row.quota,
      reason: row.reason,
      status: statusOf(row, now),
      askedBy: row.askedBy,
      askedByName: names.get(row.askedBy) ?? null,
      askedAt: row.askedAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      decidedByName: names.get(row.decidedBy ?? '') ?? null,
    })),
  }
}

async function namesOf(db: Tx, ids: string[]): Promise<Map<string, string>> {
  const known = await db
    .select({ id: personFacts.id, name: personFacts.name })
    .from(personFacts)
    .where(inArray(personFacts.id, [...new Set(ids)]))
  return new Map(known.map(({ id, name }) => [id, name]))
}

function statusOf(row: typeof limitOverrides.$inferSelect, now: Date): LimitOverride['status'] {
  if (row.decision === 'declined') return 'declined'
  if (row.endedAt) return 'ended'
  if (row.expiresAt <= now) return row.decision ? 'expired' : 'lapsed'
  return row.decision === 'approved' ? 'running' : 'pending'
}
