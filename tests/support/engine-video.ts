import { createPrivateKey, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type Mux from '@mux/mux-node'
import { SignJWT } from 'jose'
import { type Clip, makeClip } from './clips.ts'
import { partsOf, readMaster } from './hls-reader.ts'
import { until } from './until.ts'

/** A video in a running engine, and what opens it. */
export type EngineVideo = {
  assetId: string
  playbackId: string
  keyId: string
  /** A token of ten minutes; without a `session` claim given, of a viewer of its own. */
  token(claims?: Record<string, unknown>): Promise<string>
  /** Paths of the top rendition's init and segments in one viewer's session. */
  parts(origin: string, claims?: Record<string, unknown>): Promise<string[]>
  /** The same video by another key, or by another playback ID. */
  withKey(key: Key): EngineVideo
  withPlaybackId(playbackId: string): EngineVideo
}

/** Uploads a clip in one piece and waits for its whole ladder. */
export async function uploadClip(
  mux: Mux,
  clip: Clip,
  policy: 'signed' | 'public' = 'signed',
): Promise<EngineVideo> {
  const { url, id } = await mux.video.uploads.create({
    cors_origin: '*',
    new_asset_settings: { playback_policies: [policy] },
  })
  const sent = await fetch(url ?? '', { method: 'PUT', body: await readFile(await makeClip(clip)) })
  if (sent.status !== 200) throw new Error(`the upload was answered ${sent.status}`)
  const { asset_id: assetId = '' } = await mux.video.uploads.retrieve(id)
  const asset = await until(
    'the ladder is complete',
    async () => {
      const found = await mux.video.assets.retrieve(assetId)
      if (found.status === 'errored') throw new Error(`the video failed: ${found.errors?.messages}`)
      return found.progress.state === 'completed' && found
    },
    300_000,
    100,
  )
  const playbackId = asset.playback_ids?.[0]?.id ?? ''
  const key = await mux.system.signingKeys.create()
  return videoOf({ assetId, playbackId, policy, key })
}

type Key = { id: string; private_key?: string }

function videoOf(video: {
  assetId: string
  playbackId: string
  policy: 'signed' | 'public'
  key: Key
}): EngineVideo {
  const { assetId, playbackId, policy, key } = video
  const privateKey = createPrivateKey(Buffer.from(key.private_key ?? '', 'base64'))
  const token = (claims: Record<string, unknown> = {}) =>
    new SignJWT({
      sub: playbackId,
      aud: 'v',
      kid: key.id,
      exp: Math.floor(Date.now() / 1000) + 600,
      session: newClaim(),
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .sign(privateKey)
  return {
    assetId,
    playbackId,
    keyId: key.id,
    token,
    async parts(origin, claims) {
      const query = policy === 'signed' ? `?token=${await token(claims)}` : ''
      const { video: renditions } = await readMaster(`${origin}/${playbackId}.m3u8${query}`)
      const urls = await partsOf(renditions[0]?.url ?? '')
      return urls.map((url) => new URL(url).pathname)
    },
    withKey: (other) => videoOf({ ...video, key: other }),
    withPlaybackId: (other) => videoOf({ ...video, playbackId: other }),
  }
}

/** A fresh `session` claim: one viewer's playback. */
export const newClaim = () => randomBytes(16).toString('base64url')
