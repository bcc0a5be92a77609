import { and, count, countDistinct, eq, gt, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { emailAddress } from '#portal/modules/identity/inputs.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { Reach } from './answers.ts'
import { personHash } from './bar-viewer.ts'
import { shares, viewerSessions } from './tables.ts'

const id = z.string().min(1).max(64)

/** What is to stop: exactly one of these. */
export const selectionShape = {
  videoId: id.optional(),
  /** A person or an organisation. */
  ownerId: id.optional(),
  /** A viewer's address: all that they watch stops, on whatever link, and they are barred; the links live on. */
  viewer: emailAddress.optional(),
  ids: z.array(id).min(1).max(1000, 'may name at most 1000 links').optional(),
}

type Asked = { [K in keyof typeof selectionShape]?: z.output<(typeof selectionShape)[K]> }

export const isOneSelection = (asked: Asked) =>
  [asked.videoId, asked.ownerId, asked.viewer, asked.ids].filter((one) => one !== undefined).length === 1

export const ONE_SELECTION = { error: 'Name exactly one of videoId, ownerId, viewer and ids.' }

/** A selection as it is kept: a viewer by the keyed hash of the address. */
export type Selection = {
  videoId: string | null
  ownerId: string | null
  viewerHash: Buffer | null
  shareIds: string[] | null
}

export function selectionOf(asked: Asked, keys: Keys): Selection {
  return {
    videoId: asked.videoId ?? null,
    ownerId: asked.ownerId ?? null,
    viewerHash: asked.viewer ? personHash(keys, asked.viewer) : null,
    shareIds: asked.ids ? [...new Set(asked.ids)] : null,
  }
}

/** The links that a selection names; null for a viewer's, whose links live on. */
export function namedShares({ videoId, ownerId, shareIds }: Selection): SQL | null {
  if (videoId !== null) return eq(shares.videoId, videoId)
  if (ownerId !== null) return or(eq(shares.createdBy, ownerId), eq(shares.organisationId, ownerId)) as SQL
  return shareIds === null ? null : inArray(shares.id, shareIds)
}

/** What a selection is of, in a word. */
export function kindOf(selection: Selection): 'video' | 'owner' | 'viewer' | 'links' {
  if (selection.videoId !== null) return 'video'
  if (selection.ownerId !== null) return 'owner'
  return selection.viewerHash === null ? 'links' : 'viewer'
}

/** How much a selection would stop now. */
export async function countReach(tx: Tx, now: Date, selection: Selection): Promise<Reach> {
  const named = namedShares(selection)
  const open = and(
    isNull(viewerSessions.endedAt),
    isNotNull(viewerSessions.tokenExpiresAt),
    gt(viewerSessions.tokenExpiresAt, now),
  )
  if (named === null) {
    const [row] = await tx
      .select({
        shares: countDistinct(viewerSessions.shareId),
        watching: sql<number>`count(*) filter (where ${open})`,
      })
      .from(viewerSessions)
      .where(
        and(eq(viewerSessions.emailHash, selection.viewerHash as Buffer), isNull(viewerSessions.endedAt)),
      )
    return { shares: row?.shares ?? 0, watching: Number(row?.watching ?? 0) }
  }
  const live = and(named, isNull(shares.revokedAt), gt(shares.expiresAt, now))
  const [links] = await tx.select({ n: count() }).from(shares).where(live)
  const [players] = await tx
    .select({ n: count() })
    .from(viewerSessions)
    .innerJoin(shares, eq(shares.id, viewerSessions.shareId))
    .where(and(live, open))
  return { shares: links?.n ?? 0, watching: players?.n ?? 0 }
}
