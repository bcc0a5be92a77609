import type { SQL } from 'drizzle-orm'
import { AppError } from '#portal/platform/errors.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import type { Change } from '#portal/platform/operation-events.ts'
import type { Selection } from './inputs.ts'
import { webhookEvents, webhookReplays } from './tables.ts'

type Asked = {
  where: SQL | undefined
  origin: (typeof webhookReplays.$inferSelect)['origin']
  /** As it was asked for, to be kept. */
  selection: Selection
}

/** Puts dead letters into the hands of a new replay; no other replay takes them until it has tried them. */
export async function takeLetters(
  { tx, ctx, actor, settings }: VerbScope<unknown>,
  { where, origin, selection }: Asked,
): Promise<{ id: string; found: number; change: Change }> {
  if (!settings.MUX_WEBHOOK_DLQ_ENABLED)
    throw new AppError(
      'conflict',
      'Replays are switched off by MUX_WEBHOOK_DLQ_ENABLED. Nothing is lost meanwhile.',
    )
  const id = ctx.newId('whr')
  const { rowCount } = await tx.update(webhookEvents).set({ replayId: id }).where(where)
  const found = rowCount ?? 0
  await tx.insert(webhookReplays).values({
    ...{ id, origin, found, selection },
    ...{ askedBy: actor.id, askedAt: ctx.now, progressAt: ctx.now },
  })
  const { ids, cause = null, type = null, from = null, to = null } = selection
  const details = { origin, letters: found, cause, type, from, to, ids: ids?.slice(0, 20) ?? null }
  return { id, found, change: { target: { type: 'webhook_replay', id }, details } }
}
