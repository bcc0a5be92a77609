import { eq, sql } from 'drizzle-orm'
import { loadShare, peekShare, UNKNOWN_SHARE, viewerActor } from '#portal/modules/sharing/load-share.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError, Refusal } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { reportProgressInput } from './inputs.ts'
import { isRecorded } from './recording-facts.ts'
import {
  addSegments,
  countParts,
  creditAfter,
  firstCredit,
  lengthOf,
  markBatch,
  type Segment,
  seenOf,
} from './rules.ts'
import { viewerProgress } from './tables.ts'

/** Whether reports of this view are kept; a page that hears `false` need not send more. */
export type ProgressAnswer = { kept: boolean }

/** The first report of a view opens its record, which leaves an event; later ones only add to it. */
const beginRecord = verb({
  action: 'playback.progress',
  input: reportProgressInput,
  allow: { anyone: true },
  async run({ tx, input, ctx, keys }) {
    const opened = await loadShare(tx, keys, input.token, input.cookie)
    if (!opened?.viewer?.viewStartedAt) throw new Refusal('not_watching', UNKNOWN_SHARE)
    const { share, video, viewer } = opened
    const durationMs = Math.round((video.durationSeconds ?? 0) * 1000)
    await tx
      .insert(viewerProgress)
      .values({
        viewerSessionId: viewer.id,
        shareId: share.id,
        durationMs,
        parts: new Array(countParts(durationMs)).fill(0),
        firstAt: ctx.now,
        lastAt: ctx.now,
        creditMs: firstCredit(ctx.now.getTime() - opened.viewer.viewStartedAt.getTime()),
      })
      .onConflictDoNothing()
    return {
      result: null,
      change: {
        target: { type: 'share', id: share.id },
        actor: viewerActor(viewer),
        reason: 'record_opened',
        details: { notice: viewer.notice },
      },
    }
  },
})

/**
 * Takes a report of what was really played. Kept only where the viewer was told and has not objected: neither their
 * browser (Global Privacy Control) nor they themselves. Counts a batch once, and no more than time can have played.
 */
export const reportProgress = flow({
  action: 'playback.progress',
  input: reportProgressInput,
  allow: { anyone: true },
  async run({ app, input, ctx }): Promise<ProgressAnswer> {
    const opened = await peekShare(app.db, app.keys, input.token, input.cookie)
    if (!opened?.viewer?.viewStartedAt)
      throw new Refusal('not_watching', opened ? { type: 'share', id: opened.share.id } : UNKNOWN_SHARE)
    const { viewer, share, video } = opened
    const wanted =
      !input.gpc && viewer.notice !== null && viewer.objectedAt === null && !!video.durationSeconds
    const running = viewer.endedAt === null && share.revokedAt === null
    if (!wanted || !running || !(await app.db.transaction((tx) => isRecorded(tx, share, app.settings))))
      return { kept: false }

    const segments = input.segments.map(
      ([from, to]): Segment => [Math.round(from * 1000), Math.round(to * 1000)],
    )
    const batch = { viewerId: viewer.id, run: input.run, seq: input.seq, segments }
    const added = await addBatch(app, ctx, batch)
    if (added !== 'no_record') return { kept: true }
    await app.call(beginRecord, input, ctx)
    return { kept: (await addBatch(app, ctx, batch)) !== 'no_record' }
  },
})

type Batch = { viewerId: string; run: string; seq: number; segments: Segment[] }

/**
 * Adds one batch under the record's row lock.
 * @throws AppError invalid where it claims more than can have been played since the last one
 */
async function addBatch(app: App, ctx: Context, batch: Batch): Promise<'added' | 'counted' | 'no_record'> {
  return await app.db.transaction(async (tx) => {
    const [record] = await tx
      .select()
      .from(viewerProgress)
      .where(eq(viewerProgress.viewerSessionId, batch.viewerId))
      .for('update')
    if (!record) return 'no_record'
    const runs = markBatch(record.runs, batch.run, batch.seq)
    if (!runs) return 'counted'
    const { durationMs } = record
    const credit = creditAfter(record.creditMs, ctx.now.getTime() - record.lastAt.getTime())
    const claimed = lengthOf(batch.segments)
    if (claimed > credit || batch.segments.some(([, to]) => to > durationMs + END_SLACK_MS))
      throw new AppError('invalid', 'segments: claim more than can have been played.', {
        errors: [{ path: 'segments', message: 'claim more than can have been played' }],
      })
    const parts = addSegments(record.parts, durationMs, batch.segments)
    await tx
      .update(viewerProgress)
      .set({
        parts,
        seenMs: seenOf(parts, durationMs),
        furthestMs: sql`greatest(${viewerProgress.furthestMs}, ${furthestOf(batch.segments, durationMs)}::integer)`,
        lastAt: sql`greatest(${viewerProgress.lastAt}, ${ctx.now.toISOString()}::timestamptz)`,
        creditMs: credit - claimed,
        runs,
      })
      .where(eq(viewerProgress.viewerSessionId, batch.viewerId))
    return 'added'
  })
}

// Players round the end of a video up; what lies past it is cut off.
const END_SLACK_MS = 2000

const furthestOf = (segments: Segment[], durationMs: number) =>
  Math.min(durationMs, Math.max(...segments.map(([, to]) => to)))
