import { issuePlayback } from '../../portal/src/modules/playback/issue-playback.ts'
import { createShare } from '../../portal/src/modules/sharing/create-share.ts'
import { openShare } from '../../portal/src/modules/sharing/open-share.ts'
import { hashSharePassword } from '../../portal/src/modules/sharing/password.ts'
import { getShare } from '../../portal/src/modules/sharing/queries.ts'
import { revokeShare } from '../../portal/src/modules/sharing/revoke-share.ts'
import { verifyViewer } from '../../portal/src/modules/sharing/verify-viewer.ts'
import { type Actor, ANONYMOUS } from '../../portal/src/platform/context.ts'
import { newToken } from '../../portal/src/platform/crypto.ts'
import { isAppError } from '../../portal/src/platform/errors.ts'
import type { TestApp } from '../support/test-app.ts'
import { ADDRESSES, type Answer, BROWSERS, type Browser, type Step, type Wish } from './share-model.ts'

const PASSWORD = 'only for this one test'

/** People and a video that all sequences share. */
export type Stage = {
  t: TestApp
  owner: Actor
  stranger: Actor
  guests: Actor[]
  videoId: string
  passwordHash: string
}

export async function setStage(t: TestApp): Promise<Stage> {
  const owner = await t.person('agency')
  const guests: Actor[] = []
  for (const address of ADDRESSES) {
    if (!address) guests.push(ANONYMOUS)
    else {
      const guest = await t.person('guest')
      await t.app.pool.query('update users set email = $1 where id = $2', [address, guest.id])
      guests.push(guest)
    }
  }
  return {
    t,
    owner,
    stranger: await t.person('agency'),
    guests,
    videoId: await t.video(owner),
    // Hashing is slow on purpose; who passes is what is tried here.
    passwordHash: await hashSharePassword(PASSWORD),
  }
}

/** One share of the portal itself, and the browsers that come to it. */
export type Played = {
  take(step: Step): Promise<Answer>
}

/** Makes a share as wished. `cookies`: which browsers were at another link before. */
export async function makeShare(
  stage: Stage,
  wish: Wish,
  cookies: boolean[],
  clock: { now: number },
): Promise<Played> {
  const { t, owner, stranger, guests } = stage
  const { app } = t
  const as = (actor: Actor) => ({ ...app.newContext(actor), now: new Date(clock.now) })
  const iso = (at: number) => new Date(at).toISOString()
  const made = await app.call(
    createShare,
    {
      videoId: stage.videoId,
      access: wish.access,
      allow: wish.allow,
      deny: wish.deny,
      ...(wish.maxViews === null ? {} : { maxViews: wish.maxViews }),
      ...(wish.maxViewers === null ? {} : { maxViewers: wish.maxViewers }),
      ...(wish.startsInMs === null ? {} : { startsAt: iso(clock.now + wish.startsInMs) }),
      ...(wish.agreement ? { agreement: 'Tell nobody.' } : {}),
      expiresAt: iso(clock.now + wish.livesMs),
    },
    as(owner),
  )
  if (made.status !== 'active') throw new Error('the share waits for a second person')
  const { id, token } = made
  if (wish.password)
    await app.pool.query('update shares set password_hash = $1 where id = $2', [stage.passwordHash, id])
  const { rows } = await app.pool.query('select agreement_id from shares where id = $1', [id])
  const jar = BROWSERS.map((browser) => (cookies[browser] ? newToken() : null))

  const visit = (browser: Browser) => ({ token, cookie: jar[browser] ?? null })
  const keep = (browser: Browser, cookie: string | null) => {
    if (cookie) jar[browser] = cookie
  }
  const proofs = {
    nothing: {},
    'right-password': { password: PASSWORD },
    'wrong-password': { password: 'something else' },
    agreement: { agreement: rows[0].agreement_id ?? 'agr_none' },
  }

  async function run(step: Step): Promise<Answer> {
    switch (step.do) {
      case 'wait':
        return null
      case 'open': {
        const link = await app.call(openShare, visit(step.browser), as(guests[step.browser] ?? ANONYMOUS))
        return { needs: link.needs, watching: link.watching }
      }
      case 'verify': {
        const input = { ...visit(step.browser), ...proofs[step.with] }
        const answer = await app.call(verifyViewer, input, as(guests[step.browser] ?? ANONYMOUS))
        keep(step.browser, answer.newCookie)
        return { needs: answer.needs, wrong: answer.wrong }
      }
      case 'play': {
        const answer = await app.call(
          issuePlayback,
          visit(step.browser),
          as(guests[step.browser] ?? ANONYMOUS),
        )
        keep(step.browser, answer.newCookie)
        return { until: Date.parse(answer.expiresAt), viewsLeft: answer.viewsLeft }
      }
      case 'look': {
        const share = await app.call(getShare, { id }, as(owner))
        return {
          status: share.status,
          views: share.viewsUsed,
          viewers: share.viewersUsed,
          watching: share.watchingNow,
        }
      }
      case 'revoke':
        return (await app.call(revokeShare, { id, reason: 'other' }, as(owner))).status
      case 'revoke-of-a-stranger':
        return (await app.call(revokeShare, { id, reason: 'other' }, as(stranger))).status
    }
  }

  return {
    async take(step) {
      try {
        return await run(step)
      } catch (error) {
        if (!isAppError(error)) throw error
        return error.code === 'forbidden' ? 'refused' : error.code
      }
    },
  }
}
