import { z } from 'zod'
import { endpoint, ok } from '#engine/api/endpoint.ts'
import { notFound } from '#engine/platform/errors.ts'
import {
  changePlaybackRestriction,
  type PlaybackRestrictionRow,
  playbackRestrictionJson,
} from '#engine/playback-restrictions/playback-restrictions.ts'
import { referrerInput } from '#engine/playback-restrictions/rules.ts'

/** PUT /video/v1/playback-restrictions/{id}/referrer */
export const setReferrers = endpoint({
  method: 'PUT',
  paths: ['/video/v1/playback-restrictions/:restrictionId/referrer'],
  body: referrerInput,
  async run({ ctx, param, body }) {
    return answer(await changePlaybackRestriction(ctx, param('restrictionId'), { referrer: body }))
  },
})

/** PUT /video/v1/playback-restrictions/{id}/user_agent: unlike at creation, both flags must be given. */
export const setUserAgents = endpoint({
  method: 'PUT',
  paths: ['/video/v1/playback-restrictions/:restrictionId/user_agent'],
  body: z.object({ allow_no_user_agent: z.boolean(), allow_high_risk_user_agent: z.boolean() }),
  async run({ ctx, param, body }) {
    return answer(await changePlaybackRestriction(ctx, param('restrictionId'), { user_agent: body }))
  },
})

function answer(changed: PlaybackRestrictionRow | null) {
  if (!changed) throw notFound()
  return ok(playbackRestrictionJson(changed))
}
