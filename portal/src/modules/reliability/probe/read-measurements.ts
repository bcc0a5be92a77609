import { desc, gte } from 'drizzle-orm'
import { z } from 'zod'
import { listBlackTimes } from '#portal/modules/sharing/make-probe-share.ts'
import { read } from '#portal/platform/operation.ts'
import { type Histogram, histogramOf } from '../rules.ts'
import { revokeProbes } from '../tables.ts'

const DAYS = 30
const MOST_PROBES = 50_000
const MOST_VIEWS = 20_000

export type Measurements = {
  provider: 'engine' | 'mux'
  /** Minutes between two probes; 0: off. */
  everyMinutes: number
  runs: number
  /** Probes that could not measure, or found a bound broken. */
  failed: number
  last: { ranAt: string; stopMs: number | null; mediaMs: number | null; error: string | null } | null
  stop: Histogram
  media: Histogram
  /** As the pages of real viewers reported it, each by its own clock. */
  players: Histogram
}

/** How soon playback ended after a revoke, over thirty days: two bounds and what players reported, never mixed. */
export const readMeasurements = read({
  action: 'revocation.measurements',
  input: z.strictObject({}),
  allow: { role: 'admin' },
  async run({ db, ctx, settings }): Promise<Measurements> {
    const since = new Date(ctx.now.getTime() - DAYS * 86_400_000)
    const probes = await db
      .select()
      .from(revokeProbes)
      .where(gte(revokeProbes.ranAt, since))
      .orderBy(desc(revokeProbes.ranAt))
      .limit(MOST_PROBES)
    const [last] = probes
    const mediaBoundMs = settings.videoProvider === 'engine' ? 0 : settings.PLAYBACK_TOKEN_TTL_SECONDS * 1000
    const times = (pick: (probe: (typeof probes)[number]) => number | null) =>
      probes.map(pick).filter((ms): ms is number => ms !== null)
    return {
      provider: settings.videoProvider,
      everyMinutes: settings.REVOKE_PROBE_MINUTES,
      runs: probes.length,
      failed: probes.filter(
        ({ error, stopMs, stopBoundMs, mediaMs, mediaBoundMs: bound }) =>
          error !== null || (stopMs ?? 0) > stopBoundMs || (mediaMs ?? 0) > bound,
      ).length,
      last: last
        ? { ranAt: last.ranAt.toISOString(), stopMs: last.stopMs, mediaMs: last.mediaMs, error: last.error }
        : null,
      stop: histogramOf(
        times(({ stopMs }) => stopMs),
        1000,
      ),
      media: histogramOf(
        times(({ mediaMs }) => mediaMs),
        mediaBoundMs,
      ),
      players: histogramOf(await listBlackTimes(db, since, MOST_VIEWS), 1000),
    }
  },
})
