import { and, desc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { memberFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import { job } from '#portal/platform/job.ts'
import { flow, read, verb } from '#portal/platform/operation.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import { readComparison } from './read-comparison.ts'
import { endSessions, revokeShares } from './revoke-shares.ts'
import { type ShareCheckReport, type StaleFinding, type StaleKind, UNUSED_DAYS } from './share-check-words.ts'
import { shareChecks, shares, viewerSessions } from './tables.ts'

const DAY_MS = 86_400_000
const EXAMPLES = 20
/** Put right in one transaction; the next night goes on. */
const REPAIRED_AT_ONCE = 1000
const KEPT_DAYS = 90

const lives = (now: Date) =>
  and(isNull(shares.revokedAt), eq(shares.approval, 'open'), gt(shares.expiresAt, now)) as SQL
const ofDeletedVideo = sql`exists (select 1 from ${videoFacts} where ${videoFacts.id} = ${shares.videoId} and ${videoFacts.deletedAt} is not null)`

/** What the database alone tells. */
const CONDITIONS: Record<
  Exclude<StaleKind, 'gone_at_provider' | 'playback_id_missing'>,
  (now: Date) => SQL
> = {
  ended_but_open: (
    now,
  ) => sql`(${shares.revokedAt} is not null or ${shares.expiresAt} <= ${now.toISOString()}::timestamptz)
    and exists (select 1 from viewer_sessions where viewer_sessions.share_id = ${shares.id} and viewer_sessions.ended_at is null
      and viewer_sessions.view_started_at is not null and viewer_sessions.token_expires_at > ${now.toISOString()}::timestamptz)`,
  video_deleted: (now) => sql`${lives(now)} and ${ofDeletedVideo}`,
  owner_gone: (
    now,
  ) => sql`${lives(now)} and ${shares.organisationId} <> ${PROBE_ORGANISATION} and not exists (
    select 1 from ${memberFacts} where ${memberFacts.userId} = ${shares.createdBy} and ${memberFacts.organisationId} = ${shares.organisationId})`,
  never_used: (now) => sql`${lives(now)} and ${shares.viewsUsed} = 0
    and ${shares.createdAt} < ${new Date(now.getTime() - UNUSED_DAYS * DAY_MS).toISOString()}::timestamptz`,
}

async function find(tx: Tx, kind: keyof typeof CONDITIONS, now: Date): Promise<StaleFinding> {
  const { rows } = await tx.execute<{ shares: number; examples: string[] | null }>(sql`
    select count(*)::int as shares, (array_agg(${shares.id} order by ${shares.id}))[1:${EXAMPLES}] as examples
    from shares where ${CONDITIONS[kind](now)}`)
  return { kind, shares: rows[0]?.shares ?? 0, repaired: 0, examples: rows[0]?.examples ?? [] }
}

/** Puts right what needs no person: players of ended links, links of deleted videos. Keeps the report. */
const recordCheck = verb({
  action: 'share.check',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ tx, ctx, actor, enqueue, settings }) {
    const scope = { tx, ctx, actor, enqueue }
    const findings: StaleFinding[] = []
    for (const kind of Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[])
      findings.push(await find(tx, kind, ctx.now))
    const open = findings.find(({ kind }) => kind === 'ended_but_open')
    if (open && open.shares > 0) {
      const which = tx.select({ id: shares.id }).from(shares).where(CONDITIONS.ended_but_open(ctx.now))
      await endSessions(scope, inArray(viewerSessions.shareId, which), { stop: 'expired' })
      open.repaired = open.shares
    }
    const orphans = findings.find(({ kind }) => kind === 'video_deleted')
    if (orphans && orphans.shares > 0) {
      const options = { reason: 'video_deleted', stop: 'video_deleted', limit: REPAIRED_AT_ONCE } as const
      orphans.repaired = (await revokeShares(scope, CONDITIONS.video_deleted(ctx.now), options)).shares.length
    }
    const { findings: there, ...compared } = await readComparison(tx, settings.videoProvider)
    const report: ShareCheckReport = {
      findings: [...findings, ...there],
      ...compared,
      revokes: await countRevokes(tx, ctx.now),
    }
    const id = ctx.newId('shc')
    await tx.insert(shareChecks).values({ id, checkedAt: ctx.now, report })
    const old = new Date(ctx.now.getTime() - KEPT_DAYS * DAY_MS)
    await tx.delete(shareChecks).where(sql`${shareChecks.checkedAt} < ${old.toISOString()}::timestamptz`)
    const details = Object.fromEntries(
      report.findings.map(({ kind, shares: n, repaired }) => [kind, [n, repaired]]),
    )
    return {
      result: { checkedAt: ctx.now.toISOString(), report },
      change: { target: { type: 'share_check', id }, details },
    }
  },
})

/** Of the links that were ended in the last ninety days: here, and because their video vanished at the service. */
async function countRevokes(tx: Tx, now: Date): Promise<ShareCheckReport['revokes']> {
  const since = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString()
  const { rows } = await tx.execute<{ here: number; elsewhere: number }>(sql`
    select count(*) filter (where ${byService} is not true)::int as here, count(*) filter (where ${byService})::int as elsewhere
    from shares where ${shares.revokedAt} > ${since}::timestamptz and ${shares.organisationId} <> ${PROBE_ORGANISATION}`)
  return rows[0] ?? { here: 0, elsewhere: 0 }
}

// A person's deletion of a video names that person; the nightly look names itself.
const byService = sql`(${shares.revokeReason} = 'video_deleted' and ${shares.revokedBy} = 'sharing.check-shares')`

/** Looks for shares that nobody looks after, repairs what it may, and reports the rest (STM-06, MUX-06). */
export const checkShares = flow({
  action: 'share.check',
  input: z.strictObject({}),
  allow: { system: true },
  async run({ app, ctx }): Promise<ShareCheck> {
    const check = await app.call(recordCheck, {}, ctx)
    const grave = check.report.findings.filter(
      ({ kind, shares: n, repaired }) => n > repaired && kind !== 'never_used' && kind !== 'owner_gone',
    )
    const key = 'shares.stale'
    if (grave.length === 0) await app.ports.alerts.resolve(key)
    else
      await app.ports.alerts.raise({
        key,
        severity: 'warning',
        summary:
          'Some live links lead to videos that no longer play; the nightly check of shares names them.',
        details: Object.fromEntries(grave.map(({ kind, shares: n }) => [kind, n])),
      })
    return check
  },
})

export type ShareCheck = { checkedAt: string; report: ShareCheckReport }

/** The newest report. */
export const getShareCheck = read({
  action: 'share.check-report',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db }): Promise<{ check: ShareCheck | null }> {
    const [row] = await db.select().from(shareChecks).orderBy(desc(shareChecks.checkedAt)).limit(1)
    // Reports from before the comparison was read from its findings don't say when that was.
    return {
      check: row
        ? {
            checkedAt: row.checkedAt.toISOString(),
            report: { ...row.report, comparedAt: row.report.comparedAt ?? null },
          }
        : null,
    }
  },
})

export const checkSharesNightly = job({
  name: 'sharing.check-shares',
  input: z.strictObject({}),
  maxAttempts: 3,
  schedule: '40 3 * * *',
  async run({ app, ctx }) {
    await app.call(checkShares, {}, ctx)
  },
})
