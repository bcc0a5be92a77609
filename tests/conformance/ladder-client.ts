import assert from 'node:assert/strict'
import type { Target } from './target.ts'
import { claimsFor, sharedKey, sign } from './token-client.ts'
import { makeClip, uploadVideo, type Video, waitForLadder } from './video-client.ts'

/** A video of several rungs and two languages, with a signed and a public playback ID. */
export type LadderVideo = Video & { publicId: string }

export const LADDER_SECONDS = 14

const shared = new WeakMap<Target, Promise<LadderVideo>>()

export function ladderVideo(target: Target): Promise<LadderVideo> {
  const known = shared.get(target) ?? makeLadderVideo(target)
  shared.set(target, known)
  return known
}

async function makeLadderVideo(target: Target): Promise<LadderVideo> {
  const tracks = ['-map', '0:v', '-map', '1:a', '-map', '1:a']
  const languages = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=fra']
  const clip = await makeClip(LADDER_SECONDS, '852x480', [...tracks, ...languages])
  const video = await uploadVideo(target, clip, { playback_policies: ['signed', 'public'] })
  const { playback_ids = [] } = await waitForLadder(target, video.assetId)
  const idOf = (policy: string) => playback_ids.find((each) => each.policy === policy)!.id
  return { ...video, playbackId: idOf('signed'), publicId: idOf('public') }
}

/** An answer under a playback ID. */
export const under = (target: Target, path: string, init?: RequestInit) =>
  target.fetch(new URL(path, `${target.url}/`).href, init)

/** The same with a token, whose claims stand in for parameters. */
export async function signedUnder(target: Target, playbackId: string, path: string, claims = {}) {
  const token = await sign(await sharedKey(target), claimsFor(playbackId, claims))
  return under(target, `/${playbackId}${path}?token=${token}`)
}

export async function textOf(answer: Promise<Response>): Promise<string> {
  const response = await answer
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return text
}

/** Lines that are addresses. */
export const uris = (playlist: string) =>
  playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** The URI attribute of each tag of a kind. */
export const tagUris = (playlist: string, tag: RegExp) =>
  playlist
    .split('\n')
    .filter((line) => tag.test(line))
    .map((line) => /URI="([^"]+)"/.exec(line)![1]!)
