import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '#portal/platform/context.ts'
import { createRandom } from '../../../../tests/support/random.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { adminListSharesInput } from './inputs.ts'
import { adminListShares, adminQuest, listShares, orderOf } from './queries.ts'
import { type Approval, SHARE_SORTS, SHARE_STATUSES, type ShareSort, shareStatus } from './rules.ts'
import { type Budget, findSharePage } from './share-pages.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const SHARES = 140

/** One share as the test writes it down: what the list must agree with. */
type Model = {
  id: string
  title: string
  videoId: string
  organisationId: string
  createdBy: string
  region: string
  approval: Approval
  maxViews: number | null
  viewsUsed: number
  createdAt: Date
  startsAt: Date | null
  expiresAt: Date
  lastUsedAt: Date | null
  revokedAt: Date | null
  decidedAt: Date | null
  watched: boolean
}
type Ask = {
  status?: string
  sort: ShareSort
  order: 'asc' | 'desc'
  ended: 'recent' | 'all'
  q?: string
  region?: string
  owner?: string
  video?: string
  expiresWithinDays?: number
}

let t: TestApp
let admin: Actor
let owner: Extract<Actor, { kind: 'user' }>
let models: Model[]
let now: Date

beforeAll(async () => {
  t = await createTestApp()
  admin = await t.person('admin')
  owner = await t.person('agency')
  now = t.app.clock()
  models = await insertShares()
})
afterAll(async () => await t?.stop())

const rand = createRandom(14)
const ago = (ms: number) => new Date(now.getTime() - ms)

/** Few different instants and counts, so that many shares stand at the same place of an order. */
async function insertShares(): Promise<Model[]> {
  const other = await t.person('agency')
  const titles = ['Start block', 'Relay handover', 'Final 100 % effort', 'Warm-up']
  const videos = await Promise.all(
    titles.map(async (title, n) => ({
      title,
      by: n % 2 ? owner : other,
      id: await t.video(n % 2 ? owner : other, title),
    })),
  )
  const made: Model[] = []
  for (let n = 0; n < SHARES; n += 1) {
    const video = rand.pick(videos)
    const createdAt = ago(rand.pick([0, 1, 5, 20, 40, 80]) * DAY)
    const approval = rand.pick<Approval>(['open', 'open', 'open', 'open', 'pending', 'approved', 'declined'])
    const maxViews = rand.pick([null, null, 1, 3])
    const expiresAt = new Date(createdAt.getTime() + rand.pick([1, 7, 30, 90]) * DAY)
    const model: Model = {
      id: `shr_test${String(rand.below(1e9))}${n}`,
      title: video.title,
      videoId: video.id,
      organisationId: video.by.organisationId,
      createdBy: video.by.id,
      region: rand.pick(['AU', 'AU', 'EU']),
      approval,
      maxViews,
      viewsUsed: rand.below((maxViews ?? 3) + 1),
      createdAt,
      startsAt: rand.below(6) === 0 ? new Date(expiresAt.getTime() - HOUR) : null,
      expiresAt,
      lastUsedAt: rand.below(2) ? new Date(createdAt.getTime() + rand.pick([1, 10]) * HOUR) : null,
      revokedAt: rand.below(6) === 0 ? new Date(createdAt.getTime() + rand.pick([1, 36]) * HOUR) : null,
      decidedAt:
        approval === 'approved' || approval === 'declined' ? new Date(createdAt.getTime() + HOUR) : null,
      watched: rand.below(5) === 0,
    }
    made.push(model)
    await insert(model, n)
  }
  return made
}

async function insert(m: Model, n: number): Promise<void> {
  const { pool } = t.app
  await pool.query(
    `insert into shares (id, video_id, organisation_id, created_by, access, token_hash, region, approval, decided_by,
       decided_at, max_views, views_used, created_at, starts_at, expires_at, last_used_at, revoked_at, revoke_reason)
     values ($1, $2, $3, $4, 'link', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      ...[m.id, m.videoId, m.organisationId, m.createdBy],
      ...[m.approval === 'open' ? Buffer.from(String(n).padStart(32, '0')) : null, m.region, m.approval],
      ...[m.decidedAt && 'usr_second', m.decidedAt, m.maxViews, m.viewsUsed, m.createdAt, m.startsAt],
      ...[m.expiresAt, m.lastUsedAt, m.revokedAt, m.revokedAt && 'other'],
    ],
  )
  // Tokens that are over, sessions that were ended, and browsers that never began: none of them watches.
  const viewers = [
    { began: true, ended: false, token: m.watched ? 60_000 : -60_000 },
    { began: true, ended: true, token: 60_000 },
    { began: false, ended: false, token: null },
  ]
  for (const [v, { began, ended, token }] of viewers.entries())
    await pool.query(
      `insert into viewer_sessions (id, share_id, cookie_hash, created_at, expires_at, playback_claim, view_started_at, token_expires_at, ended_at)
       values ($1::text, $2, sha256($1::text::bytea), $3, $4, $1::text, $5, $6, $7)`,
      [
        ...[`vwr_${n}_${v}`, m.id, ago(HOUR), new Date(now.getTime() + rand.pick([-5, 600]) * 60_000)],
        ...[began ? ago(HOUR) : null, token && new Date(now.getTime() + token), ended ? now : null],
      ],
    )
}

const statusOf = (m: Model) => shareStatus(m, m.approval, m.watched, now)

/** When a share ended or will, in the test's own words. */
function endOf(m: Model): Date {
  if (m.revokedAt) return m.revokedAt
  if (m.approval === 'declined') return m.decidedAt as Date
  if (m.approval === 'open' && m.maxViews !== null && m.viewsUsed >= m.maxViews && m.lastUsedAt)
    return m.lastUsedAt < m.expiresAt ? m.lastUsedAt : m.expiresAt
  return m.expiresAt
}

function expected(ask: Ask): string[] {
  const key = (m: Model): number =>
    ({
      created: m.createdAt.getTime(),
      expires: m.expiresAt.getTime(),
      used: m.lastUsedAt?.getTime() ?? Number.NEGATIVE_INFINITY,
      views: m.viewsUsed,
    })[ask.sort]
  const found = models.filter(
    (m) =>
      (!ask.status || statusOf(m) === ask.status) &&
      (ask.ended === 'all' || endOf(m) > ago(30 * DAY)) &&
      (!ask.q || m.title.toLowerCase().includes(ask.q.toLowerCase())) &&
      (!ask.region || m.region === ask.region) &&
      (!ask.owner || m.createdBy === ask.owner || m.organisationId === ask.owner) &&
      (!ask.video || m.videoId === ask.video) &&
      (!ask.expiresWithinDays ||
        (m.expiresAt > now && m.expiresAt.getTime() <= now.getTime() + ask.expiresWithinDays * DAY)),
  )
  const sign = ask.order === 'asc' ? 1 : -1
  return found
    .sort((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

async function walk(ask: Ask, budget: Budget, limit: number): Promise<string[]> {
  const input = adminListSharesInput.parse(ask)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await t.app.db.transaction(async (tx) => {
      const quest = await adminQuest(tx, input, now)
      return quest ? await findSharePage(tx, quest, orderOf(input), cursor, limit, budget) : null
    })
    seen.push(...(page?.ids ?? []))
    cursor = page?.nextCursor ?? undefined
  } while (cursor)
  return seen
}

const ENOUGH = 1_000_000
/** Each makes another of the ways to a page the one that is taken. */
const WAYS: Record<string, Budget> = {
  'as it comes': { few: 1500, look: 4000, many: 50_000 },
  'sorted on the spot': { few: ENOUGH, look: 1, many: ENOUGH },
  'looked through': { few: 0, look: ENOUGH, many: 0 },
  'merged from days': { few: 0, look: 1, many: 0 },
}

function randomAsk(): Ask {
  const maybe = <T>(values: T[]): T | undefined => (rand.below(4) === 0 ? rand.pick(values) : undefined)
  const { videoId, createdBy, organisationId } = rand.pick(models)
  const ask = {
    status: rand.pick([undefined, ...SHARE_STATUSES]),
    sort: rand.pick(SHARE_SORTS),
    order: rand.pick(['asc', 'desc'] as const),
    ended: rand.pick(['recent', 'all'] as const),
    q: maybe(['block', 'START', '100 %', 're', '_']),
    region: maybe(['EU', 'AU', 'US']),
    owner: maybe([createdBy, organisationId]),
    video: maybe([videoId]),
    expiresWithinDays: maybe([1, 30]),
  }
  return Object.fromEntries(Object.entries(ask).filter(([, value]) => value !== undefined)) as Ask
}

it.each(Object.entries(WAYS))(
  '[STM-01] every filter and order agrees with the rules, without gaps or repeats: %s',
  async (_, way) => {
    const everyStatus = [undefined, ...SHARE_STATUSES].flatMap((status) =>
      SHARE_SORTS.map(
        (sort): Ask => ({
          ...(status ? { status } : {}),
          sort,
          order: rand.pick(['asc', 'desc']),
          ended: rand.pick(['recent', 'all']),
        }),
      ),
    )
    const asks = [...everyStatus, ...Array.from({ length: 40 }, randomAsk)]
    for (const ask of asks)
      expect(await walk(ask, way, rand.pick([3, 10, 40])), JSON.stringify(ask)).toEqual(expected(ask))
  },
)

it('[STM-01] every state is among the shares that were tried', () => {
  expect(new Set(models.map(statusOf))).toEqual(new Set(SHARE_STATUSES))
})

it('[STM-01] a share shows in the list with the state that it was found by', async () => {
  for (const status of SHARE_STATUSES) {
    const page = await t.app.call(
      adminListShares,
      { status, ended: 'all', limit: 100 },
      t.app.newContext(admin),
    )
    expect(page.items.length, status).toBeGreaterThan(0)
    expect(page.items.map((share) => share.status)).toEqual(page.items.map(() => status))
  }
})

it('[STM-01] a share is found by its ID, and by the beginning of it', async () => {
  const [wanted] = expected({ sort: 'created', order: 'desc', ended: 'recent' })
  for (const q of [wanted as string, (wanted as string).slice(0, -1)]) {
    const { items } = await t.app.call(adminListShares, { q }, t.app.newContext(admin))
    expect(items.map(({ id }) => id)).toContain(wanted)
  }
})

it('[STM-01] a cursor of another order is refused', async () => {
  const page = await t.app.call(adminListShares, { limit: 5 }, t.app.newContext(admin))
  for (const input of [{ sort: 'views' }, { order: 'asc' }, { sort: 'expires' }])
    await expect(
      t.app.call(adminListShares, { ...input, cursor: page.nextCursor }, t.app.newContext(admin)),
    ).rejects.toMatchObject({ code: 'invalid' })
})

it('[STM-06] the ordinary list keeps what ended for thirty days; the archive keeps it on', async () => {
  const mine = (ended: 'recent' | 'all') =>
    expected({ sort: 'created', order: 'desc', ended, owner: owner.organisationId })
  expect(mine('all').length).toBeGreaterThan(mine('recent').length)
  for (const ended of ['recent', 'all'] as const) {
    const { items } = await t.app.call(listShares, { ended, limit: 100 }, t.app.newContext(owner))
    expect(items.map(({ id }) => id)).toEqual(mine(ended))
  }
})
