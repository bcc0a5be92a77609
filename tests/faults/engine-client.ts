import { setTimeout as delay } from 'node:timers/promises'
import { put, putSlice } from '../conformance/upload-client.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import type { Cluster } from './engine-cluster.ts'

const PATIENCE_MS = 90_000
const CALL_MS = 15_000

/** A call of the REST API, at any of its processes, tried until one answers and is not too busy. */
export async function callApi(
  cluster: Cluster,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; data: Record<string, unknown> }> {
  return until(
    `${method} ${path} is answered`,
    async () => {
      const answer = await fetch(`${cluster.url('api')}${path}`, {
        method,
        headers: { authorization: cluster.authorization, 'content-type': 'application/json' },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(CALL_MS),
      }).catch(() => null)
      if (!answer || answer.status >= 500) return void (await answer?.arrayBuffer().catch(() => null))
      const text = await answer.text()
      return { status: answer.status, data: text ? (JSON.parse(text).data ?? {}) : {} }
    },
    PATIENCE_MS,
    100,
  )
}

/**
 * Sends a file in pieces, each to any of the processes and some cut off on their way, and goes on from what the
 * engine says it has. Gives the faults it saw: bytes that were acknowledged and then were not there.
 */
export async function sendFile(
  cluster: Cluster,
  path: string,
  file: Buffer,
  random: Random,
  onAcknowledged: (bytes: number) => void,
): Promise<string[]> {
  const faults: string[] = []
  const deadline = Date.now() + PATIENCE_MS
  let acknowledged = 0
  const take = (received: number) => {
    if (received < acknowledged) faults.push(`${acknowledged} bytes acknowledged, then only ${received}`)
    acknowledged = received
    onAcknowledged(received)
  }
  while (Date.now() < deadline) {
    const end = Math.min(file.length, acknowledged + 32_000 + random.below(200_000))
    const url = `${cluster.url('api')}${path}`
    const killAfter = random.below(5) === 0 ? random.below(end - acknowledged) : undefined
    const sent = await putSlice(url, file, acknowledged, end, killAfter === undefined ? {} : { killAfter })
    if (sent?.status === 200) return faults
    if (sent?.status === 308) {
      take(sent.received ?? 0)
      continue
    }
    if (sent && sent.status !== 503 && sent.status !== 408) {
      faults.push(`an upload was answered ${sent.status}: ${sent.text.slice(0, 200)}`)
      return faults
    }
    const told = await put(`${cluster.url('api')}${path}`, { range: `bytes */${file.length}` })
    if (told?.status === 200) return faults
    if (told?.status === 308) take(told.received ?? 0)
    else await delay(100)
  }
  faults.push(`an upload had not ended after ${PATIENCE_MS} ms`)
  return faults
}

/** Plays every segment of every rendition, from any of the delivery processes. Gives what could not be had. */
export async function playAll(
  cluster: Cluster,
  playbackId: string,
): Promise<{ faults: string[]; segments: number }> {
  const faults: string[] = []
  let segments = 0
  const get = async (path: string) => {
    const answer = await fetchPatiently(cluster, path)
    if (answer.status !== 200) faults.push(`playback: ${path.split('/').at(-1)} answered ${answer.status}`)
    return answer
  }
  const urisOf = (text: string) => [
    ...text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    ...[...text.matchAll(/#EXT-X-M[^\n]*URI="([^"]+)"/g)].map(([, uri = '']) => uri),
  ]
  const base = 'http://engine.example'
  const master = await get(`/${playbackId}.m3u8`)
  for (const uri of urisOf(master.body.toString())) {
    const at = new URL(uri, `${base}/${playbackId}.m3u8`)
    const rendition = await get(at.pathname + at.search)
    for (const part of urisOf(rendition.body.toString())) {
      const where = new URL(part, at)
      const { body } = await get(where.pathname + where.search)
      if (body.length === 0) faults.push(`playback: ${part} is empty`)
      segments += 1
    }
  }
  return { faults, segments }
}

async function fetchPatiently(cluster: Cluster, path: string): Promise<{ status: number; body: Buffer }> {
  return until(
    `${path.split('/').at(-1)} is delivered`,
    async () => {
      try {
        const answer = await fetch(`${cluster.url('delivery')}${path}`, {
          signal: AbortSignal.timeout(CALL_MS),
        })
        const body = Buffer.from(await answer.arrayBuffer())
        // A segment whose reading breaks off after its head was sent ends the connection: fetch throws then.
        return answer.status === 503 || answer.status === 500 ? null : { status: answer.status, body }
      } catch {
        return null
      }
    },
    PATIENCE_MS,
    100,
  )
}
