import { timingSafeEqual } from 'node:crypto'
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { organisationFacts } from '#portal/modules/identity/identity-facts.ts'
import type { Chapter } from '#portal/modules/videos/rules.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Actor } from '#portal/platform/context.ts'
import { hashToken, unseal } from '#portal/platform/crypto.ts'
import type { Db, Tx } from '#portal/platform/db.ts'
import { gather } from '#portal/platform/gather.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { hasBar } from './bar-viewer.ts'
import type { SharePolicy, VideoState, ViewerState } from './rules.ts'
import { shares, viewerSessions } from './tables.ts'

export type ShareRow = typeof shares.$inferSelect
export type ViewerRow = typeof viewerSessions.$inferSelect
type VideoColumns = {
  title: string
  playbackId: string | null
  deletedAt: Date | null
  durationSeconds: number | null
  chapters: Chapter[]
  status: string
  progressPercent: number | null
}

/** One share as one viewer meets it: rows for writing, states for `rules.ts`. */
export type OpenedShare = {
  share: ShareRow
  video: VideoColumns
  /** Name of the organisation that shares. */
  sharedBy: string
  viewer: ViewerRow | null
  policy: SharePolicy
  videoState: VideoState
  viewerState: ViewerState | null
  versions: Versions
}

/** Versions of the rows that a look saw (their `xmin`): another one is another state. */
export type Versions = { share: string; video: string; organisation: string; viewer: string | null }

// Compared with where no viewer cookie was sent; no token hashes to it.
const NO_COOKIE = Buffer.alloc(32)

/**
 * The share of each visit's token, or of the next token hash that there is: whether a link exists changes nothing of
 * what the database does and sends (SPS-07). Who asked is told only of the one whose hash it is.
 */
const visited = sql`(
  unnest(${sql.placeholder('tokenHashes')}::bytea[], ${sql.placeholder('cookieHashes')}::bytea[])
    with ordinality as visit (token_hash, cookie_hash, place)
  cross join lateral (
    (select token_hash from shares as later where token_hash >= visit.token_hash order by token_hash limit 1)
    union all (select token_hash from shares as first where token_hash is not null order by token_hash limit 1)
    limit 1
  ) as next)`

/**
 * One query for any number of visits, each a token and a browser; with the same text each time, so that it can be
 * prepared.
 */
const shareQuery = (db: Pick<Db, 'select'>) =>
  db
    .select({
      place: sql<number>`visit.place`.mapWith(Number),
      share: shares,
      video: {
        title: videoFacts.title,
        playbackId: videoFacts.playbackId,
        deletedAt: videoFacts.deletedAt,
        durationSeconds: videoFacts.durationSeconds,
        chapters: videoFacts.chapters,
        status: videoFacts.status,
        progressPercent: videoFacts.progressPercent,
      },
      sharedBy: organisationFacts.name,
      viewer: viewerSessions,
      barred: hasBar(viewerSessions.emailHash),
      versions: {
        share: sql<string>`${shares}.xmin::text`,
        video: videoFacts.version,
        organisation: organisationFacts.version,
        viewer: sql<string | null>`${viewerSessions}.xmin::text`,
      },
    })
    .from(shares)
    .innerJoin(visited, eq(shares.tokenHash, sql`next.token_hash`))
    .innerJoin(videoFacts, eq(videoFacts.id, shares.videoId))
    .innerJoin(organisationFacts, eq(organisationFacts.id, shares.organisationId))
    .leftJoin(
      viewerSessions,
      and(eq(viewerSessions.shareId, shares.id), eq(viewerSessions.cookieHash, sql`visit.cookie_hash`)),
    )

type ShareQuery = ReturnType<ReturnType<typeof shareQuery>['prepare']>
type Visit = { keys: Keys; token: string; cookie: string | null }

/** Finds the share behind a token, with this browser's session in it, inside a transaction. */
export async function loadShare(
  tx: Tx,
  keys: Keys,
  token: string,
  cookie: string | null,
): Promise<OpenedShare | null> {
  const [opened = null] = await openWith(shareQuery(tx).prepare('load-share'), [{ keys, token, cookie }])
  const { viewerState } = opened ?? {}
  if (opened?.viewer && viewerState && opened.policy.maxViewers !== null && !viewerState.viewStarted)
    viewerState.counted = await isCounted(tx, opened.viewer)
  return opened
}

/** Whether the same proved person has begun a view of the share in another browser, or before. */
export async function isCounted(tx: Tx, viewer: ViewerRow): Promise<boolean> {
  if (!viewer.emailVerifiedAt || !viewer.emailHash) return false
  const [row] = await tx
    .select({ id: viewerSessions.id })
    .from(viewerSessions)
    .where(
      and(
        eq(viewerSessions.shareId, viewer.shareId),
        eq(viewerSessions.emailHash, viewer.emailHash),
        isNotNull(viewerSessions.emailVerifiedAt),
        isNotNull(viewerSessions.viewStartedAt),
      ),
    )
    .limit(1)
  return row !== undefined
}

// As many as come in a moment of a very busy portal; the rest is asked for right after.
const MOST_VISITS = 64
const peeks = new WeakMap<object, (visit: Visit) => Promise<OpenedShare | null>>()

/**
 * The same outside of one: built once, planned once a connection, and asked together by visits that come at once. What
 * it saw may have changed since, and whether somebody is counted already it does not ask.
 */
export async function peekShare(
  db: Db,
  keys: Keys,
  token: string,
  cookie: string | null,
): Promise<OpenedShare | null> {
  let peek = peeks.get(db)
  if (!peek) {
    const prepared = shareQuery(db).prepare('load-share')
    peek = gather((visits: Visit[]) => openWith(prepared, visits), MOST_VISITS)
    peeks.set(db, peek)
  }
  return await peek({ keys, token, cookie })
}

async function openWith(query: ShareQuery, visits: Visit[]): Promise<(OpenedShare | null)[]> {
  const tokenHashes = visits.map(({ token }) => hashToken(token))
  const rows = await query.execute({
    tokenHashes,
    cookieHashes: visits.map(({ cookie }) => (cookie ? hashToken(cookie) : NO_COOKIE)),
  })
  const found = new Map(rows.map((row) => [row.place - 1, row]))
  return visits.map(({ keys }, place) => {
    const row = found.get(place)
    const opened = row ? openedOf(keys, row) : null
    return opened && isSame(opened.share.tokenHash, tokenHashes[place]) ? opened : null
  })
}

const isSame = (stored: Buffer | null, asked: Buffer | undefined) =>
  stored !== null && asked !== undefined && timingSafeEqual(stored, asked)

/** What a look saw, before it is read by the rules. */
type Seen = Pick<OpenedShare, 'share' | 'video' | 'sharedBy' | 'viewer' | 'versions'> & { barred: boolean }

/** What a look saw, as the rules read it. */
export function openedOf(keys: Keys, row: Seen): OpenedShare {
  const { share, video, sharedBy, viewer, versions } = row
  return {
    ...{ share, video, sharedBy, viewer, versions },
    policy: policyOf(row.share),
    videoState: { deletedAt: row.video.deletedAt, playbackId: row.video.playbackId },
    viewerState: row.viewer && viewerStateOf(keys, row.viewer, row.barred),
  }
}

/** The share's rules as `rules.ts` reads them. */
export function policyOf(share: Omit<ShareRow, 'tokenHash'>): SharePolicy {
  return {
    access: share.access,
    allow: share.allow,
    deny: share.deny,
    hasPassword: share.passwordHash !== null,
    agreementId: share.agreementId,
    countries: share.countries,
    maxViews: share.maxViews,
    viewsUsed: share.viewsUsed,
    maxViewers: share.maxViewers,
    viewersUsed: share.viewersUsed,
    oneDevice: share.oneDevice,
    deviceKey: share.deviceKey?.toString('base64url') ?? null,
    startsAt: share.startsAt,
    expiresAt: share.expiresAt,
    revokedAt: share.revokedAt,
  }
}

function viewerStateOf(keys: Keys, viewer: ViewerRow, barred: boolean): ViewerState {
  return {
    email: viewer.emailVerifiedAt && viewer.emailSealed ? openEmail(keys, viewer) : null,
    userId: viewer.userId,
    passwordPassed: viewer.passwordPassedAt !== null,
    agreedTo: viewer.agreementId,
    viewStarted: viewer.viewStartedAt !== null,
    counted: false,
    barred,
    ended: viewer.endedAt !== null,
    expiresAt: viewer.expiresAt,
  }
}

/** Place of a viewer's sealed address: a box moved to another row does not open. */
export const emailPlace = (viewerId: string) => `viewer-email:${viewerId}`

function openEmail(keys: Keys, viewer: ViewerRow): string | null {
  return viewer.emailSealed && unseal(keys.seal, viewer.emailSealed, emailPlace(viewer.id)).toString()
}

/** The viewer's pseudonym for the log. */
export function viewerActor(viewer: { id: string } | null): Actor | undefined {
  return viewer ? { kind: 'viewer', id: viewer.id } : undefined
}

/** What the log names when a token is not one of ours. */
export const UNKNOWN_SHARE = { type: 'share', id: 'unknown' }
