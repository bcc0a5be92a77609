import { approveExtension, declineExtension } from '../../portal/src/modules/sharing/decide-extension.ts'
import { extendShare } from '../../portal/src/modules/sharing/extend-share.ts'
import { getShare } from '../../portal/src/modules/sharing/queries.ts'
import { releaseDevice } from '../../portal/src/modules/sharing/release-device.ts'
import { revokeShare } from '../../portal/src/modules/sharing/revoke-share.ts'
import { cancelScheduledRevoke, scheduleRevoke } from '../../portal/src/modules/sharing/schedule-revoke.ts'
import { after, as, type Scene, shareAt } from './scene.ts'
import type { Answer, Step } from './share-model.ts'

const MINUTE = 60_000

type Of<Do extends Step['do']> = Extract<Step, { do: Do }>

/** What its owner, or staff in their place, does with one link. */
export async function ownShare(
  scene: Scene,
  step: Of<'look' | 'release' | 'revoke' | 'schedule' | 'cancel' | 'extend' | 'decide-extension'>,
): Promise<Answer> {
  const { app } = scene.stage.t
  const { id } = shareAt(scene, step.share)
  const by = 'by' in step && step.by === 'staff' ? scene.stage.asker : scene.island.owner
  const ctx = as(scene, by)
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
      const at = after(scene, step.inMs)
      const done = await app.call(scheduleRevoke, { id, at, reason: 'other' }, ctx)
      return { status: done.status, at: Date.parse(done.at) }
    }
    case 'cancel': {
      const done = await app.call(cancelScheduledRevoke, { id }, ctx)
      return { status: done.status, expiresAt: Date.parse(done.expiresAt) }
    }
    case 'extend':
      return await extend(scene, step)
    case 'decide-extension': {
      const input = { id: scene.extensions[step.share] ?? 'ext_none', reason: 'agreed' }
      const decide = step.decision === 'approve' ? approveExtension : declineExtension
      return { status: (await app.call(decide, input, as(scene, scene.stage.other))).status }
    }
  }
}

async function extend(scene: Scene, { share, toMs, views }: Of<'extend'>): Promise<Answer> {
  const { app } = scene.stage.t
  const { id } = shareAt(scene, share)
  const input = {
    id,
    reason: 'they asked',
    ...(toMs === null ? {} : { expiresAt: new Date(scene.island.madeAt + toMs).toISOString() }),
    ...(views === null ? {} : { maxViews: views }),
  }
  const done = await app.call(extendShare, input, as(scene, scene.island.owner))
  if (done.status === 'extended')
    return { status: done.status, expiresAt: Date.parse(done.expiresAt), maxViews: done.maxViews }
  scene.extensions[share] = done.extensionId
  return { status: done.status }
}

/** Somebody of another organisation tries. */
export async function tryShare(scene: Scene, { tries, share }: Of<'stranger'>): Promise<Answer> {
  const { app } = scene.stage.t
  const { id } = shareAt(scene, share)
  const ctx = as(scene, scene.stage.stranger)
  switch (tries) {
    case 'revoke':
      return (await app.call(revokeShare, { id, reason: 'other' }, ctx)).status
    case 'extend':
      return (await app.call(extendShare, { id, maxViews: 9 }, ctx)).status
    case 'schedule':
      return (await app.call(scheduleRevoke, { id, reason: 'other', at: after(scene, MINUTE) }, ctx)).status
    case 'cancel':
      return (await app.call(cancelScheduledRevoke, { id }, ctx)).status
    case 'release':
      return (await app.call(releaseDevice, { id }, ctx)).id
  }
}
