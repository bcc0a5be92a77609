import {
  type Answer,
  allSessions,
  type Browser,
  isDead,
  PEOPLE,
  type Proof,
  type Session,
  type Share,
  type State,
  viewsLeft,
} from './share-model.ts'

const SESSION_MS = 12 * 3_600_000
const TOKEN_MS = 300_000

/** What the link asks of whoever opens it. Changes nothing. */
export function open(state: State, share: Share, browser: Browser): Answer {
  if (isDead(share, state)) return 'refused'
  const session = live(state, share, browser)
  const needs = needsOf(state, share, session)
  const started = session?.started ?? false
  if (needs.length === 0 && !isWelcome(state, share, session)) return 'refused'
  if (!started && !viewsLeft(share)) return 'refused'
  const seatIsHopeless = needs.length === 0 || share.wish.access === 'link'
  if (!started && seatIsHopeless && !hasSeat(share, session)) return 'refused'
  return { needs, watching: started }
}

/** A step through the gate. */
export function verify(state: State, share: Share, browser: Browser, proof: Proof): Answer {
  if (isDead(share, state)) return 'refused'
  const { wish } = share
  const session = enter(state, share, browser)
  let wrong: string | null = null
  if (wish.password && proof === 'right-password') session.passed = true
  if (wish.password && proof === 'wrong-password') wrong = 'password'
  if (wish.agreement && proof === 'agreement') session.agreed = true
  if (wish.access === 'account') session.email = PEOPLE[browser]
  const needs = needsOf(state, share, session)
  // Told to nobody who has not proved an address.
  const otherDevice =
    session.email !== null &&
    needs.length === 0 &&
    isWelcome(state, share, session) &&
    !isRightDevice(share, browser)
  return { needs, wrong, otherDevice }
}

/** Watch was pressed, or a player renews. */
export function play(state: State, share: Share, browser: Browser): Answer {
  const session = share.sessions[browser] ?? null
  // Whoever was stopped proves themselves anew before they watch again.
  if (isDead(share, state) || session?.ended) return 'refused'
  const known = live(state, share, browser)
  if (needsOf(state, share, known).length > 0 || !isWelcome(state, share, known)) return 'refused'
  if (!isRightDevice(share, browser)) return 'refused'
  if (!known?.started) {
    if (!viewsLeft(share) || !hasSeat(share, known)) return 'refused'
    const newcomer = share.wish.maxViewers === null || !isKnown(share, known)
    enter(state, share, browser).started = true
    share.views += 1
    if (newcomer) share.viewers += 1
    if (share.wish.oneDevice) share.device = browser
  }
  const watching = enter(state, share, browser)
  const until = Math.min(state.now + TOKEN_MS, share.expiresAt)
  watching.tokenUntil = Math.max(watching.tokenUntil, until)
  return { until, viewsLeft: share.maxViews === null ? null : share.maxViews - share.views }
}

function live({ now }: State, { sessions }: Share, browser: Browser): Session | null {
  const session = sessions[browser] ?? null
  return session && !session.ended && session.expiresAt > now ? session : null
}

function enter(state: State, share: Share, browser: Browser): Session {
  const known = live(state, share, browser)
  if (known) return known
  const old = share.sessions[browser]
  if (old) share.past.push(old)
  const session: Session = {
    createdAt: state.now,
    expiresAt: Math.min(share.expiresAt, state.now + SESSION_MS),
    email: null,
    passed: false,
    agreed: false,
    started: false,
    ended: false,
    tokenUntil: 0,
  }
  share.sessions[browser] = session
  return session
}

/** What is still to be proved, in the order of asking. */
function needsOf({ now }: State, { wish, startsAt }: Share, session: Session | null): string[] {
  const needs: string[] = []
  if (wish.access === 'account' && !session?.email) needs.push('account')
  if (wish.password && !session?.passed) needs.push('password')
  if (wish.agreement && !session?.agreed) needs.push('agreement')
  if (startsAt !== null && startsAt > now) needs.push('opening')
  return needs
}

const isOn = (list: string[], email: Person) => list.includes(email) || list.includes('@guests')
type Person = NonNullable<Session['email']>

/** Neither barred nor off the lists, as far as the visitor's address tells. */
function isWelcome({ barred }: State, { wish }: Share, session: Session | null): boolean {
  if (wish.access === 'link' || !session?.email) return true
  if (barred.includes(session.email) || isOn(wish.deny, session.email)) return false
  return wish.allow.length === 0 || isOn(wish.allow, session.email)
}

const isRightDevice = ({ device }: Share, browser: Browser) => device === null || device === browser

/** Has this person begun to watch before, in whatever browser? */
const isKnown = (share: Share, session: Session | null) =>
  Boolean(session?.email) &&
  allSessions(share).some((other) => other.started && other.email === session?.email)

const hasSeat = (share: Share, session: Session | null) =>
  share.wish.maxViewers === null || share.viewers < share.wish.maxViewers || isKnown(share, session)
