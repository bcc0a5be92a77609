/**
 * What shares do, written down a second time and as simply as it can be: no database, no code of the portal. Sequences
 * of operations run against both, and every answer must be the same. What visitors do is in visitor-model.ts, what
 * owners do in owner-model.ts, what staff do in staff-model.ts.
 */

export const BROWSERS = [0, 1, 2] as const
export type Browser = (typeof BROWSERS)[number]

/** Who sits at each browser: nobody in particular, and two people with accounts, whose addresses end in @guests. */
export const PEOPLE = [null, 'first', 'second'] as const
export type Person = 'first' | 'second'

export type Wish = {
  access: 'link' | 'account'
  password: boolean
  agreement: boolean
  oneDevice: boolean
  allow: string[]
  deny: string[]
  maxViews: number | null
  maxViewers: number | null
  /** Milliseconds after its making; null: at once. */
  startsInMs: number | null
  livesMs: number
  /** Who of the organisation makes it, and to which of its videos. */
  by: 'owner' | 'colleague'
  video: 0 | 1
}

/** What a revoke of many may name. */
export const TARGETS = [
  'video-0',
  'video-1',
  'owner',
  'colleague',
  'organisation',
  'links',
  'first',
  'second',
] as const
export type Target = (typeof TARGETS)[number]
export type Proof = 'nothing' | 'right-password' | 'wrong-password' | 'agreement'

export type Step =
  | { do: 'open'; share: number; browser: Browser }
  | { do: 'play'; share: number; browser: Browser }
  | { do: 'verify'; share: number; browser: Browser; with: Proof }
  | { do: 'look'; share: number }
  | { do: 'release'; share: number }
  | { do: 'revoke'; share: number; by: 'owner' | 'staff' }
  | { do: 'cancel'; share: number; by: 'owner' | 'staff' }
  | { do: 'revoke-video'; video: 0 | 1 }
  | { do: 'schedule'; share: number; by: 'owner' | 'staff'; inMs: number }
  /** `toMs` after the share was made. */
  | { do: 'extend'; share: number; toMs: number | null; views: number | null }
  | { do: 'decide-extension'; share: number; decision: 'approve' | 'decline' }
  | { do: 'stranger'; share: number; tries: 'revoke' | 'extend' | 'schedule' | 'cancel' | 'release' }
  | { do: 'request'; of: Target; emergency: boolean }
  | { do: 'decide'; by: 'asker' | 'other'; decision: 'approve' | 'decline' }
  | { do: 'review'; by: 'asker' | 'other' }
  | { do: 'readmit'; who: Person }
  | { do: 'tick' }
  | { do: 'wait'; ms: number }

/** Steps that are taken at the same moment. */
export type Move = Step[]

export type Session = {
  createdAt: number
  expiresAt: number
  email: Person | null
  passed: boolean
  agreed: boolean
  started: boolean
  ended: boolean
  tokenUntil: number
}

export type Share = {
  wish: Wish
  createdAt: number
  startsAt: number | null
  expiresAt: number
  maxViews: number | null
  /** Of a scheduled revoke: by whom, and the end that the share had before. */
  schedule: { by: 'owner' | 'staff'; before: number } | null
  extension: { decided: boolean; expiresAt: number; maxViews: number | null } | null
  revoked: boolean
  views: number
  viewers: number
  /** Whose browser took a link that opens on one device. */
  device: Browser | null
  /** The newest session of each browser. */
  sessions: (Session | null)[]
  /** Sessions that a newer one of the same browser has taken the place of. */
  past: Session[]
}

export type State = {
  now: number
  shares: Share[]
  barred: Person[]
  /** The newest request to end many. */
  request: {
    of: Target
    until: number
    status: 'pending' | 'done' | 'declined'
    review: 'open' | 'confirmed' | null
  } | null
}

/** What somebody is told: plain data, compared as JSON. */
export type Answer = Record<string, unknown> | string | null

export function begin(wishes: Wish[], now: number): State {
  const shares = wishes.map((wish) => ({
    wish,
    createdAt: now,
    startsAt: wish.startsInMs === null ? null : now + wish.startsInMs,
    expiresAt: now + wish.livesMs,
    maxViews: wish.maxViews,
    schedule: null,
    extension: null,
    revoked: false,
    views: 0,
    viewers: 0,
    device: null,
    sessions: BROWSERS.map(() => null),
    past: [],
  }))
  return { now, shares, barred: [], request: null }
}

export const allSessions = ({ sessions, past }: Share): Session[] => [
  ...sessions.filter((session) => session !== null),
  ...past,
]

export const isPlaying = (session: Session, now: number) => !session.ended && session.tokenUntil > now

export const isDead = ({ revoked, expiresAt }: Share, { now }: State) => revoked || expiresAt <= now

/** Whether views are left to be spent. */
export const viewsLeft = ({ maxViews, views }: Share) => maxViews === null || views < maxViews

/** Ends these sessions; how many of them held a live token. */
export function endSessions(sessions: Session[], now: number): number {
  const players = sessions.filter((session) => isPlaying(session, now)).length
  for (const session of sessions) session.ended = true
  return players
}

/** Takes shares back that are not yet; null where there is none among these. */
export function revokeAll(shares: Share[], now: number): { shares: number; players: number } {
  const live = shares.filter(({ revoked }) => !revoked)
  for (const share of live) share.revoked = true
  return { shares: live.length, players: endSessions(live.flatMap(allSessions), now) }
}
