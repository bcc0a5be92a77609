import { and, eq, inArray, isNotNull, isNull, or } from 'drizzle-orm'
import { eraseViewerRecord } from '#portal/modules/analytics/viewer-record.ts'
import { read, verb } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { viewerActor } from './load-share.ts'
import { viewerSessions } from './tables.ts'
import { loadOwnVisits, type OwnVisits, recordOf } from './viewer-record.ts'

const pseudonym = ({ visits }: OwnVisits) => viewerActor(visits[0] ?? null)

/** What was recorded of this browser on a link; the link need not live any more. */
export const readViewerRecord = read({
  action: 'viewer.read-record',
  input: viewerInput,
  allow: { anyone: true },
  async run({ db, input, ctx, keys }) {
    return await recordOf(db, keys, await loadOwnVisits(db, keys, input, ctx.now), ctx.now)
  },
})

/** The same to take along, with the moment at which it was true. */
export const copyViewerRecord = verb({
  action: 'viewer.record-copied',
  input: viewerInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys }) {
    const own = await loadOwnVisits(tx, keys, input, ctx.now)
    return {
      result: { copiedAt: ctx.now.toISOString(), ...(await recordOf(tx, keys, own, ctx.now)) },
      change: {
        target: { type: 'share', id: own.share.id },
        actor: pseudonym(own),
        details: { visits: own.visits.length },
      },
    }
  },
})

/**
 * The viewer objects: how they watch is not recorded any more, and what was is erased now, in each browser in which
 * they proved the same address. Who was let in and when stays, for security.
 */
export const objectToRecord = verb({
  action: 'viewer.object',
  input: viewerInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys }) {
    const own = await loadOwnVisits(tx, keys, input, ctx.now)
    const proved = own.visits.filter((visit) => visit.emailVerifiedAt && visit.emailHash)
    const hashes = proved.flatMap((visit) => visit.emailHash ?? [])
    const theirs = and(
      eq(viewerSessions.shareId, own.share.id),
      or(
        inArray(
          viewerSessions.id,
          own.visits.map((visit) => visit.id),
        ),
        hashes.length > 0
          ? and(inArray(viewerSessions.emailHash, hashes), isNotNull(viewerSessions.emailVerifiedAt))
          : undefined,
      ),
    )
    const objected = await tx
      .update(viewerSessions)
      .set({ objectedAt: ctx.now })
      .where(and(theirs, isNull(viewerSessions.objectedAt)))
      .returning({ id: viewerSessions.id })
    for (const { id } of objected) await eraseViewerRecord(tx, id)
    const after = await loadOwnVisits(tx, keys, input, ctx.now)
    return {
      result: await recordOf(tx, keys, after, ctx.now),
      change: {
        target: { type: 'share', id: own.share.id },
        actor: pseudonym(own),
        details: { visits: objected.length },
      },
    }
  },
})
