import { sql } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import { videos } from './tables.ts'

/** What other modules may join on: read-only columns of every video, deleted ones too. PostgreSQL flattens it away. */
export const videoFacts = new QueryBuilder()
  .select({
    id: videos.id,
    title: videos.title,
    status: videos.status,
    playbackId: videos.playbackId,
    assetId: videos.assetId,
    durationSeconds: videos.durationSeconds,
    deletedAt: videos.deletedAt,
    assetDeletedAt: videos.assetDeletedAt,
    provider: videos.provider,
    chapters: videos.chapters,
    progressPercent: videos.progressPercent,
    version: sql<string>`${videos}.xmin::text`.as('video_version'),
  })
  .from(videos)
  .as('video_facts')

/** SQL: whether the video of this ID still is in the version that somebody saw; both are expressions. */
export const isVideoVersion = (id: string, version: string) =>
  `exists (select from videos where videos.id = ${id} and videos.xmin = ${version})`

/** Whose each video is, deleted ones too. */
export const videoOwners = new QueryBuilder()
  .select({ id: videos.id, organisationId: videos.organisationId })
  .from(videos)
  .as('video_owners')
