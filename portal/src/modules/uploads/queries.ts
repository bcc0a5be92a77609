import { and, desc, eq, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Actor } from '#portal/platform/context.ts'
import { decodeCursor } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type UploadRow, uploads } from './tables.ts'

/** The rows that an actor may know of: those of their organisation; a command sees all; others none. */
function inScopeOf(actor: Actor): SQL | undefined {
  if (actor.kind === 'command') return undefined
  return actor.kind === 'user' ? eq(uploads.organisationId, actor.organisationId) : sql`false`
}

/** @throws AppError not_found for an upload of another organisation, or none */
export async function loadOwnUpload(tx: Tx, actor: Actor, id: string): Promise<UploadRow> {
  const [row] = await tx
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, id), inScopeOf(actor)))
  if (!row) throw new AppError('not_found', 'There is no such upload.')
  return row
}

/**
 * An upload that this person began: its URL is a secret of theirs.
 * @throws AppError not_found outside the organisation, forbidden for a colleague's
 */
export async function loadBegunUpload(tx: Tx, actor: Actor, id: string): Promise<UploadRow> {
  const row = await loadOwnUpload(tx, actor, id)
  if (row.ownerId === actor.id) return row
  throw new AppError('forbidden', 'A colleague began this upload; only they can go on with it or cancel it.')
}

/** One row more than `limit`, newest first, from a cursor on. */
export async function listOwnUploads(
  tx: Tx,
  actor: Actor,
  page: { state: 'open' | 'all'; cursor?: string | undefined; limit: number },
): Promise<UploadRow[]> {
  return await tx
    .select()
    .from(uploads)
    .where(
      and(
        inScopeOf(actor),
        page.state === 'open' ? inArray(uploads.status, ['waiting', 'processing']) : undefined,
        page.cursor ? isAfter(page.cursor) : undefined,
      ),
    )
    .orderBy(desc(uploads.createdAt), desc(uploads.id))
    .limit(page.limit + 1)
}

function isAfter(cursor: string): SQL | undefined {
  const from = decodeCursor(cursor)
  const at = new Date(String(from.at))
  if (Number.isNaN(at.getTime())) throw new AppError('invalid', 'The cursor is not one of ours.')
  return or(lt(uploads.createdAt, at), and(eq(uploads.createdAt, at), lt(uploads.id, from.id)))
}
