import { open } from 'node:fs/promises'
import type { Target } from '../conformance/target.ts'
import { MIB, newUpload, put } from '../conformance/upload-client.ts'
import { until } from '../support/until.ts'

/** How a file ended, and when: milliseconds since its last byte was sent. */
export type Passage = {
  outcome: 'ready' | 'errored'
  reason: string | null
  playableMs: number | null
  ladderMs: number | null
  /** The playback URL of what is ready. */
  url: string | null
  /** Null where the upload itself was refused. */
  assetId: string | null
}

const NOTHING = { outcome: 'errored', playableMs: null, ladderMs: null, url: null, assetId: null } as const

const CHUNK = 16 * MIB

/** Uploads a file in chunks and waits until its ladder is complete, or it is errored. */
export async function throughEngine(target: Target, path: string, deadlineMs: number): Promise<Passage> {
  const upload = await newUpload(target, { playback_policies: ['public'] })
  const sent = await send(upload.url, path)
  if ('refused' in sent) return { ...NOTHING, reason: sent.refused }
  const { began } = sent
  const { asset_id: assetId = '' } = await until('the asset exists', async () => {
    const found = await target.mux.video.uploads.retrieve(upload.id)
    return found.asset_id ? found : null
  })
  const since = () => Math.round(performance.now() - began)
  let playableMs: number | null = null
  const asset = await until(
    `the ladder of ${path}`,
    async () => {
      const now = await target.mux.video.assets.retrieve(assetId)
      if (now.status !== 'preparing') playableMs ??= since()
      return ['completed', 'errored'].includes(now.progress.state) ? now : null
    },
    deadlineMs,
    40,
  )
  const ready = asset.status === 'ready'
  // What plays but whose ladder failed is no success: its state says so.
  const ladder = asset.progress.state === 'completed'
  return {
    outcome: ready ? 'ready' : 'errored',
    reason: ready ? (ladder ? null : 'the ladder failed') : (asset.errors?.messages?.[0] ?? null),
    playableMs: ready ? playableMs : null,
    ladderMs: ready && ladder ? since() : null,
    url: ready ? `${target.url}/${asset.playback_ids?.[0]?.id}.m3u8` : null,
    assetId,
  }
}

/** Gives when the last byte went out, or why the engine would not have it. */
async function send(url: string, path: string): Promise<{ began: number } | { refused: string }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    let began = performance.now()
    for (let at = 0; at < size || size === 0; at += CHUNK) {
      const body = Buffer.alloc(Math.min(CHUNK, size - at))
      await file.read(body, 0, body.length, at)
      const range = size === 0 ? undefined : `bytes ${at}-${at + body.length - 1}/${size}`
      began = performance.now()
      const answer = await put(url, { body, range })
      if (answer?.status === 400) return { refused: JSON.parse(answer.text).error.messages[0] }
      if (!answer || answer.status > 400) throw new Error(`a chunk was answered ${answer?.status}`)
      if (size === 0) break
    }
    return { began }
  } finally {
    await file.close()
  }
}
