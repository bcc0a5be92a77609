import {
  type Answer,
  allSessions,
  endSessions,
  isDead,
  isPlaying,
  revokeAll,
  type Session,
  type Share,
  type State,
  type Step,
  type Target,
} from './share-model.ts'

const DAYS_TO_DECIDE_MS = 7 * 86_400_000

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>

/** Links that a revoke names, or a person. */
function namedShares({ shares }: State, of: Target): Share[] {
  switch (of) {
    case 'video-0':
    case 'video-1':
      return shares.filter(({ wish }) => `video-${wish.video}` === of)
    case 'owner':
    case 'colleague':
      return shares.filter(({ wish }) => wish.by === of)
    default:
      return shares
  }
}

const sessionsOf = ({ shares }: State, person: Target): Session[] =>
  shares.flatMap(allSessions).filter(({ email, ended }) => email === person && !ended)

function reachOf(state: State, of: Target) {
  if (of === 'first' || of === 'second') {
    const sessions = sessionsOf(state, of)
    const on = state.shares.filter((share) =>
      allSessions(share).some((session) => sessions.includes(session)),
    )
    return { shares: on.length, watching: sessions.filter((one) => isPlaying(one, state.now)).length }
  }
  const live = namedShares(state, of).filter((share) => !isDead(share, state))
  const watching = live.flatMap(allSessions).filter((session) => isPlaying(session, state.now)).length
  return { shares: live.length, watching }
}

/** Ends what a request names. On Mux's cloud an emergency moves each video of which somebody saw something. */
function act(state: State, of: Target, emergency: boolean): Answer {
  const moved = emergency ? videosPlayed(state, of) : 0
  if (of === 'first' || of === 'second') {
    if (!state.barred.includes(of)) state.barred.push(of)
    const players = endSessions(sessionsOf(state, of), state.now)
    return { status: 'done', shares: 0, players, moved }
  }
  return { status: 'done', ...revokeAll(namedShares(state, of), state.now), moved }
}

function videosPlayed(state: State, of: Target): number {
  const ofPerson = of === 'first' || of === 'second'
  const named = ofPerson ? state.shares : namedShares(state, of).filter(({ revoked }) => !revoked)
  const played = named.filter((share) =>
    allSessions(share).some((one) => isPlaying(one, state.now) && (!ofPerson || one.email === of)),
  )
  return new Set(played.map(({ wish }) => wish.video)).size
}

export function request(state: State, { of, emergency }: Of<'request'>): Answer {
  const reach = reachOf(state, of)
  if (reach.shares === 0 && !emergency && of !== 'first' && of !== 'second') return 'conflict'
  state.request = {
    of,
    until: state.now + DAYS_TO_DECIDE_MS,
    status: emergency ? 'done' : 'pending',
    review: emergency ? 'open' : null,
  }
  return emergency ? act(state, of, true) : { status: 'pending_approval', ...reach }
}

export function decide(state: State, { by, decision }: Of<'decide'>): Answer {
  const { request: asked } = state
  if (!asked) return 'not_found'
  if (by === 'asker' || asked.status !== 'pending' || asked.until <= state.now) return 'conflict'
  asked.status = decision === 'approve' ? 'done' : 'declined'
  return decision === 'approve' ? act(state, asked.of, false) : { status: 'declined' }
}

export function review({ request: asked }: State, { by }: Of<'review'>): Answer {
  if (!asked) return 'not_found'
  if (by === 'asker' || asked.review !== 'open') return 'conflict'
  asked.review = 'confirmed'
  return { review: 'confirmed' }
}

export function readmit(state: State, { who }: Of<'readmit'>): Answer {
  if (!state.barred.includes(who)) return 'conflict'
  state.barred = state.barred.filter((one) => one !== who)
  return { status: 'lifted' }
}

/** The owner's own end of all links of a video: nobody else is asked. */
export function revokeVideo(state: State, video: 0 | 1): Answer {
  return { status: 'revoked', ...revokeAll(namedShares(state, `video-${video}`), state.now) }
}

/** The minute's round: links whose scheduled end has come count as revoked from then on. */
export function tick(state: State): void {
  const due = state.shares.filter(({ schedule, expiresAt }) => schedule && expiresAt <= state.now)
  revokeAll(due, state.now)
}
