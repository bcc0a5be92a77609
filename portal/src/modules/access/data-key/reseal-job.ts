import { resealSegments } from '#portal/modules/audit/archive/reseal-segments.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import { destroyOldKeys } from './destroy-old-keys.ts'
import { resealBatch, resealJobs } from './reseal-rows.ts'
import { resealOrder } from './rotate-data-key.ts'
import { SEALED_COLUMNS } from './sealed-places.ts'

const ALERT = 'data-key.unreadable'
/** Batches of one run: some ten thousand rows; the next run goes on. */
const BATCHES = 50
const SEGMENTS = 50
const AGAIN_SECONDS = 30
const LATER_SECONDS = 3600

/**
 * Seals by the newest key what older ones have sealed, in bounded steps, and destroys those once nothing needs them: no
 * box of theirs is left, and every living process seals by the newest. Started by a change, and each hour where one broke off.
 */
export const resealJob = job({
  ...resealOrder,
  schedule: '23 * * * *',
  async run({ app, input, ctx, signal }) {
    const ring = app.keys.seal
    ring.refresh()
    if (ring.list().length < 2) return
    const at = await resealColumns(app, input, signal)
    if (at.column < SEALED_COLUMNS.length) return await again(app, at, 0)
    const queued = await resealJobs(app.pool, ring)
    const hasMore = await resealSegments(app, ctx, SEGMENTS)
    if (hasMore) return await again(app, at, 0)
    await app.auditKeys.sealAnew()
    await finish(app, ctx, at.unreadable + queued.unreadable)
  },
})

type Place = { column: number; after: string; unreadable: number }

async function resealColumns(app: App, from: Place, signal: AbortSignal): Promise<Place> {
  let { column, after, unreadable } = from
  for (let done = 0; done < BATCHES && !signal.aborted; done += 1) {
    const place = SEALED_COLUMNS[column]
    if (!place) break
    const batch = await resealBatch(app.pool, app.keys.seal, place, after)
    unreadable += batch.unreadable
    if (batch.last === null) column += 1
    after = batch.last ?? ''
  }
  return { column, after, unreadable }
}

async function finish(app: App, ctx: Context, unreadable: number): Promise<void> {
  const start = { column: 0, after: '', unreadable: 0 }
  if (unreadable > 0) {
    await app.ports.alerts.raise({
      key: ALERT,
      severity: 'warning',
      summary:
        'Sealed values can’t be opened by any key here: the old data key stays until somebody looks at them.',
      details: { values: unreadable },
      audience: ['security', 'operations'],
    })
    return await again(app, start, LATER_SECONDS)
  }
  await app.ports.alerts.resolve(ALERT)
  const { waitsFor } = await app.call(destroyOldKeys, {}, ctx)
  if (waitsFor !== null) await again(app, start, AGAIN_SECONDS)
}

async function again(app: App, place: Place, inSeconds: number): Promise<void> {
  await app.db.transaction((tx) => enqueue(tx, resealOrder, place, { key: resealOrder.name, inSeconds }))
}
