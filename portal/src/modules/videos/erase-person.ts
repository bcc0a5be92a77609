import { and, count, eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import { stopVideoShares } from '#portal/modules/sharing/stop-video-shares.ts'
import { removeAsset } from '#portal/modules/uploads/remove-asset.ts'
import { endUpload } from '#portal/modules/uploads/store-upload.ts'
import { type ErasedRows, type Eraser, type EraseScope, told } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'
import { setTitleOrder } from './set-title.ts'
import { writeVideo } from './store-video.ts'
import { videos } from './tables.ts'

const ERASED_TITLE = 'Erased video'

/**
 * Videos belong to the organisation: they go to whom the request names, or are deleted with every byte at the video
 * service. There a video that stays is called what it is called here. Titles in the person's organisation lose their
 * name and address; those of deleted videos go whole.
 */
export const videoEraser: Eraser = {
  step: 'videos',
  async erase(scope) {
    const { tx, person, successorId } = scope
    const { userId } = person
    if (userId === null) return []
    const own = sql`organisation_id = (select organisation_id from members where user_id = ${userId})`
    const given = successorId === null ? [] : await transfer(scope, userId)
    // What nobody can go on with, nobody gets: files that have not arrived.
    const gone = await deleteAll(scope, userId)
    const titles = await tx.execute(sql`update videos set title = ${ERASED_TITLE}, chapters = '[]'
      where owner_id = ${userId} and status = 'deleted' and (title <> ${ERASED_TITLE} or chapters <> '[]')`)
    const redacted = await redactPerson(tx, person, 'videos', ['title', 'chapters::jsonb'], own)
    return [
      ...told('videos', 'transferred', given.length),
      ...gone,
      ...told('videos.title', 'replaced', titles.rowCount),
      ...redacted,
    ]
  },
  async isSettled(app, { userId }) {
    if (userId === null) return true
    const [left] = await app.db
      .select({ id: videos.id })
      .from(videos)
      .where(
        and(
          eq(videos.ownerId, userId),
          eq(videos.status, 'deleted'),
          isNull(videos.assetDeletedAt),
          // What lies at a service that was used before, nobody can ask for.
          eq(videos.provider, app.ports.video.provider),
        ),
      )
      .limit(1)
    return left === undefined
  },
}

const living = (userId: string) => and(eq(videos.ownerId, userId), ne(videos.status, 'deleted'))

async function transfer({ tx, successorId, enqueue }: EraseScope, userId: string): Promise<string[]> {
  if (successorId === null) return []
  const given = await tx
    .update(videos)
    .set({ ownerId: successorId })
    .where(and(living(userId), ne(videos.status, 'waiting')))
    .returning({ id: videos.id })
  for (const { id } of given) await enqueue(setTitleOrder, { videoId: id }, { key: `title:${id}` })
  return given.map(({ id }) => id)
}

async function deleteAll(scope: EraseScope, userId: string): Promise<ErasedRows[]> {
  const { tx, ctx, actor, enqueue, telemetry } = scope
  const found = await tx
    .select({ id: videos.id })
    .from(videos)
    .where(living(userId))
    .orderBy(videos.id)
    .for('update')
  let links = 0
  for (const { id } of found) {
    await writeVideo(tx, id, { status: 'deleted', deletedAt: ctx.now, error: null })
    if (await endUpload(tx, id, actor, ctx.now)) telemetry.add('portal.upload.cancelled', {})
    links += await stopVideoShares({ tx, ctx, actor, enqueue }, id)
    await enqueue(removeAsset, { videoId: id }, { key: `remove:${id}` })
  }
  return [...told('videos', 'deleted', found.length), ...told('shares', 'ended', links)]
}

/** How many videos somebody owns that are not deleted: who asks for an erasure says what becomes of them. */
export async function countVideosOf(tx: EraseScope['tx'], userId: string): Promise<number> {
  return await tx.$count(videos, living(userId))
}

/** The same of several, in one question; who owns none is left out. */
export async function countVideosOfEach(
  tx: Pick<EraseScope['tx'], 'select'>,
  userIds: string[],
): Promise<Map<string, number>> {
  if (userIds.length === 0) return new Map()
  const rows = await tx
    .select({ owner: videos.ownerId, owned: count() })
    .from(videos)
    .where(and(inArray(videos.ownerId, userIds), ne(videos.status, 'deleted')))
    .groupBy(videos.ownerId)
  return new Map(rows.map(({ owner, owned }) => [owner, owned]))
}
