import { z } from 'zod'
import { isUnsettled } from '#portal/modules/videos/rules.ts'
import type { App } from '#portal/platform/app.ts'
import { throughBadMoments } from '#portal/platform/bad-moments.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { verb } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import { closePublicPlayback } from './close-public-playback.ts'
import { orderNextLooks, settleAndFollow } from './follow-upload.ts'
import type { Looker } from './foresee-objects.ts'
import { planSettlement } from './plan-settlement.ts'
import { look, moveRows, moves, type Seen, type SettleInput, settleInput } from './settle-upload.ts'
import { type DbOrTx, factsOf, loadManyRows, type Rows, writeSettlement } from './store-settlement.ts'

type Move = SettleInput & { seen: Seen }

/** Writes what was found of many uploads in one transaction, each with its own event in the log. */
const recordMany = verb({
  action: 'upload.settle',
  input: z.strictObject({ moves: z.array(settleInput.extend({ seen: z.custom<Seen>() })).min(1) }),
  allow: { system: true },
  async run(scope) {
    const asked = scope.input.moves
    const rows = await loadManyRows(scope.tx, idsOf(asked), 'for update')
    const unsettled: string[] = []
    const changes: Change[] = []
    for (const move of asked) {
      const found = rows.get(move.uploadId)
      if (!found || found.video.status === 'deleted') continue
      // Somebody else was first, or this is the second try of what was committed all the same.
      const after = planSettlement(factsOf(found), move.seen, scope.ctx.now)
      if (isUnsettled(after.video)) unsettled.push(move.uploadId)
      if (!moves(found, after)) continue
      changes.push((await moveRows(scope, found, move)).change)
    }
    const [first, ...also] = changes
    if (!first)
      throw new AppError('conflict', 'Nothing of it is left to do: all of them were moved meanwhile.')
    return { result: unsettled, change: first, also }
  },
})

const idsOf = (asked: SettleInput[]) => asked.map(({ uploadId }) => uploadId)

/**
 * Brings many uploads to what the video service says now, each as `settleUpload` would: one look at each object, one
 * transaction for all that move. Gives, in their places, why an upload could not be settled; one never fails another.
 */
export async function settleMany(
  app: App,
  ctx: Context,
  asked: SettleInput[],
  looker: Looker = app.ports.video,
): Promise<(Error | null)[]> {
  const rows = await app.db.transaction((tx) => loadManyRows(tx, idsOf(asked)))
  const failures = new Map<string, Error>()
  const moving: Move[] = []
  const still: Move[] = []
  const alone: SettleInput[] = []
  await Promise.all(
    asked.map(async (one) => {
      const found = rows.get(one.uploadId)
      if (!found || found.video.provider !== app.ports.video.provider || found.video.status === 'deleted')
        return
      try {
        const seen = await see(app, ctx, found, one, looker)
        const after = planSettlement(factsOf(found), seen, ctx.now)
        // Of a new failure people may have to be told first.
        if (after.upload.failureReason !== found.upload.failureReason) alone.push(one)
        else (moves(found, after) ? moving : still).push({ ...one, seen })
      } catch (error) {
        failures.set(one.uploadId, error as Error)
      }
    }),
  )
  alone.push(...(await together(app, ctx, moving, () => app.call(recordMany, { moves: moving }, ctx))))
  alone.push(...(await together(app, ctx, still, () => app.db.transaction((tx) => noteMany(tx, ctx, still)))))
  for (const one of alone) {
    const { uploadId, ...news } = one
    await settleAndFollow(app, ctx, uploadId, news as Parameters<typeof settleAndFollow>[3]).catch(
      (error: Error) => failures.set(uploadId, error),
    )
  }
  return asked.map(({ uploadId }) => failures.get(uploadId) ?? null)
}

async function see(app: App, ctx: Context, found: Rows, one: SettleInput, looker: Looker): Promise<Seen> {
  const seen = await look(looker, found, one.assetDeleted)
  return { ...seen, asset: await closePublicPlayback(app, ctx, found.video, seen.asset) }
}

/** Notes down what was seen where nothing moves; gives those on which more is to come. */
async function noteMany(tx: DbOrTx, ctx: Context, still: Move[]): Promise<string[]> {
  const rows = await loadManyRows(tx, idsOf(still), 'for update')
  const unsettled: string[] = []
  for (const { uploadId, seen, eventAt } of still) {
    const found = rows.get(uploadId)
    const after = found && planSettlement(factsOf(found), seen, ctx.now)
    if (!found || !after || found.video.status === 'deleted') continue
    // Somebody else has moved it on meanwhile.
    if (!moves(found, after))
      await writeSettlement(tx, found, after, {
        mover: { by: 'reconciler', id: null },
        eventAt,
        now: ctx.now,
      })
    if (isUnsettled(after.video)) unsettled.push(uploadId)
  }
  return unsettled
}

/** Gives back those that have to be settled one by one, because something is the matter with one of them. */
async function together(
  app: App,
  ctx: Context,
  all: Move[],
  write: () => Promise<string[]>,
): Promise<SettleInput[]> {
  if (all.length === 0) return []
  try {
    const unsettled = await throughBadMoments(write)
    await throughBadMoments(() => app.db.transaction((tx) => orderNextLooks(tx, app, ctx, unsettled)))
    return []
  } catch (error) {
    app.log.warn({ err: error, uploads: all.length }, 'not settled together; trying one by one')
    return all.map(({ seen: _, ...one }) => one)
  }
}
