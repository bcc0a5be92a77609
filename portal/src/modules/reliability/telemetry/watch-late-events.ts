import { z } from 'zod'
import { listCompared } from '#portal/modules/uploads/list-compared.ts'
import { listAwaited } from '#portal/modules/videos/list-awaited.ts'
import { findEventTimes, listEventTimes } from '#portal/modules/webhooks/list-event-times.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import { job } from '#portal/platform/job.ts'
import { LEAST_SECONDS, lateAfterSeconds, type Past } from './late-events.ts'

const HISTORY = 200
const AWAITED = 500
const MINUTES = 5
/** Who has been told for so long is not told again; the daily comparison puts the event in. */
const LOOK_BACK_MS = 48 * 3_600_000

/** What is awaited: the work on a file, or that the service tells of what was found out by asking. */
const EXPECTATIONS = [
  { what: 'processing', type: 'video.asset.ready', key: 'work' },
  { what: 'ready', type: 'video.asset.ready', key: 'delivery' },
  { what: 'removed', type: 'video.asset.deleted', key: 'delivery' },
] as const
type Expectation = (typeof EXPECTATIONS)[number]

type Late = { assetId: string; seconds: number; after: number }

/** Raises one alert for each kind of event that is late against its own history, and resolves it when it has come. */
export async function watchLateEvents(app: App, ctx: Context): Promise<void> {
  for (const expectation of EXPECTATIONS) {
    const late = await app.db.transaction((tx) => findLate(tx, app, ctx, expectation), {
      accessMode: 'read only',
    })
    await tell(app, expectation, late)
  }
}

async function tell(app: App, { what, type, key: about }: Expectation, late: Late[]): Promise<void> {
  const { alerts, video } = app.ports
  const key = `webhooks.late:${video.provider}:${type}:${about}`
  const fresh = late.filter(({ seconds, after }) => seconds - after < MINUTES * 60)
  if (fresh.length > 0) app.telemetry.add('portal.webhook.late', { kind: 'late' }, fresh.length)
  const [worst] = late.toSorted((a, b) => b.seconds - a.seconds)
  if (!worst) return await alerts.resolve(key)
  const summary =
    what === 'processing'
      ? 'The video service works on some files for much longer than it ever did.'
      : 'The video service has not told of things that it did: its webhooks are late, or no longer come.'
  await alerts.raise({
    key,
    severity: 'warning',
    summary,
    details: {
      ...{ event: type, late: late.length, asset: worst.assetId },
      ...{ minutes: Math.round(worst.seconds / 60), late_after_minutes: Math.round(worst.after / 60) },
    },
  })
}

async function findLate(tx: Tx, app: App, ctx: Context, { what, type, key }: Expectation): Promise<Late[]> {
  const { provider } = app.ports.video
  const since = new Date(ctx.now.getTime() - LOOK_BACK_MS)
  const awaited = await listAwaited(tx, provider, what, since, AWAITED)
  const old = awaited.filter((one) => secondsSince(ctx, one.since) >= LEAST_SECONDS)
  if (old.length === 0) return []
  const ids = old.map(({ assetId }) => assetId)
  const come = await findEventTimes(tx, type, ids)
  const missing = old.filter(({ assetId }) => !come.has(assetId))
  if (missing.length === 0) return []
  const history = key === 'work' ? await pastWork(tx, provider) : await pastDelivery(tx, provider, type)
  const begun = key === 'work' ? await findEventTimes(tx, 'video.asset.created', ids) : new Map()
  const sizes = key === 'work' ? await sizesOf(tx, ids) : new Map<string, number>()
  return missing.flatMap(({ assetId, since: at }) => {
    const seconds = secondsSince(ctx, begun.get(assetId)?.occurredAt ?? at)
    const after = lateAfterSeconds(history, sizes.get(assetId) ?? 1)
    return seconds > after ? [{ assetId, seconds, after }] : []
  })
}

const secondsSince = (ctx: Context, at: Date) => (ctx.now.getTime() - at.getTime()) / 1000

/** From the file's arrival to the asset that plays, by its bytes. */
async function pastWork(tx: Tx, provider: 'engine' | 'mux'): Promise<Past[]> {
  const ready = await listEventTimes(tx, provider, 'video.asset.ready', HISTORY)
  const ids = ready.map(({ objectId }) => objectId)
  const created = await findEventTimes(tx, 'video.asset.created', ids)
  const sizes = await sizesOf(tx, ids)
  return ready.flatMap(({ objectId, occurredAt }) => {
    const from = created.get(objectId)?.occurredAt
    if (!from) return []
    const seconds = Math.max(0, (occurredAt.getTime() - from.getTime()) / 1000)
    return [{ seconds, scale: sizes.get(objectId) ?? 1 }]
  })
}

/** From what happened to its being told. */
async function pastDelivery(tx: Tx, provider: 'engine' | 'mux', type: string): Promise<Past[]> {
  const told = await listEventTimes(tx, provider, type, HISTORY)
  return told.map(({ occurredAt, receivedAt }) => ({
    seconds: Math.max(0, (receivedAt.getTime() - occurredAt.getTime()) / 1000),
    scale: 1,
  }))
}

async function sizesOf(tx: Tx, assetIds: string[]): Promise<Map<string, number>> {
  const rows = await listCompared(tx, { uploadIds: [], providerUploadIds: [], assetIds })
  return new Map(rows.flatMap(({ assetId, sizeBytes }) => (assetId ? [[assetId, sizeBytes]] : [])))
}

export const watchLateEventsJob = job({
  name: 'reliability.watch-late-events',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: `*/${MINUTES} * * * *`,
  run: ({ app, ctx }) => watchLateEvents(app, ctx),
})
