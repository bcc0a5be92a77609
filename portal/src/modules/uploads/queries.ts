import { and, asc, desc, eq, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { personFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import { decodeInstant } from '#portal/platform/cursor.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { listUploadsInput } from './inputs.ts'
import { OPEN_UPLOADS, type UploadStatus } from './rules.ts'
import { type UploadRow, uploads, uploadTransitions } from './tables.ts'

/** The rows that an actor may know of: those of their organisation; a command sees all; others none. */
function inScopeOf(actor: Actor): SQL | undefined {
  if (actor.kind === 'command') return undefined
  return actor.kind === 'user' ? eq(uploads.organisationId, actor.organisationId) : sql`false`
}

/** @throws AppError not_found for an upload of another organisation, or none */
export async function loadOwnUpload(
  tx: Tx,
  actor: Actor,
  id: string,
  lock?: 'for update',
): Promise<UploadRow> {
  const query = tx
    .select()
    .from(uploads)
    .where(and(eq(uploads.id, id), inScopeOf(actor)))
  const [row] = lock ? await query.for('update') : await query
  if (!row) throw new AppError('not_found', 'There is no such upload.')
  return row
}

/**
 * An upload that this person began: its URL is a secret of theirs.
 * @throws AppError not_found outside the organisation, forbidden for a colleague's
 */
export async function loadBegunUpload(
  tx: Tx,
  actor: Actor,
  id: string,
  lock?: 'for update',
): Promise<UploadRow> {
  const row = await loadOwnUpload(tx, actor, id, lock)
  if (row.ownerId === actor.id) return row
  throw new AppError('forbidden', 'A colleague began this upload; only they can go on with it or cancel it.')
}

/** One row more than `limit`, newest first, from a cursor on. */
export async function listOwnUploads(
  tx: Tx,
  actor: Actor,
  page: z.infer<typeof listUploadsInput>,
): Promise<UploadRow[]> {
  return await tx
    .select()
    .from(uploads)
    .where(
      and(
        inScopeOf(actor),
        page.state === 'all' ? undefined : inArray(uploads.status, statesOf(page.state)),
        page.owner === 'me' ? eq(uploads.ownerId, actor.id ?? '') : undefined,
        page.cursor ? isAfter(page.cursor) : undefined,
      ),
    )
    .orderBy(desc(uploads.createdAt), desc(uploads.id))
    .limit(page.limit + 1)
}

function statesOf(state: UploadStatus | 'open' | 'ended'): readonly UploadStatus[] {
  if (state === 'open') return OPEN_UPLOADS
  return state === 'ended' ? ['failed', 'cancelled', 'timed_out'] : [state]
}

/** The timelines of these uploads, and the names of the people in them. */
export async function readTimelines(tx: Tx, rows: UploadRow[]): Promise<Timelines> {
  const ids = rows.map((row) => row.id)
  const steps =
    ids.length === 0
      ? []
      : await tx
          .select()
          .from(uploadTransitions)
          .where(inArray(uploadTransitions.uploadId, ids))
          .orderBy(asc(uploadTransitions.at), sql`upload_rank(${uploadTransitions.toStatus})`)
  const people = new Set([
    ...rows.map((row) => row.ownerId),
    ...steps.flatMap(({ movedBy, movedById }) => (movedBy === 'person' && movedById ? [movedById] : [])),
  ])
  const names = people.size === 0 ? [] : await namesOf(tx, [...people])
  return { steps, names: new Map(names.map(({ id, name }) => [id, name])) }
}

export type Timelines = { steps: (typeof uploadTransitions.$inferSelect)[]; names: Map<string, string> }

async function namesOf(tx: Tx, ids: string[]) {
  return await tx
    .select({ id: personFacts.id, name: personFacts.name })
    .from(personFacts)
    .where(inArray(personFacts.id, ids))
}

function isAfter(cursor: string): SQL | undefined {
  const { instant: at, ...from } = decodeInstant(cursor)
  return or(lt(uploads.createdAt, at), and(eq(uploads.createdAt, at), lt(uploads.id, from.id)))
}
