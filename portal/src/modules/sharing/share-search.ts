import { eq, gt, lte, or, type SQL, sql } from 'drizzle-orm'
import { organisationFacts, personFacts } from '#portal/modules/identity/identity-facts.ts'
import { videoFacts } from '#portal/modules/videos/video-facts.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { ShareStatus } from './rules.ts'
import type { ShareQuest } from './share-pages.ts'
import { endsAt, hasStatus, STANDINGS, STANDINGS_OF, standing, watchedShares } from './share-state.ts'
import { shares } from './tables.ts'

/** Days that a share stays in the lists after its end (STM-06). */
export const LISTED_DAYS = 30

export type ShareFilter = {
  status?: ShareStatus | undefined
  /** `recent`: what lives, and what ended in the last thirty days. */
  ended: 'recent' | 'all'
  video?: string | undefined
  /** A person or an organisation. */
  owner?: string | undefined
  region?: string | undefined
  /** Ends within so many days. */
  expiresWithinDays?: number | undefined
  /** Part of a title, of an organisation's or a person's name, or a share's ID. */
  q?: string | undefined
}

/** Null where nothing can be found. */
export async function questFor(db: Tx, filter: ShareFilter, now: Date): Promise<ShareQuest | null> {
  const since = filter.ended === 'recent' ? listedSince(now) : null
  const search = filter.q ? await searchFor(db, filter.q) : null
  if (search === 'nothing') return null
  const soon = filter.expiresWithinDays
    ? new Date(now.getTime() + filter.expiresWithinDays * 86_400_000)
    : null
  const filters = [
    filter.status ? hasStatus(filter.status, now) : undefined,
    since ? sql`${endsAt} > ${since.toISOString()}::timestamptz` : undefined,
    filter.video ? eq(shares.videoId, filter.video) : undefined,
    filter.owner ? eq(ownerColumn(filter.owner), filter.owner) : undefined,
    filter.region ? eq(shares.region, filter.region) : undefined,
    soon ? within(now, soon) : undefined,
    search?.filter,
  ]
  return {
    filters: filters.filter((part) => part !== undefined),
    narrow: search?.narrow?.(since) ?? narrowOf(filter, since, now),
    expiry: soon ? within(now, soon) : expiryOf(filter.status, now),
    standings: filter.status ? STANDINGS_OF[filter.status] : STANDINGS,
    days: daysOf(filter.status, since, now),
  }
}

const within = (from: Date, to: Date) => sql`(${gt(shares.expiresAt, from)} and ${lte(shares.expiresAt, to)})`

export const listedSince = (now: Date) => new Date(now.getTime() - LISTED_DAYS * 86_400_000)

const ownerColumn = (owner: string) => (owner.startsWith('org_') ? shares.organisationId : shares.createdBy)

const LIVING: readonly ShareStatus[] = [
  'active',
  'watching',
  'scheduled',
  'used_up',
  'pending_approval',
  'approved',
]

function expiryOf(status: ShareStatus | undefined, now: Date): SQL | undefined {
  if (status === 'expired') return lte(shares.expiresAt, now)
  return status && LIVING.includes(status) ? gt(shares.expiresAt, now) : undefined
}

function daysOf(status: ShareStatus | undefined, since: Date | null, now: Date): ShareQuest['days'] {
  if (status === 'expired') return { from: since, to: now }
  const living = status && LIVING.includes(status) && !STANDINGS_OF[status].includes('used_up')
  return { from: living ? now : since, to: null }
}

/** The strongest filter that has an index of its own. */
function narrowOf(filter: ShareFilter, since: Date | null, now: Date): ShareQuest['narrow'] {
  if (filter.status === 'watching')
    return () => sql`select shares.* from shares where ${shares.id} in ${watchedShares(now)}`
  if (filter.video) return newest(eq(shares.videoId, filter.video), since)
  if (filter.owner) return newest(eq(ownerColumn(filter.owner), filter.owner), since)
  if (filter.status === 'scheduled')
    return (most) =>
      sql`select shares.* from shares where ${gt(shares.startsAt, now)} order by ${shares.startsAt} limit ${most}`
  if (filter.status === 'used_up' && !since)
    return (most) =>
      sql`select shares.* from shares where ${standing} = 'used_up' and ${gt(shares.expiresAt, now)} order by ${shares.expiresAt} limit ${most}`
  if (filter.region) return newest(eq(shares.region, filter.region), since)
  return null
}

// In the order of its index: without, a plan may read the table from its oldest end.
const newest = (condition: SQL, since: Date | null) => (most: number) =>
  sql`(select shares.* from shares
  where ${condition} ${since ? sql`and ${endsAt} > ${since.toISOString()}::timestamptz` : sql``}
  order by ${endsAt} desc limit ${most})`

type Search = { filter: SQL; narrow: ((since: Date | null) => NonNullable<ShareQuest['narrow']>) | null }

/** More titles or names than this are not listed, but compared row by row. */
const MOST_NAMES = 500

/** Finds the videos, organisations and people of this name first, and their shares by index. */
async function searchFor(db: Tx, q: string): Promise<Search | 'nothing'> {
  if (/^shr_\w{6,}$/.test(q)) {
    const sought = sql`${shares.id} like ${`${q.replaceAll('_', '\\_')}%`}`
    return { filter: sought, narrow: () => () => sql`select shares.* from shares where ${sought}` }
  }
  const { rows } = await db.execute<{ kind: Kind; ids: string[] }>(
    sql.join(
      KINDS.map(
        ({ kind, facts, name }) => sql`select ${kind} as kind, array(select ${facts.id} from ${facts}
          where ${isLike(name, q)} limit ${MOST_NAMES + 1}) as ids`,
      ),
      sql` union all `,
    ),
  )
  const found = new Map(rows.map(({ kind, ids }) => [kind, ids]))
  const named = KINDS.map((kind) => ({ ...kind, ids: found.get(kind.kind) ?? [] })).filter(
    ({ ids }) => ids.length > 0,
  )
  if (named.length === 0) return 'nothing'
  const many = named.some(({ ids }) => ids.length > MOST_NAMES)
  return {
    filter: or(
      ...named.map(({ column, facts, name, ids }) =>
        ids.length > MOST_NAMES
          ? sql`(select ${isLike(name, q)} from ${facts} where ${facts.id} = ${column})`
          : sql`${column} = any(${sql.param(ids)}::text[])`,
      ),
    ) as SQL,
    narrow: many
      ? null
      : (since) => (most) =>
          sql.join(
            named.map(
              ({ column, ids }) => sql`select its.* from unnest(${sql.param(ids)}::text[]) as named (id)
                cross join lateral ${newest(sql`${column} = named.id`, since)(most)} as its`,
            ),
            sql` union all `,
          ),
  }
}

const KINDS = [
  { kind: 'video', facts: videoFacts, name: videoFacts.title, column: shares.videoId },
  {
    kind: 'organisation',
    facts: organisationFacts,
    name: organisationFacts.name,
    column: shares.organisationId,
  },
  { kind: 'person', facts: personFacts, name: personFacts.name, column: shares.createdBy },
] as const
type Kind = (typeof KINDS)[number]['kind']

/** Of fewer than three letters only the beginnings of words are looked at: no index answers more. */
function isLike(name: (typeof KINDS)[number]['name'], q: string): SQL {
  const text = q.replace(/[\\%_]/g, '\\$&')
  return q.length < 3
    ? sql`(${name} ilike ${`${text}%`} or ${name} ilike ${`% ${text}%`})`
    : sql`${name} ilike ${`%${text}%`}`
}
