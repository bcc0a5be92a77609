import { z } from 'zod'
import { created, endpoint } from '#engine/api/endpoint.ts'
import {
  createPlaybackRestriction,
  playbackRestrictionJson,
} from '#engine/playback-restrictions/playback-restrictions.ts'
import { referrerInput, userAgentInput } from '#engine/playback-restrictions/rules.ts'

/** POST /video/v1/playback-restrictions */
export const makePlaybackRestriction = endpoint({
  method: 'POST',
  paths: ['/video/v1/playback-restrictions'],
  body: z.object({ referrer: referrerInput, user_agent: userAgentInput.prefault({}) }),
  async run({ ctx, body }) {
    return created(playbackRestrictionJson(await createPlaybackRestriction(ctx, body)))
  },
})
