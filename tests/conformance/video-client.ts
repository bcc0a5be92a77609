import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './check.ts'
import type { Target } from './target.ts'
import { newUpload, put } from './upload-client.ts'

const clips = new Map<string, Promise<Buffer>>()

/** A clip with moving picture and a tone, made by ffmpeg; `seconds` long, the same file each time. */
export function makeClip(seconds: number, size = '320x180', options: string[] = []): Promise<Buffer> {
  const name = [seconds, size, ...options].join(' ')
  const known = clips.get(name) ?? encodeClip(seconds, size, options)
  clips.set(name, known)
  return known
}

async function encodeClip(seconds: number, size: string, options: string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-clip-'))
  const path = join(folder, 'clip.mp4')
  const args = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`]
  args.push('-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`, '-shortest', '-pix_fmt', 'yuv420p')
  args.push('-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-c:a', 'aac', ...options, path)
  const child = spawn(process.env.FFMPEG_PATH || 'ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
  return readFile(path).finally(() => rm(folder, { recursive: true, force: true }))
}

export type Video = { assetId: string; uploadId: string; playbackId: string }

/** Uploads a file in one piece and waits until its asset is created. */
export async function uploadVideo(target: Target, file: Buffer, settings = {}): Promise<Video> {
  const upload = await newUpload(target, { playback_policies: ['signed'], ...settings })
  const answer = await put(upload.url, { body: file })
  if (answer?.status !== 200) throw new Error(`the upload was answered ${answer?.status}: ${answer?.text}`)
  const { asset_id: assetId } = await target.mux.video.uploads.retrieve(upload.id)
  const asset = await target.mux.video.assets.retrieve(assetId!)
  return { assetId: asset.id, uploadId: upload.id, playbackId: asset.playback_ids?.[0]?.id ?? '' }
}

export async function waitForStatus(target: Target, assetId: string, status: 'ready' | 'errored') {
  return until(`the asset to be ${status}`, async () => {
    const asset = await target.mux.video.assets.retrieve(assetId)
    if (asset.status !== 'preparing' && asset.status !== status) {
      throw new Error(`the asset is ${asset.status}: ${asset.errors?.messages}`)
    }
    return asset.status === status ? asset : null
  })
}

/** A ladder may wait behind those of other checks. */
const LADDER_MS = 100_000

export async function waitForLadder(target: Target, assetId: string) {
  return until(
    'the ladder to be complete',
    async () => {
      const asset = await target.mux.video.assets.retrieve(assetId)
      if (asset.progress.state === 'errored') throw new Error('the ladder failed')
      return asset.progress.state === 'completed' ? asset : null
    },
    LADDER_MS,
    50,
  )
}

/** One ready video that many checks share. */
const shared = new WeakMap<Target, Promise<Video>>()
export function sharedVideo(target: Target): Promise<Video> {
  const known =
    shared.get(target) ??
    makeClip(6).then(async (clip) => {
      const video = await uploadVideo(target, clip)
      await waitForLadder(target, video.assetId)
      return video
    })
  shared.set(target, known)
  return known
}
