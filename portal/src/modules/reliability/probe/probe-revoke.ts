import { setTimeout as delay } from 'node:timers/promises'
import { desc, lt } from 'drizzle-orm'
import { z } from 'zod'
import { forgetProbeShares, makeProbeShare } from '#portal/modules/sharing/make-probe-share.ts'
import { revokeShare } from '#portal/modules/sharing/revoke-share.ts'
import type { App } from '#portal/platform/app.ts'
import { newId } from '#portal/platform/ids.ts'
import { job } from '#portal/platform/job.ts'
import { revokeProbes } from '../tables.ts'
import { keepProbeVideo, PROBE_ACTOR } from './keep-probe-video.ts'
import { beginProbeView } from './probe-client.ts'

/** The open player hears of it within a second, on every video service. */
export const STOP_BOUND_MS = 1000
const DAYS_KEPT = 30
/** Beyond the bound, to see by how much it is broken. */
const GRACE_MS = 10_000

export type ProbeResult = {
  id: string
  ranAt: string
  provider: 'engine' | 'mux'
  /** From the revoke's request to the player's stop event. */
  stopMs: number | null
  /** For how long after the revoke's answer media was still served. */
  mediaMs: number | null
  stopBoundMs: number
  mediaBoundMs: number
  /** Within both bounds. */
  ok: boolean
  error: string | null
}

/** Makes a link, plays by it over HTTP, takes it back, and keeps how soon each way of seeing ended. Never throws. */
export async function probeRevoke(app: App): Promise<ProbeResult> {
  const { provider } = app.ports.video
  // A token that was issued before ends by itself; the engine's sessions end with the revoke.
  const mediaBoundMs = provider === 'engine' ? 0 : app.settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000
  const ranAt = app.clock()
  const measured = await measure(app, mediaBoundMs).catch((error: unknown) => ({
    stopMs: null,
    mediaMs: null,
    error: error instanceof Error ? error.message : 'It broke off.',
  }))
  const bounds = { stopBoundMs: STOP_BOUND_MS, mediaBoundMs }
  const row = { id: newId('prb'), provider, ...measured, ...bounds }
  await app.db.transaction(async (tx) => {
    await tx.insert(revokeProbes).values({ ...row, ranAt })
    await tx.delete(revokeProbes).where(lt(revokeProbes.ranAt, daysBefore(ranAt, DAYS_KEPT)))
    await forgetProbeShares(tx, daysBefore(ranAt, 1))
  })
  const result = { ...row, ranAt: ranAt.toISOString(), ok: isWithin(row) }
  if (result.stopMs !== null) app.telemetry.observe('portal.revocation.duration', {}, result.stopMs / 1000)
  await tell(app, result)
  return result
}

const daysBefore = (at: Date, days: number) => new Date(at.getTime() - days * 86_400_000)

function isWithin(row: Omit<ProbeResult, 'ok' | 'ranAt'>): boolean {
  const { stopMs, mediaMs, stopBoundMs, mediaBoundMs, error } = row
  return (
    error === null && stopMs !== null && stopMs <= stopBoundMs && mediaMs !== null && mediaMs <= mediaBoundMs
  )
}

async function measure(app: App, mediaBoundMs: number) {
  const { provider } = app.ports.video
  const now = () => app.clock().getTime()
  const videoId = await keepProbeVideo(app)
  const system = app.newContext({ kind: 'system', id: 'revoke-probe' })
  const share = await app.call(makeProbeShare, { videoId, by: PROBE_ACTOR.id }, system)
  const viewer = await beginProbeView({ portal: app.settings.INTERNAL_URL, token: share.token, provider })
  try {
    const giveUp = Promise.withResolvers<void>()
    const asking = viewer.askUntilRefused(now, giveUp.promise)
    // Looked at below; a failure before that must not end the process.
    asking.lastServedAt.catch(() => {})
    const began = now()
    const stopped = viewer.stopped.then(() => now() - began)
    const { confirmed } = await app.call(
      revokeShare,
      { id: share.id, reason: 'other' },
      app.newContext(PROBE_ACTOR),
    )
    const answered = now()
    const timer = setTimeout(giveUp.resolve, mediaBoundMs + GRACE_MS)
    const renewed = await viewer.renew()
    const stopMs = await Promise.race([stopped, delay(STOP_BOUND_MS + GRACE_MS).then(() => null)])
    const lastServedAt = await asking.lastServedAt
    clearTimeout(timer)
    return {
      stopMs,
      mediaMs: lastServedAt === null ? null : Math.max(0, lastServedAt - answered),
      error: faultOf({ confirmed, renewed, stopMs, lastServedAt }),
    }
  } finally {
    viewer.close()
  }
}

function faultOf(seen: {
  confirmed: boolean
  renewed: number
  stopMs: number | null
  lastServedAt: number | null
}): string | null {
  if (seen.renewed !== 403) return `A renewal after the revoke was answered ${seen.renewed}.`
  if (!seen.confirmed) return 'The video service did not confirm the revoke.'
  if (seen.stopMs === null) return 'The player was never told to stop.'
  return seen.lastServedAt === null ? 'Media was still served when the probe gave up.' : null
}

async function tell(app: App, { ok, error, stopMs, mediaMs }: ProbeResult): Promise<void> {
  const key = 'revoke-probe'
  if (ok) return await app.ports.alerts.resolve(key)
  await app.ports.alerts.raise({
    key,
    severity: 'critical',
    summary: error ?? 'A synthetic revoke took longer than its bound',
    details: { stop_ms: stopMs ?? -1, media_ms: mediaMs ?? -1 },
  })
}

/** Every minute: probes where the last probe is long enough ago. */
export const probeRevokeJob = job({
  name: 'reliability.probe-revoke',
  input: z.strictObject({}),
  maxAttempts: 1,
  schedule: '* * * * *',
  async run({ app, ctx }) {
    const minutes = app.settings.REVOKE_PROBE_MINUTES
    if (minutes === 0) return
    const [last] = await app.db
      .select({ ranAt: revokeProbes.ranAt })
      .from(revokeProbes)
      .orderBy(desc(revokeProbes.ranAt))
      .limit(1)
    // Half a minute of grace: the schedule's own tick is not exact.
    if (last && ctx.now.getTime() - last.ranAt.getTime() < minutes * 60_000 - 30_000) return
    await probeRevoke(app)
  },
})
