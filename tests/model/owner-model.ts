import {
  type Answer,
  allSessions,
  endSessions,
  isDead,
  isPlaying,
  revokeAll,
  type Share,
  type State,
  type Step,
  viewsLeft,
} from './share-model.ts'

const SESSION_MS = 12 * 3_600_000
const DAY_MS = 86_400_000
const GRACE_MS = 60_000
/** Limits where nobody has set any: what needs a second person, and what nobody may agree to. */
const LIFE_MS = 7 * DAY_MS + GRACE_MS
const MOST_LIFE_MS = 90 * DAY_MS + GRACE_MS

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>

export function look({ now }: State, share: Share): Answer {
  const watching = allSessions(share).filter((session) => isPlaying(session, now)).length
  return {
    status: statusOf(share, watching > 0, now),
    views: share.views,
    viewers: share.viewers,
    watching,
    expiresAt: share.expiresAt,
    maxViews: share.maxViews,
    device: share.device !== null,
  }
}

function statusOf(share: Share, isWatched: boolean, now: number): string {
  if (share.revoked) return 'revoked'
  if (share.expiresAt <= now) return 'expired'
  if (isWatched) return 'watching'
  if (!viewsLeft(share)) return 'used_up'
  return share.startsAt !== null && share.startsAt > now ? 'scheduled' : 'active'
}

export function revoke({ now }: State, share: Share): Answer {
  if (share.revoked) return 'conflict'
  return { status: 'revoked', players: revokeAll([share], now).players }
}

export function release({ now }: State, share: Share): Answer {
  if (share.device === null || share.revoked) return 'conflict'
  share.device = null
  return { players: endSessions(allSessions(share), now) }
}

/** A revoke at an instant: the share's end is moved there. */
export function schedule(state: State, share: Share, { by, inMs }: Of<'schedule'>): Answer {
  const at = state.now + inMs
  if (inMs <= 0) return 'invalid'
  const before = share.schedule?.before ?? share.expiresAt
  if (at >= before || (share.startsAt !== null && at <= share.startsAt)) return 'conflict'
  if (isDead(share, state) || isStaffs(share, by)) return 'conflict'
  share.expiresAt = at
  share.schedule = { by, before }
  return { status: 'scheduled', at }
}

export function cancel(state: State, share: Share, { by }: Of<'cancel'>): Answer {
  if (!share.schedule || isDead(share, state) || isStaffs(share, by)) return 'conflict'
  share.expiresAt = share.schedule.before
  share.schedule = null
  return { status: 'cancelled', expiresAt: share.expiresAt }
}

/** What staff have scheduled, staff alone may move or cancel. */
const isStaffs = ({ schedule }: Share, by: 'owner' | 'staff') => by === 'owner' && schedule?.by === 'staff'

export function extend(state: State, share: Share, { toMs, views }: Of<'extend'>): Answer {
  if (isDead(share, state) || share.schedule) return 'conflict'
  const expiresAt = toMs === null ? share.expiresAt : share.createdAt + toMs
  const maxViews = views ?? share.maxViews
  const shorter = expiresAt < share.expiresAt
  const fewer = views !== null && (share.maxViews === null || views < share.maxViews)
  const nothing = expiresAt === share.expiresAt && maxViews === share.maxViews
  const lifeMs = expiresAt - share.createdAt
  if (shorter || fewer || nothing || lifeMs > MOST_LIFE_MS) return 'invalid'
  if (lifeMs > LIFE_MS) {
    if (share.extension?.decided === false) return 'conflict'
    share.extension = { decided: false, expiresAt, maxViews }
    return { status: 'pending_approval' }
  }
  prolong(share, expiresAt, maxViews)
  return { status: 'extended', expiresAt, maxViews }
}

export function decideExtension(state: State, share: Share, { decision }: Of<'decide-extension'>): Answer {
  const { extension } = share
  if (!extension) return 'not_found'
  if (extension.decided) return 'conflict'
  if (decision === 'approve') {
    if (isDead(share, state) || share.schedule) return 'conflict'
    const views = share.maxViews === null ? null : Math.max(share.maxViews, extension.maxViews ?? 0)
    prolong(share, Math.max(share.expiresAt, extension.expiresAt), views)
  }
  extension.decided = true
  return { status: decision === 'approve' ? 'approved' : 'declined' }
}

/** Sessions that were to end with the share go on as long as any session does. */
function prolong(share: Share, expiresAt: number, maxViews: number | null): void {
  for (const session of allSessions(share))
    if (!session.ended && session.expiresAt === share.expiresAt)
      session.expiresAt = Math.min(expiresAt, session.createdAt + SESSION_MS)
  Object.assign(share, { expiresAt, maxViews })
}
