import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { job } from '#portal/platform/job.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import type { RevocationOutcome } from './answers.ts'
import { barPerson } from './bar-viewer.ts'
import { moveVideos, orderMoves } from './move-videos.ts'
import type { PlaybackStop } from './order-stops.ts'
import { stopNow } from './revoke-share.ts'
import { endSessions, revokeShares, type Stopped } from './revoke-shares.ts'
import { namedShares } from './select-shares.ts'
import { isWatched } from './share-state.ts'
import { revocations, viewerSessions } from './tables.ts'

/** Shares that end in one transaction: some tenths of a second, in which nobody else waits for their rows. */
const ONE_BATCH = 200
/** A request gives up waiting here; the job goes on. */
const PATIENCE_MS = 20_000

const revocationInput = z.strictObject({ id: z.string().max(64) })

/** Goes on with a revocation that the process which began it did not finish. */
export const continueRevocation = job({
  name: 'sharing.continue-revocation',
  input: revocationInput,
  maxAttempts: 25,
  async run({ app, input, ctx, signal }) {
    const [row] = await app.db.select().from(revocations).where(eq(revocations.id, input.id))
    if (row?.status !== 'running') return
    while (!signal.aborted) {
      const { status } = await runRevocation(app, ctx, input.id)
      if (status === 'done') return
    }
    throw new Error('the revocation was interrupted; the next try goes on with it')
  },
})

/** Orders the job that goes on, should this process die or the request lose patience. */
export async function orderRevocation(
  { enqueue }: Pick<VerbScope<unknown>, 'enqueue'>,
  id: string,
): Promise<void> {
  await enqueue(continueRevocation, { id }, { key: `revocation:${id}`, inSeconds: 30 })
}

type Batch = Omit<Stopped, 'shares'> & {
  shares: number
  done: boolean
  emergency: boolean
  review: 'open' | null
  askedAt: Date
}

/** One bounded step: what is being watched goes first. The revocation's own row keeps two processes apart. */
const recordBatch = verb({
  action: 'share.revoke',
  input: revocationInput.extend({ watched: z.boolean() }),
  allow: { role: 'admin', system: true },
  async run(scope: VerbScope<{ id: string; watched: boolean }>) {
    const { tx, input, ctx } = scope
    const [row] = await tx.select().from(revocations).where(eq(revocations.id, input.id)).for('update')
    if (!row || !['running', 'done'].includes(row.status)) throw new AppError('not_found')
    const options = { reason: row.reason, by: row.askedBy, revocationId: row.id, limit: ONE_BATCH }
    const named = namedShares(row)
    let stopped: Stopped = { shares: [], players: 0, stops: [] }
    if (row.status === 'running' && named)
      stopped = await revokeShares(scope, input.watched ? and(named, isWatched(ctx.now)) : named, options)
    if (row.status === 'running' && row.viewerHash) {
      await barPerson(scope, {
        emailHash: row.viewerHash,
        revocationId: row.id,
        reason: row.reason,
        by: row.askedBy,
      })
      stopped = {
        shares: [],
        ...(await endSessions(scope, eq(viewerSessions.emailHash, row.viewerHash), options)),
      }
    }
    if (row.emergency) await orderMoves(scope, stopped.stops, row.id)
    const done = row.status === 'done' || (!input.watched && stopped.shares.length < ONE_BATCH)
    await tx
      .update(revocations)
      .set({
        status: done ? 'done' : 'running',
        sharesStopped: sql`${revocations.sharesStopped} + ${stopped.shares.length}`,
        playersStopped: sql`${revocations.playersStopped} + ${stopped.players}`,
        ...(done ? { actedAt: row.actedAt ?? ctx.now } : {}),
      })
      .where(eq(revocations.id, row.id))
    const result: Batch = {
      ...stopped,
      shares: stopped.shares.length,
      done,
      emergency: row.emergency,
      review: row.review === 'open' ? 'open' : null,
      askedAt: row.askedAt,
    }
    return { result, ...changesOf(row, stopped) }
  },
})

/** The step's own event, and one for each share: its history tells of its end. */
function changesOf(
  row: { id: string; reason: string },
  { shares, players }: Stopped,
): { change: Change; also: Change[] } {
  const revocation = { revocation_id: row.id }
  return {
    change: {
      target: { type: 'revocation', id: row.id },
      reason: row.reason,
      details: { shares: shares.length, stopped_players: players },
    },
    also: shares.map(({ id, videoId }) => ({
      target: { type: 'share', id },
      reason: row.reason,
      details: { video_id: videoId, ...revocation },
    })),
  }
}

/**
 * Stops what a revocation names, batch by batch, and tells the video service after each. Returns when everything has
 * ended, or when its patience has; may be repeated, and run by several at once.
 */
export async function runRevocation(app: App, ctx: Context, id: string): Promise<RevocationOutcome> {
  const began = ctx.now.getTime()
  const deadline = app.clock().getTime() + PATIENCE_MS
  const playing: PlaybackStop[] = []
  let confirmed = true
  let totals = { shares: 0, players: 0 }
  for (let watched = true; ; ) {
    const batch = await app.call(recordBatch, { id, watched }, { ...ctx, now: app.clock() })
    playing.push(...batch.stops)
    totals = { shares: totals.shares + batch.shares, players: totals.players + batch.players }
    confirmed = (await stopNow(app, batch.stops)) && confirmed
    const actedMs = app.clock().getTime() - began
    if (batch.done || app.clock().getTime() > deadline) {
      const replaced = batch.emergency
        ? await replaceAll(app, ctx, id, playing)
        : { count: 0, confirmed: true }
      confirmed &&= replaced.confirmed
      return {
        id,
        status: batch.done ? 'done' : 'running',
        ...totals,
        confirmed,
        boundSeconds: replaced.count > 0 && replaced.confirmed ? 0 : app.ports.video.revocationBoundSeconds,
        actedMs,
        confirmedMs: confirmed && batch.done ? app.clock().getTime() - began : null,
        replacedPlaybackIds: replaced.count,
        review: batch.review,
      }
    }
    // What is watched is gone; now the rest.
    if (watched && batch.shares < ONE_BATCH) watched = false
  }
}

/** On a service that can't end a playback, an emergency takes the place away at which the video lies. */
async function replaceAll(
  app: App,
  ctx: Context,
  revocationId: string,
  playing: PlaybackStop[],
): Promise<{ count: number; confirmed: boolean }> {
  const moved = await moveVideos(app, ctx, playing, revocationId)
  if (moved.count > 0)
    await app.db
      .update(revocations)
      .set({ replacedPlaybackIds: sql`${revocations.replacedPlaybackIds} + ${moved.count}` })
      .where(eq(revocations.id, revocationId))
  return moved
}
