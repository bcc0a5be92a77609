import { playOwnVideo } from '#portal/modules/playback/play-own-video.ts'
import { listVideos } from '#portal/modules/videos/list-videos.ts'
import type { Context } from '#portal/platform/context.ts'
import { AppError } from '#portal/platform/errors.ts'
import { type FlowScope, flow } from '#portal/platform/operation.ts'
import { recordUse } from '#portal/platform/operation-events.ts'
import { emergencyVideoInput, idInput } from './inputs.ts'

/** The newest videos of the organisation that an emergency access opens, for its holder, while it runs. */
export const listEmergencyVideos = flow({
  action: 'emergency.videos',
  input: idInput,
  allow: { role: 'admin' },
  run: async (scope) => await scope.app.call(listVideos, { limit: 100 }, await within(scope, 'video.list')),
})

/** Plays one of them. */
export const playEmergencyVideo = flow({
  action: 'emergency.play',
  input: emergencyVideoInput,
  allow: { role: 'admin' },
  run: async (scope) =>
    await scope.app.call(playOwnVideo, { videoId: scope.input.videoId }, await within(scope, 'video.play')),
})

/** The caller as somebody of that organisation for one reading call; each such use leaves its own event. */
async function within<I extends { id: string }>(
  { app, ctx, actor, input }: FlowScope<I>,
  action: string,
): Promise<Context> {
  const right = actor.kind === 'user' ? actor.emergency?.find(({ id }) => id === input.id) : undefined
  if (actor.kind !== 'user' || !right?.organisationId)
    throw new AppError('not_found', 'You have no such emergency access, or it is over.')
  const { organisationId, id: emergencyUsed } = right
  const used: Context = {
    ...ctx,
    actor: { ...actor, role: 'agency', groups: [], organisationId, emergencyUsed },
  }
  await recordUse(app, action, used)
  return used
}
