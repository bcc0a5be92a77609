import { readFile } from 'node:fs/promises'
import { type Clip, makeClip } from './clips.ts'
import { createClient, type PortalClient } from './portal-client.ts'
import { type Account, invite, signIn } from './portal-people.ts'
import { sendRest, startUpload, uploadEnds, type VideoState } from './send-upload.ts'
import type { Stack } from './stack.ts'
import { until } from './until.ts'

/** What most proofs begin with: an administrator, an agency user, and a video of theirs that plays. */
export type Scene = {
  admin: PortalClient
  agency: PortalClient
  /** The agency user's. */
  account: Account
  videoId: string
  file: Buffer
}

/** Sets the scene on a fresh stack. `complete`: the whole ladder is made, so that nothing transcodes any more. */
export async function setScene(
  stack: Pick<Stack, 'url' | 'admin'>,
  clip: Clip,
  options: { complete?: boolean } = {},
): Promise<Scene> {
  const admin = await signIn(stack.url, stack.admin)
  const account = await invite(admin)
  const agency = await signIn(stack.url, account)
  const file = await readFile(await makeClip(clip))
  const place = await startUpload(agency, { name: 'clip.mp4', size: file.length })
  await sendRest(place.uploadUrl, file)
  await uploadEnds(agency, place.id, 'ready')
  if (options.complete) await ladderComplete(agency, place.videoId)
  return { admin, agency, account, videoId: place.videoId, file }
}

/** Waits until every rendition of a video is made. */
export async function ladderComplete(
  client: PortalClient,
  videoId: string,
  ms = 300_000,
): Promise<VideoState> {
  return await until(
    `the ladder of ${videoId} is complete`,
    async () => {
      const video = await client.call<VideoState>('GET', `/api/videos/${videoId}`)
      return video.complete && video
    },
    ms,
    100,
  )
}

export type NewShare = { id: string; token: string; url: string }

/** A link by which anybody who has it may watch. */
export async function shareByLink(agency: PortalClient, videoId: string): Promise<NewShare> {
  return await agency.call<NewShare>('POST', `/api/videos/${videoId}/shares`, { access: 'link' })
}

/** A browser that has begun to watch such a link. */
export async function watchLink(origin: string, token: string): Promise<PortalClient> {
  const viewer = createClient(origin)
  await viewer.call('POST', `/api/share/${token}`)
  return viewer
}
