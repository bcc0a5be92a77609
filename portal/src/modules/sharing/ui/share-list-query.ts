import {
  SHARE_SORTS,
  SHARE_STATUSES,
  type ShareSort,
  type ShareStatus,
} from '#portal/modules/sharing/rules.ts'

/** What of the page's address says which shares are listed, and in which order. */
export const QUERY_NAMES = [
  'status',
  'ended',
  'q',
  'owner',
  'video',
  'region',
  'expiresWithinDays',
  'sort',
  'order',
] as const

export type ShareListQuery = {
  status?: ShareStatus
  ended?: 'all'
  q?: string
  owner?: string
  video?: string
  region?: string
  expiresWithinDays?: number
  sort?: ShareSort
  order?: 'asc' | 'desc'
}

/** The query in an address; whatever is none of ours is left out. */
export function queryIn(read: (name: string) => string | undefined): ShareListQuery {
  const among = <T extends string>(name: string, values: readonly T[]) =>
    values.find((value) => value === read(name))
  const days = Number(read('expiresWithinDays'))
  const region = read('region')
  const query: ShareListQuery = {
    status: among('status', SHARE_STATUSES),
    ended: among('ended', ['all'] as const),
    q: read('q')?.trim().slice(0, 100) || undefined,
    owner: read('owner')?.slice(0, 64),
    video: read('video')?.slice(0, 64),
    region: region && /^[A-Z]{2,8}$/.test(region) ? region : undefined,
    expiresWithinDays: Number.isInteger(days) && days >= 1 && days <= 366 ? days : undefined,
    sort: among('sort', SHARE_SORTS),
    order: among('order', ['asc', 'desc'] as const),
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

/** The same as text for an address; `more` replaces, and takes away what is undefined. */
export function queryText(query: ShareListQuery, more: Partial<Record<keyof ShareListQuery, unknown>> = {}) {
  const merged = { ...query, ...more }
  return new URLSearchParams(
    QUERY_NAMES.flatMap((name) => (merged[name] === undefined ? [] : [[name, String(merged[name])]])),
  ).toString()
}

/** The order in force: without a word, what is newest, soonest, latest or most comes first. */
export function directionOf({ sort = 'created', order }: ShareListQuery): 'ascending' | 'descending' {
  if (order) return order === 'asc' ? 'ascending' : 'descending'
  return sort === 'expires' ? 'ascending' : 'descending'
}
