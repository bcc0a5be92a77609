import { issuePlayback } from '../../portal/src/modules/playback/issue-playback.ts'
import { openShare } from '../../portal/src/modules/sharing/open-share.ts'
import { verifyViewer } from '../../portal/src/modules/sharing/verify-viewer.ts'
import type { Actor } from '../../portal/src/platform/context.ts'
import { as, type Scene, shareAt } from './scene.ts'
import type { Answer, Proof, Step } from './share-model.ts'
import { PASSWORD } from './stage.ts'

/** What somebody at a browser does with a link. */
export async function visit(
  scene: Scene,
  step: Extract<Step, { do: 'open' | 'verify' | 'play' }>,
): Promise<Answer> {
  const { app } = scene.stage.t
  const { browser } = step
  const { token, oneDevice } = shareAt(scene, step.share)
  const cookie = scene.jar[browser] ?? null
  const ctx = as(scene, scene.island.visitors[browser] as Actor)
  if (step.do === 'open') {
    const link = await app.call(openShare, { token, cookie }, ctx)
    return { needs: link.needs, watching: link.watching }
  }
  const gate = step.do === 'verify' ? '/verify' : ''
  const proof = oneDevice ? await scene.stage.devices[browser]?.prove(token, gate) : undefined
  const by = { token, cookie, ...(proof ? { proof } : {}) }
  if (step.do === 'verify') {
    const { newCookie, ...answer } = await app.call(
      verifyViewer,
      { ...by, ...proofs(scene, step.with, step.share) },
      ctx,
    )
    scene.jar[browser] ??= newCookie
    return { needs: answer.needs, wrong: answer.wrong, otherDevice: answer.otherDevice }
  }
  const answer = await app.call(issuePlayback, by, ctx)
  scene.jar[browser] ??= answer.newCookie
  return { until: Date.parse(answer.expiresAt), viewsLeft: answer.viewsLeft }
}

function proofs(scene: Scene, proof: Proof, share: number): Record<string, string> {
  switch (proof) {
    case 'nothing':
      return {}
    case 'right-password':
      return { password: PASSWORD }
    case 'wrong-password':
      return { password: 'something else' }
    case 'agreement':
      return { agreement: shareAt(scene, share).agreementId ?? 'agr_none' }
  }
}
