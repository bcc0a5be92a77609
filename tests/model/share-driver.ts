import { issuePlayback } from '../../portal/src/modules/playback/issue-playback.ts'
import type { RevocationOutcome } from '../../portal/src/modules/sharing/answers.ts'
import { readmitViewer } from '../../portal/src/modules/sharing/bar-viewer.ts'
import { approveExtension, declineExtension } from '../../portal/src/modules/sharing/decide-extension.ts'
import {
  approveRevocation,
  declineRevocation,
  reviewRevocation,
} from '../../portal/src/modules/sharing/decide-revocation.ts'
import { extendShare } from '../../portal/src/modules/sharing/extend-share.ts'
import { openShare } from '../../portal/src/modules/sharing/open-share.ts'
import { getShare } from '../../portal/src/modules/sharing/queries.ts'
import { releaseDevice } from '../../portal/src/modules/sharing/release-device.ts'
import { requestRevocation } from '../../portal/src/modules/sharing/request-revocation.ts'
import { revokeShare } from '../../portal/src/modules/sharing/revoke-share.ts'
import { revokeVideoShares } from '../../portal/src/modules/sharing/revoke-video-shares.ts'
import { cancelScheduledRevoke, scheduleRevoke } from '../../portal/src/modules/sharing/schedule-revoke.ts'
import { verifyViewer } from '../../portal/src/modules/sharing/verify-viewer.ts'
import { watchRevocations } from '../../portal/src/modules/sharing/watch-revocations.ts'
import type { Actor } from '../../portal/src/platform/context.ts'
import { newToken } from '../../portal/src/platform/crypto.ts'
import { isAppError } from '../../portal/src/platform/errors.ts'
import {
  type Answer,
  BROWSERS,
  type Browser,
  type Proof,
  type Step,
  type Target,
  type Wish,
} from './share-model.ts'
import { type Island, makeIsland, PASSWORD, type Stage } from './stage.ts'

const MINUTE = 60_000

/** Shares of the portal itself, and the browsers that come to them. */
export type Played = {
  take(step: Step): Promise<Answer>
  hasCookie(browser: Browser): boolean
}

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>

/** Makes shares as wished. `cookies`: which browsers were at another link before. */
export async function playShares(stage: Stage, wishes: Wish[], cookies: boolean[]): Promise<Played> {
  const played = new PlayedShares(stage, await makeIsland(stage, wishes), cookies)
  return {
    hasCookie: (browser) => played.jar[browser] !== null,
    async take(step) {
      try {
        return await played.take(step)
      } catch (error) {
        if (!isAppError(error)) throw error
        return error.code === 'forbidden' ? 'refused' : error.code
      }
    },
  }
}

class PlayedShares {
  readonly stage: Stage
  readonly island: Island
  readonly jar: (string | null)[]
  /** What was asked for last, for whoever decides on it. */
  asked = 'rvk_none'
  readonly extensions: string[] = []

  constructor(stage: Stage, island: Island, cookies: boolean[]) {
    this.stage = stage
    this.island = island
    this.jar = BROWSERS.map((browser) => (cookies[browser] ? newToken() : null))
  }

  async take(step: Step): Promise<Answer> {
    switch (step.do) {
      case 'wait':
        this.stage.t.advance(step.ms)
        return null
      case 'tick':
        return await this.tick()
      case 'open':
      case 'verify':
      case 'play':
        return await this.visit(step)
      case 'request':
      case 'decide':
      case 'review':
      case 'readmit':
        return await this.staffWork(step)
      case 'stranger':
        return await this.try(step)
      default:
        return await this.ownerWork(step)
    }
  }

  as(actor: Actor) {
    return this.stage.t.app.newContext(actor)
  }

  share(place: number) {
    const share = this.island.shares[place]
    if (!share) throw new Error(`there is no share ${place}`)
    return share
  }

  async tick(): Promise<null> {
    const { app } = this.stage.t
    const { signal } = new AbortController()
    const ctx = this.as({ kind: 'system', id: 'model' })
    await watchRevocations.run({ app, ctx, signal, input: {}, attempt: 1, maxAttempts: 1 })
    return null
  }

  async visit(step: Of<'open' | 'verify' | 'play'>): Promise<Answer> {
    const { app } = this.stage.t
    const { browser } = step
    const { token, oneDevice } = this.share(step.share)
    const cookie = this.jar[browser] ?? null
    const ctx = this.as(this.island.visitors[browser] as Actor)
    if (step.do === 'open') {
      const link = await app.call(openShare, { token, cookie }, ctx)
      return { needs: link.needs, watching: link.watching }
    }
    const gate = step.do === 'verify' ? '/verify' : ''
    const proof = oneDevice ? await this.stage.devices[browser]?.prove(token, gate) : undefined
    const by = { token, cookie, ...(proof ? { proof } : {}) }
    if (step.do === 'verify') {
      const { newCookie, ...answer } = await app.call(
        verifyViewer,
        { ...by, ...this.proofs(step.with, step.share) },
        ctx,
      )
      this.jar[browser] ??= newCookie
      return { needs: answer.needs, wrong: answer.wrong, otherDevice: answer.otherDevice }
    }
    const answer = await app.call(issuePlayback, by, ctx)
    this.jar[browser] ??= answer.newCookie
    return { until: Date.parse(answer.expiresAt), viewsLeft: answer.viewsLeft }
  }

  proofs(proof: Proof, share: number): Record<string, string> {
    switch (proof) {
      case 'nothing':
        return {}
      case 'right-password':
        return { password: PASSWORD }
      case 'wrong-password':
        return { password: 'something else' }
      case 'agreement':
        return { agreement: this.share(share).agreementId ?? 'agr_none' }
    }
  }

  async ownerWork(
    step: Of<
      'look' | 'release' | 'revoke' | 'revoke-video' | 'schedule' | 'cancel' | 'extend' | 'decide-extension'
    >,
  ): Promise<Answer> {
    const { app } = this.stage.t
    if (step.do === 'revoke-video') {
      const input = { videoId: this.island.videos[step.video], reason: 'other' }
      const { status, shares, players } = await app.call(revokeVideoShares, input, this.as(this.island.owner))
      return { status, shares, players }
    }
    const { id } = this.share(step.share)
    const by = 'by' in step && step.by === 'staff' ? this.stage.asker : this.island.owner
    const ctx = this.as(by)
    switch (step.do) {
      case 'look': {
        const share = await app.call(getShare, { id }, ctx)
        return {
          status: share.status,
          views: share.viewsUsed,
          viewers: share.viewersUsed,
          watching: share.watchingNow,
          expiresAt: Date.parse(share.expiresAt),
          maxViews: share.maxViews,
          device: share.deviceBoundAt !== null,
        }
      }
      case 'revoke': {
        const revoked = await app.call(revokeShare, { id, reason: 'other' }, ctx)
        return { status: revoked.status, players: revoked.stoppedPlayers }
      }
      case 'release':
        return { players: (await app.call(releaseDevice, { id }, ctx)).stoppedPlayers }
      case 'schedule': {
        const at = this.in(step.inMs)
        const done = await app.call(scheduleRevoke, { id, at, reason: 'other' }, ctx)
        return { status: done.status, at: Date.parse(done.at) }
      }
      case 'cancel': {
        const done = await app.call(cancelScheduledRevoke, { id }, ctx)
        return { status: done.status, expiresAt: Date.parse(done.expiresAt) }
      }
      case 'extend':
        return await this.extend(step)
      case 'decide-extension': {
        const input = { id: this.extensions[step.share] ?? 'ext_none', reason: 'agreed' }
        const decide = step.decision === 'approve' ? approveExtension : declineExtension
        return { status: (await app.call(decide, input, this.as(this.stage.other))).status }
      }
    }
  }

  in(ms: number): string {
    return new Date(this.stage.t.app.clock().getTime() + ms).toISOString()
  }

  async extend({ share, toMs, views }: Of<'extend'>): Promise<Answer> {
    const { app } = this.stage.t
    const { id } = this.share(share)
    const input = {
      id,
      reason: 'they asked',
      ...(toMs === null ? {} : { expiresAt: new Date(this.island.madeAt + toMs).toISOString() }),
      ...(views === null ? {} : { maxViews: views }),
    }
    const done = await app.call(extendShare, input, this.as(this.island.owner))
    if (done.status === 'extended')
      return { status: done.status, expiresAt: Date.parse(done.expiresAt), maxViews: done.maxViews }
    this.extensions[share] = done.extensionId
    return { status: done.status }
  }

  async staffWork(step: Of<'request' | 'decide' | 'review' | 'readmit'>): Promise<Answer> {
    const { app } = this.stage.t
    const reason = 'as agreed'
    if (step.do === 'readmit') {
      const viewer = this.island.addressOf(step.who)
      return { status: (await app.call(readmitViewer, { viewer, reason }, this.as(this.stage.other))).status }
    }
    if (step.do === 'request') {
      const input = { ...this.selection(step.of), reason: 'other', emergency: step.emergency }
      const answer = await app.call(requestRevocation, input, this.as(this.stage.asker))
      this.asked = answer.id
      if (answer.status !== 'pending_approval') return outcome(answer)
      return { status: answer.status, shares: answer.shares, watching: answer.watching }
    }
    const ctx = this.as(step.by === 'asker' ? this.stage.asker : this.stage.other)
    const id = this.asked
    if (step.do === 'review') {
      const reviewed = await app.call(reviewRevocation, { id, reason, verdict: 'confirmed' }, ctx)
      return { review: reviewed.review }
    }
    if (step.decision === 'approve') return outcome(await app.call(approveRevocation, { id, reason }, ctx))
    return { status: (await app.call(declineRevocation, { id, reason }, ctx)).status }
  }

  selection(of: Target) {
    const { videos, owner, colleague, shares } = this.island
    switch (of) {
      case 'video-0':
        return { videoId: videos[0] }
      case 'video-1':
        return { videoId: videos[1] }
      case 'owner':
        return { ownerId: owner.id }
      case 'colleague':
        return { ownerId: colleague.id }
      case 'organisation':
        return { ownerId: owner.organisationId }
      case 'links':
        return { ids: shares.map(({ id }) => id) }
      default:
        return { viewer: this.island.addressOf(of) }
    }
  }

  /** Somebody of another organisation tries. */
  async try({ tries, share }: Of<'stranger'>): Promise<Answer> {
    const { app } = this.stage.t
    const { id } = this.share(share)
    const ctx = this.as(this.stage.stranger)
    switch (tries) {
      case 'revoke':
        return (await app.call(revokeShare, { id, reason: 'other' }, ctx)).status
      case 'extend':
        return (await app.call(extendShare, { id, maxViews: 9 }, ctx)).status
      case 'schedule':
        return (await app.call(scheduleRevoke, { id, reason: 'other', at: this.in(MINUTE) }, ctx)).status
      case 'cancel':
        return (await app.call(cancelScheduledRevoke, { id }, ctx)).status
      case 'release':
        return (await app.call(releaseDevice, { id }, ctx)).id
    }
  }
}

const outcome = (answer: RevocationOutcome): Answer => ({
  status: answer.status,
  shares: answer.shares,
  players: answer.players,
  moved: answer.replacedPlaybackIds,
})
