import { desc, eq } from 'drizzle-orm'
import { shareFacts } from '#portal/modules/sharing/sharing-facts.ts'
import { loadOwnVideo } from '#portal/modules/videos/queries.ts'
import { read } from '#portal/platform/operation.ts'
import type { VideoViewing } from './answers.ts'
import { viewingInput } from './inputs.ts'
import { loadPeople } from './load-viewing.ts'
import { heatOfPeople } from './share-viewing.ts'

/** Shares that one strip is made of, newest first. */
const MOST_SHARES = 500

/** The strip of a video over all of its links; who it was stands with each link. */
export const getVideoViewing = read({
  action: 'video.viewing',
  input: viewingInput,
  allow: { role: 'agency' },
  async run({ db, input, ctx, actor, keys }): Promise<VideoViewing> {
    const video = await loadOwnVideo(db, actor, input.id)
    const shares = await db
      .select({ id: shareFacts.id })
      .from(shareFacts)
      .where(eq(shareFacts.videoId, video.id))
      .orderBy(desc(shareFacts.createdAt))
      .limit(MOST_SHARES)
    const people = await loadPeople(
      db,
      keys,
      shares.map(({ id }) => id),
      ctx.now,
    )
    return {
      durationSeconds: video.durationSeconds,
      viewerCount: people.length,
      heat: heatOfPeople(people, Math.round((video.durationSeconds ?? 0) * 1000)),
    }
  },
})
