import { cancel, decideExtension, extend, look, release, revoke, schedule } from './owner-model.ts'
import type { Answer, Share, State, Step } from './share-model.ts'
import { decide, readmit, request, review, revokeVideo, tick } from './staff-model.ts'
import { open, play, verify } from './visitor-model.ts'

/** The state after a step, and what is answered. The given state stays as it was. */
export function take(before: State, step: Step): { state: State; answer: Answer } {
  const state = copy(before)
  return { state, answer: answerOf(state, step) }
}

function answerOf(state: State, step: Step): Answer {
  switch (step.do) {
    case 'wait':
      state.now += step.ms
      return null
    case 'tick':
      tick(state)
      return null
    case 'stranger':
      return 'not_found'
    case 'revoke-video':
      return revokeVideo(state, step.video)
    case 'request':
      return request(state, step)
    case 'decide':
      return decide(state, step)
    case 'review':
      return review(state, step)
    case 'readmit':
      return readmit(state, step)
    default:
      return answerOfShare(state, state.shares[step.share] as Share, step)
  }
}

function answerOfShare(state: State, share: Share, step: Extract<Step, { share: number }>): Answer {
  switch (step.do) {
    case 'open':
      return open(state, share, step.browser)
    case 'verify':
      return verify(state, share, step.browser, step.with)
    case 'play':
      return play(state, share, step.browser)
    case 'look':
      return look(state, share)
    case 'revoke':
      return revoke(state, share)
    case 'release':
      return release(state, share)
    case 'schedule':
      return schedule(state, share, step)
    case 'cancel':
      return cancel(state, share, step)
    case 'extend':
      return extend(state, share, step)
    case 'decide-extension':
      return decideExtension(state, share, step)
    case 'stranger':
      return 'not_found'
  }
}

/** The model's state is plain data of a known shape; a general copy takes ten times as long. */
function copy({ now, shares, barred, request: asked }: State): State {
  return {
    now,
    barred: [...barred],
    request: asked && { ...asked },
    shares: shares.map((share) => ({
      ...share,
      schedule: share.schedule && { ...share.schedule },
      extension: share.extension && { ...share.extension },
      sessions: share.sessions.map((session) => session && { ...session }),
      past: share.past.map((session) => ({ ...session })),
    })),
  }
}
