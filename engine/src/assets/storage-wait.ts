import { isMediaError } from '#engine/media/media-error.ts'
import type { Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { storageTrouble } from '#engine/storage/port.ts'
import { failIngest } from './ingest-failure.ts'

/** How often a waiting ingest looks whether it can go on. */
export const LOOK_AGAIN_MS = 10_000
const LONGEST_WAIT_MS = 24 * 3600_000

const NO_STORAGE =
  'The video could not be stored for a whole day, because the engine’s storage was full or did not answer. Upload it again.'

/** The short word for a failure that lies in the storage, also where it is ffmpeg that met the full disk. */
export function troubleOf(error: unknown): string | null {
  const said = isMediaError(error) ? error.detail : error instanceof Error ? error.message : ''
  return (
    storageTrouble(error) ?? (/No space left on device|Disk quota exceeded/i.test(said) ? 'ENOSPC' : null)
  )
}

/**
 * Notes that an ingest waits for storage; no failure is counted, for none lies in the file. True if it should look
 * again later; false if it has waited for a day and is now failed, or is over anyway.
 */
export async function noteWait(ctx: EngineContext, assetId: string, trouble: string): Promise<boolean> {
  const now = ctx.clock()
  const { rows } = await ctx.pool.query<{ waiting_since: Date }>(
    `update engine.assets set waiting_since = coalesce(waiting_since, $2), waiting_for = $3
     where id = $1 and deleted_at is null and completed_at is null returning waiting_since`,
    [assetId, now, trouble.slice(0, 100)],
  )
  const since = rows[0]?.waiting_since
  if (!since) return false
  ctx.log.warn({ assetId, trouble, since }, 'storage fails; the ingest waits')
  if (now.getTime() - since.getTime() < LONGEST_WAIT_MS) return true
  await failIngest(ctx, assetId, { type: 'internal_error', message: NO_STORAGE })
  return false
}

/** A stage came to its end, so storage works again. */
export async function endWait(db: Queryable, assetId: string): Promise<void> {
  await db.query(
    'update engine.assets set waiting_since = null, waiting_for = null where id = $1 and waiting_since is not null',
    [assetId],
  )
}
