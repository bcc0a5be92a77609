import { and, asc, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import { settleUpload } from '#portal/modules/uploads/settle-upload.ts'
import { findUpload } from '#portal/modules/uploads/store-upload.ts'
import { replacePlaybackId } from '#portal/modules/videos/replace-playback-id.ts'
import { findVideo } from '#portal/modules/videos/store-video.ts'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { PROBE_ORGANISATION } from './probe-facts.ts'
import type { ShareCheckReport, StaleFinding } from './share-check-words.ts'
import { shareChecks, shares } from './tables.ts'

/** Videos a night, each one call; the next night goes on behind the last of them. */
const VIDEOS_A_NIGHT = 500
const AT_ONCE = 4
const EXAMPLES = 20

export type Comparison = Pick<ShareCheckReport, 'videosCompared' | 'videosUnanswered'> & {
  findings: StaleFinding[]
  lastVideo: string | null
}

type Difference = { kind: 'gone_at_provider' | 'playback_id_missing'; videoId: string; repaired: boolean }

/**
 * Asks the video service after the videos of live shares (MUX-06). A video that is gone there ends here too, and its
 * links with it; a lost playback ID is replaced. What can't be repaired is reported.
 */
export async function compareWithProvider(app: App, ctx: Context): Promise<Comparison> {
  const due = await app.db.transaction((tx) => videosDue(tx, ctx.now))
  const waiting = [...due]
  const differences: Difference[] = []
  let unanswered = 0
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        const difference = await compareOne(app, ctx, id)
        if (difference) differences.push(difference)
      } catch (error) {
        unanswered += 1
        app.log.warn({ err: error, video: id }, 'a video was not compared with the video service')
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return {
    videosCompared: due.length,
    videosUnanswered: unanswered,
    // Behind the last one everything begins anew.
    lastVideo: due.length === VIDEOS_A_NIGHT ? (due.at(-1) ?? null) : null,
    findings: [
      await told(app, ctx, differences, 'gone_at_provider'),
      await told(app, ctx, differences, 'playback_id_missing'),
    ],
  }
}

type Tx = Parameters<typeof findVideo>[0]

async function videosDue(tx: Tx, now: Date): Promise<string[]> {
  const [last] = await tx
    .select({ lastVideo: shareChecks.lastVideo })
    .from(shareChecks)
    .orderBy(desc(shareChecks.checkedAt))
    .limit(1)
  const rows = await tx
    .selectDistinct({ videoId: shares.videoId })
    .from(shares)
    .where(
      and(
        isNull(shares.revokedAt),
        gt(shares.expiresAt, now),
        sql`${shares.organisationId} <> ${PROBE_ORGANISATION}`,
        last?.lastVideo ? gt(shares.videoId, last.lastVideo) : undefined,
      ),
    )
    .orderBy(asc(shares.videoId))
    .limit(VIDEOS_A_NIGHT)
  return rows.map(({ videoId }) => videoId)
}

async function compareOne(app: App, ctx: Context, videoId: string): Promise<Difference | null> {
  const { video, upload } = await app.db.transaction(async (tx) => ({
    video: await findVideo(tx, videoId),
    upload: await findUpload(tx, { videoId }),
  }))
  if (!video?.assetId || video.status !== 'ready' || video.provider !== app.ports.video.provider) return null
  const asset = await app.ports.video.getAsset(video.assetId)
  if (!asset) {
    if (upload) await app.call(settleUpload, { uploadId: upload.id, assetDeleted: true }, ctx)
    return { kind: 'gone_at_provider', videoId, repaired: upload !== null }
  }
  if (asset.playbackId === video.playbackId) return null
  if (asset.playbackId !== null || !video.playbackId)
    return { kind: 'playback_id_missing', videoId, repaired: false }
  const order = { videoId, playbackId: video.playbackId, because: 'sharing.check-shares' }
  const { confirmed } = await replacePlaybackId(app, ctx, order)
  return { kind: 'playback_id_missing', videoId, repaired: confirmed }
}

/** The live shares of the videos that differ. */
async function told(
  app: App,
  ctx: Context,
  differences: Difference[],
  kind: Difference['kind'],
): Promise<StaleFinding> {
  const finding: StaleFinding = { kind, shares: 0, repaired: 0, examples: [] }
  for (const { videoId, repaired } of differences.filter((difference) => difference.kind === kind)) {
    const rows = await app.db
      .select({ id: shares.id })
      .from(shares)
      .where(and(eq(shares.videoId, videoId), isNull(shares.revokedAt), gt(shares.expiresAt, ctx.now)))
    finding.shares += rows.length
    if (repaired) finding.repaired += rows.length
    finding.examples = [...finding.examples, ...rows.map(({ id }) => id)].slice(0, EXAMPLES)
  }
  return finding
}
