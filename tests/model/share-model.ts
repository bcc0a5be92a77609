/**
 * What a share does, written down a second time and as simply as it can be: no database, no code of the portal. Sequences of
 * operations run against both, and every answer must be the same.
 */

const MINUTE = 60_000
const SESSION_MS = 12 * 60 * MINUTE
const TOKEN_MS = 300_000

export const BROWSERS = [0, 1, 2] as const
export type Browser = (typeof BROWSERS)[number]

/** Who sits at each browser: nobody in particular, and two people with accounts. */
export const ADDRESSES = [null, 'first@guests.example', 'second@guests.example'] as const

export type Wish = {
  access: 'link' | 'account'
  password: boolean
  agreement: boolean
  allow: string[]
  deny: string[]
  maxViews: number | null
  maxViewers: number | null
  /** Milliseconds after its making; null: at once. */
  startsInMs: number | null
  livesMs: number
}

export type Step =
  | { do: 'open'; browser: Browser }
  | { do: 'verify'; browser: Browser; with: 'nothing' | 'right-password' | 'wrong-password' | 'agreement' }
  | { do: 'play'; browser: Browser }
  | { do: 'look' }
  | { do: 'revoke' }
  | { do: 'revoke-of-a-stranger' }
  | { do: 'wait'; ms: number }

/** Steps that are taken at the same moment. */
export type Move = Step[]

type Session = {
  expiresAt: number
  email: string | null
  passed: boolean
  agreed: boolean
  started: boolean
  ended: boolean
  tokenUntil: number
}

export type State = {
  now: number
  wish: Wish
  startsAt: number | null
  expiresAt: number
  revoked: boolean
  views: number
  viewers: number
  /** The newest session of each browser. */
  sessions: (Session | null)[]
  /** Sessions that a newer one of the same browser has taken the place of. */
  past: Session[]
}

/** What somebody is told: plain data, compared as JSON. */
export type Answer = Record<string, unknown> | string | null

export function begin(wish: Wish, now: number): State {
  return {
    now,
    wish,
    startsAt: wish.startsInMs === null ? null : now + wish.startsInMs,
    expiresAt: now + wish.livesMs,
    revoked: false,
    views: 0,
    viewers: 0,
    sessions: BROWSERS.map(() => null),
    past: [],
  }
}

/** The state after a step, and what is answered. The given state stays as it was. */
export function take(before: State, step: Step): { state: State; answer: Answer } {
  const state = structuredClone(before)
  switch (step.do) {
    case 'wait':
      state.now += step.ms
      return { state, answer: null }
    case 'open':
      return { state, answer: open(state, step.browser) }
    case 'verify':
      return { state, answer: verify(state, step.browser, step.with) }
    case 'play':
      return { state, answer: play(state, step.browser) }
    case 'look':
      return { state, answer: look(state) }
    case 'revoke-of-a-stranger':
      return { state, answer: 'not_found' }
    case 'revoke':
      if (state.revoked) return { state, answer: 'conflict' }
      state.revoked = true
      for (const session of state.sessions) if (session) session.ended = true
      return { state, answer: 'revoked' }
  }
}

const isDead = ({ revoked, expiresAt, now }: State) => revoked || expiresAt <= now
const live = (state: State, browser: Browser): Session | null => {
  const session = state.sessions[browser] ?? null
  return session && !session.ended && session.expiresAt > state.now ? session : null
}

/** What is still to be proved, in the order of asking. */
function needsOf(state: State, session: Session | null): string[] {
  const { wish, startsAt, now } = state
  const needs: string[] = []
  if (wish.access === 'account' && !session?.email) needs.push('account')
  if (wish.password && !session?.passed) needs.push('password')
  if (wish.agreement && !session?.agreed) needs.push('agreement')
  if (startsAt !== null && startsAt > now) needs.push('opening')
  return needs
}

const isOn = (list: string[], email: string) =>
  list.some((entry) => (entry.startsWith('@') ? email.endsWith(entry) : email === entry))

function isListed(state: State, session: Session | null): boolean {
  const { access, allow, deny } = state.wish
  if (access === 'link' || !session?.email) return true
  return !isOn(deny, session.email) && (allow.length === 0 || isOn(allow, session.email))
}

/** Has this person begun to watch before, in whatever browser? */
const isKnown = (state: State, session: Session | null) =>
  Boolean(session?.email) &&
  [...state.sessions, ...state.past].some((other) => other?.started && other.email === session?.email)

const viewsLeft = ({ wish, views }: State) => wish.maxViews === null || views < wish.maxViews
const hasSeat = (state: State, session: Session | null) =>
  state.wish.maxViewers === null || state.viewers < state.wish.maxViewers || isKnown(state, session)

function open(state: State, browser: Browser): Answer {
  if (isDead(state)) return 'refused'
  const session = live(state, browser)
  const needs = needsOf(state, session)
  const started = session?.started ?? false
  if (needs.length === 0 && !isListed(state, session)) return 'refused'
  if (!started && !viewsLeft(state)) return 'refused'
  const seatIsHopeless = needs.length === 0 || state.wish.access === 'link'
  if (!started && seatIsHopeless && !hasSeat(state, session)) return 'refused'
  return { needs, watching: started }
}

function enter(state: State, browser: Browser): Session {
  const known = live(state, browser)
  if (known) return known
  const old = state.sessions[browser]
  if (old) state.past.push(old)
  const session: Session = {
    expiresAt: Math.min(state.expiresAt, state.now + SESSION_MS),
    email: null,
    passed: false,
    agreed: false,
    started: false,
    ended: false,
    tokenUntil: 0,
  }
  state.sessions[browser] = session
  return session
}

function verify(state: State, browser: Browser, proof: Extract<Step, { do: 'verify' }>['with']): Answer {
  if (isDead(state)) return 'refused'
  const session = enter(state, browser)
  let wrong: string | null = null
  if (state.wish.password && proof === 'right-password') session.passed = true
  if (state.wish.password && proof === 'wrong-password') wrong = 'password'
  if (state.wish.agreement && proof === 'agreement') session.agreed = true
  if (state.wish.access === 'account') session.email = ADDRESSES[browser]
  return { needs: needsOf(state, session), wrong }
}

function play(state: State, browser: Browser): Answer {
  if (isDead(state)) return 'refused'
  const known = live(state, browser)
  if (needsOf(state, known).length > 0 || !isListed(state, known)) return 'refused'
  if (!known?.started) {
    if (!viewsLeft(state) || !hasSeat(state, known)) return 'refused'
    const newcomer = state.wish.maxViewers === null || !isKnown(state, known)
    enter(state, browser).started = true
    state.views += 1
    if (newcomer) state.viewers += 1
  }
  const session = enter(state, browser)
  const until = Math.min(state.now + TOKEN_MS, state.expiresAt)
  session.tokenUntil = Math.max(session.tokenUntil, until)
  return {
    until,
    viewsLeft: state.wish.maxViews === null ? null : state.wish.maxViews - state.views,
  }
}

function look(state: State): Answer {
  const { now, views, viewers } = state
  const all = [...state.sessions, ...state.past]
  const watching = all.filter((session) => session && !session.ended && session.tokenUntil > now).length
  return { status: statusOf(state, watching > 0), views, viewers, watching }
}

function statusOf(state: State, isWatched: boolean): string {
  if (state.revoked) return 'revoked'
  if (state.expiresAt <= state.now) return 'expired'
  if (isWatched) return 'watching'
  if (!viewsLeft(state)) return 'used_up'
  return state.startsAt !== null && state.startsAt > state.now ? 'scheduled' : 'active'
}
