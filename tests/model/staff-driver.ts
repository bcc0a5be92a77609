import type { RevocationOutcome } from '../../portal/src/modules/sharing/answers.ts'
import { readmitViewer } from '../../portal/src/modules/sharing/bar-viewer.ts'
import {
  approveRevocation,
  declineRevocation,
  reviewRevocation,
} from '../../portal/src/modules/sharing/decide-revocation.ts'
import { requestRevocation } from '../../portal/src/modules/sharing/request-revocation.ts'
import { revokeVideoShares } from '../../portal/src/modules/sharing/revoke-video-shares.ts'
import { watchRevocations } from '../../portal/src/modules/sharing/watch-revocations.ts'
import { as, type Scene } from './scene.ts'
import type { Answer, Step, Target } from './share-model.ts'

/** What two persons of staff do about many links, or about a viewer. */
export async function staffWork(
  scene: Scene,
  step: Extract<Step, { do: 'request' | 'decide' | 'review' | 'readmit' }>,
): Promise<Answer> {
  const { app } = scene.stage.t
  const reason = 'as agreed'
  if (step.do === 'readmit') {
    const viewer = scene.island.addressOf(step.who)
    return {
      status: (await app.call(readmitViewer, { viewer, reason }, as(scene, scene.stage.other))).status,
    }
  }
  if (step.do === 'request') {
    const input = { ...selection(scene, step.of), reason: 'other', emergency: step.emergency }
    const answer = await app.call(requestRevocation, input, as(scene, scene.stage.asker))
    scene.asked = answer.id
    if (answer.status !== 'pending_approval') return outcome(answer)
    return { status: answer.status, shares: answer.shares, watching: answer.watching }
  }
  const ctx = as(scene, step.by === 'asker' ? scene.stage.asker : scene.stage.other)
  const id = scene.asked
  if (step.do === 'review') {
    const reviewed = await app.call(reviewRevocation, { id, reason, verdict: 'confirmed' }, ctx)
    return { review: reviewed.review }
  }
  if (step.decision === 'approve') return outcome(await app.call(approveRevocation, { id, reason }, ctx))
  return { status: (await app.call(declineRevocation, { id, reason }, ctx)).status }
}

function selection(scene: Scene, of: Target) {
  const { videos, owner, colleague, shares } = scene.island
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
      return { viewer: scene.island.addressOf(of) }
  }
}

/** The owner ends every link of a video. */
export async function revokeVideo(scene: Scene, video: 0 | 1): Promise<Answer> {
  const { app } = scene.stage.t
  const input = { videoId: scene.island.videos[video], reason: 'other' }
  const { status, shares, players } = await app.call(revokeVideoShares, input, as(scene, scene.island.owner))
  return { status, shares, players }
}

/** The minute's round. */
export async function tick(scene: Scene): Promise<null> {
  const { app } = scene.stage.t
  const { signal } = new AbortController()
  const ctx = as(scene, { kind: 'system', id: 'model' })
  await watchRevocations.run({ app, ctx, signal, input: {}, attempt: 1, maxAttempts: 1 })
  return null
}

const outcome = (answer: RevocationOutcome): Answer => ({
  status: answer.status,
  shares: answer.shares,
  players: answer.players,
  moved: answer.replacedPlaybackIds,
})
