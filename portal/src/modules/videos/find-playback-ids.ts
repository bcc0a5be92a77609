import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { read } from '#portal/platform/operation.ts'
import { videos } from './tables.ts'

/** Playback IDs of the organisation's videos that play; others are left out. */
export const findPlaybackIds = read({
  action: 'video.playback-ids',
  input: z.strictObject({ videoIds: z.array(z.string().max(64)).max(100) }),
  allow: { role: 'agency' },
  async run({ db, input, actor }): Promise<{ videoId: string; playbackId: string }[]> {
    if (input.videoIds.length === 0 || actor.kind !== 'user') return []
    const rows = await db
      .select({ videoId: videos.id, playbackId: videos.playbackId })
      .from(videos)
      .where(
        and(
          inArray(videos.id, input.videoIds),
          eq(videos.organisationId, actor.organisationId),
          eq(videos.status, 'ready'),
          isNotNull(videos.playbackId),
          isNull(videos.deletedAt),
        ),
      )
    return rows.flatMap(({ videoId, playbackId }) => (playbackId ? [{ videoId, playbackId }] : []))
  },
})
