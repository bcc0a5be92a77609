import { request } from 'node:http'
import type { PortalClient } from './portal-client.ts'
import { until } from './until.ts'

export type UploadPlace = { id: string; videoId: string; uploadUrl: string }
export type UploadState = {
  id: string
  status: 'waiting' | 'uploading' | 'processing' | 'ready' | 'failed' | 'cancelled'
  progress: number | null
  videoId: string
  error?: string | null
}
export type VideoState = {
  id: string
  status: string
  duration: number | null
  error?: string | null
  complete?: boolean
}

/** Begins an upload job. */
export async function startUpload(
  client: PortalClient,
  file: { name: string; size: number; contentType?: string },
): Promise<UploadPlace> {
  const { name: filename, size, contentType = 'video/mp4' } = file
  return await client.call<UploadPlace>('POST', '/api/uploads', { filename, contentType, size })
}

/** Bytes that the server holds, by a status query (`bytes *\/total`); `total` once it has everything. */
export async function heldBytes(url: string, total: number): Promise<number> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-range': `bytes */${total}` },
    body: '',
    signal: AbortSignal.timeout(30_000),
  })
  await answer.arrayBuffer()
  if (answer.status === 200) return total
  if (answer.status !== 308) throw new Error(`the status query answered ${answer.status}`)
  return acknowledged(answer.headers.get('range'))
}

function acknowledged(range: string | null): number {
  return range ? Number(range.slice(range.lastIndexOf('-') + 1)) + 1 : 0
}

/** Sends one chunk; gives the number of bytes that the server has acknowledged. */
export async function sendChunk(url: string, file: Buffer, from: number, bytes: number): Promise<number> {
  const to = Math.min(from + bytes, file.length)
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'content-range': `bytes ${from}-${to - 1}/${file.length}`, 'content-type': 'video/mp4' },
    body: new Uint8Array(file.subarray(from, to)),
    signal: AbortSignal.timeout(60_000),
  })
  await answer.arrayBuffer()
  if (answer.status === 200) return file.length
  if (answer.status !== 308) throw new Error(`a chunk from ${from} answered ${answer.status}`)
  return acknowledged(answer.headers.get('range'))
}

/** Declares everything from `from` on, sends `bytes` of it, and breaks the connection off. */
export async function breakOff(url: string, file: Buffer, from: number, bytes: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const put = request(url, {
      method: 'PUT',
      headers: {
        'content-range': `bytes ${from}-${file.length - 1}/${file.length}`,
        'content-length': file.length - from,
      },
    })
    put.on('error', () => resolve())
    put.on('close', () => resolve())
    put.write(file.subarray(from, from + bytes), () => put.destroy())
  })
}

/** Sends the rest of a file in chunks from where the server is; gives how many bytes it had before. */
export async function sendRest(url: string, file: Buffer, chunkBytes = 1024 * 1024): Promise<number> {
  const had = await heldBytes(url, file.length)
  for (let at = had; at < file.length; ) at = await sendChunk(url, file, at, chunkBytes)
  return had
}

/** Waits until the job has ended as `wanted`. @throws Error where it ended otherwise */
export async function uploadEnds(
  client: PortalClient,
  id: string,
  wanted: 'ready' | 'failed',
  ms = 120_000,
): Promise<UploadState> {
  return await until(
    `upload ${id} becomes ${wanted}`,
    async () => {
      const upload = await client.call<UploadState>('GET', `/api/uploads/${id}`)
      if (upload.status === wanted) return upload
      if (['ready', 'failed', 'cancelled'].includes(upload.status))
        throw new Error(`the upload ended as ${upload.status}: ${upload.error ?? ''}`)
      return null
    },
    ms,
    50,
  )
}
