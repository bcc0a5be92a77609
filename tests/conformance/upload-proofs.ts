import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { until } from './check.ts'
import type { Target } from './target.ts'
import { askReceived, putSlice } from './upload-client.ts'

export async function statusOf(target: Target, id: string) {
  return target.mux.video.uploads.retrieve(id)
}

/** The engine's own word for what it received, compared with the file. */
export async function assertSameBytes(target: Target, id: string, file: Buffer): Promise<void> {
  type WithSum = { engine?: { sha256: string | null; received_bytes: number } }
  const upload = await until('the SHA-256 of the upload', async () => {
    const found = (await statusOf(target, id)) as WithSum
    return found.engine?.sha256 ? found : null
  })
  assert.equal(upload.engine?.received_bytes, file.length)
  assert.equal(upload.engine?.sha256, createHash('sha256').update(file).digest('hex'))
}

export async function assertOneAsset(target: Target, id: string): Promise<string> {
  const upload = await statusOf(target, id)
  assert.equal(upload.status, 'asset_created')
  const assets = await target.mux.video.assets.list({ upload_id: id })
  assert.deepEqual(
    assets.data.map((asset) => asset.id),
    [upload.asset_id],
  )
  return upload.asset_id!
}

/** Sends a file as a careful client does: asks, goes on from there, and asks again after each broken connection. */
export async function sendFrom(url: string, file: Buffer, chunk: number): Promise<void> {
  await until('the upload to be complete', async () => {
    const start = await askReceived(url, file.length).catch(() => null)
    if (start === null) return false
    if (start === file.length) return true
    const answer = await putSlice(url, file, start, Math.min(file.length, start + chunk))
    return answer?.status === 200
  })
}
