import { and, desc, eq, gte, isNotNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import { hashToken, newToken } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { verb } from '#portal/platform/operation.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import { shares, viewerSessions } from './tables.ts'

const LIFE_MS = 30 * 60_000

/** A link of the portal's own, past the administrators' limits, which are about people's. */
export const makeProbeShare = verb({
  action: 'share.create',
  input: z.strictObject({ videoId: z.string(), by: z.string() }),
  allow: { system: true },
  async run({ tx, input, ctx }) {
    const id = ctx.newId('shr')
    const token = newToken()
    await tx.insert(shares).values({
      id,
      videoId: input.videoId,
      organisationId: PROBE_ORGANISATION,
      createdBy: input.by,
      access: 'link',
      tokenHash: hashToken(token),
      analytics: false,
      expiresAt: new Date(ctx.now.getTime() + LIFE_MS),
      createdAt: ctx.now,
      region: ctx.region,
    })
    return {
      result: { id, token },
      change: { target: { type: 'share', id }, reason: 'probe', details: { video_id: input.videoId } },
    }
  },
})

/** Takes away probes' links that ended before this instant; the log keeps what happened to them. */
export async function forgetProbeShares(tx: Tx, before: Date): Promise<void> {
  await tx
    .delete(shares)
    .where(and(eq(shares.organisationId, PROBE_ORGANISATION), lt(shares.createdAt, before)))
}

/** Milliseconds from the end of a view to the black picture, as viewers' own pages reported them since; the newest. */
export async function listBlackTimes(tx: Tx, since: Date, limit: number): Promise<number[]> {
  const rows = await tx
    .select({ endedAt: viewerSessions.endedAt, blackAt: viewerSessions.blackAt })
    .from(viewerSessions)
    .where(and(isNotNull(viewerSessions.blackAt), gte(viewerSessions.blackAt, since)))
    .orderBy(desc(viewerSessions.blackAt))
    .limit(limit)
  return rows.flatMap(({ endedAt, blackAt }) =>
    endedAt && blackAt ? [Math.max(0, blackAt.getTime() - endedAt.getTime())] : [],
  )
}
