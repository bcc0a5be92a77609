import { and, count, desc, eq, gt, isNull } from 'drizzle-orm'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import { read } from '#portal/platform/operation.ts'
import type { AbuseDetection, AbuseDetections } from './answers.ts'
import { listDetectionsInput } from './inputs.ts'
import { abuseDetections } from './tables.ts'

/** What was detected lately, newest first: by which rule, what is done about it, until when, and what it refused. */
export const listDetections = read({
  action: 'abuse.detections',
  input: listDetectionsInput,
  allow: { role: 'admin' },
  async run({ db, input: { hours, limit }, ctx }): Promise<AbuseDetections> {
    const { detectedAt, id, letGoBy, closedAt, until } = abuseDetections
    const recent = gt(detectedAt, new Date(ctx.now.getTime() - hours * 3_600_000))
    const rows = await db
      .select({ row: abuseDetections, letGoByName: personFacts.name })
      .from(abuseDetections)
      .leftJoin(personFacts, eq(personFacts.id, letGoBy))
      .where(recent)
      .orderBy(desc(detectedAt), desc(id))
      .limit(limit)
    const [all] = await db.select({ n: count() }).from(abuseDetections).where(recent)
    const [live] = await db
      .select({ n: count() })
      .from(abuseDetections)
      .where(and(isNull(closedAt), gt(until, ctx.now)))
    const items = rows.map(({ row, letGoByName }) => ({
      ...{ id: row.id, rule: row.rule, subject: row.subject, threshold: row.threshold },
      ...{ enforced: row.enforced, action: row.action, refused: row.refused },
      status: statusOf(row, ctx.now),
      detectedAt: row.detectedAt.toISOString(),
      until: (row.closedAt ?? row.until).toISOString(),
      lastRefusedAt: row.lastRefusedAt?.toISOString() ?? null,
      letGoByName,
      letGoReason: row.letGoReason,
    }))
    return { items, total: all?.n ?? 0, running: live?.n ?? 0 }
  },
})

function statusOf(row: typeof abuseDetections.$inferSelect, now: Date): AbuseDetection['status'] {
  if (row.letGoBy) return 'let-go'
  if (row.closedAt || row.until <= now) return 'over'
  return row.enforced ? 'running' : 'watched'
}
