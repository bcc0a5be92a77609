import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BrowserContext, Route } from '@playwright/test'

export type MuxStream = {
  /** Segments sent, by the expiry that stood in their URL (epoch seconds). */
  sentBy: Map<number, number>
  /** Requests with a URL whose time was over, or that was never signed. */
  refused: number
  stop(): Promise<void>
}

const CORS = { 'access-control-allow-origin': '*' }

/**
 * Answers a browser in place of stream.mux.com and the hosts behind it, as Mux delivers signed playback: the token's
 * expiry signs the URL of each playlist, the playlist's that of each segment, and every answer names other URLs than the
 * one before. Whatever its token says, any playback ID is this one clip.
 */
export async function answerForMux(context: BrowserContext, clip: string): Promise<MuxStream> {
  const folder = await segmentsOf(clip)
  const secret = randomBytes(32)
  const stream: MuxStream = {
    sentBy: new Map(),
    refused: 0,
    stop: () => rm(folder, { recursive: true, force: true }),
  }
  const signatureOf = (path: string, expires: number) =>
    createHmac('sha256', secret).update(`${path} ${expires}`).digest('base64url')
  const signed = (host: string, name: string, expires: number) => {
    const path = `/${randomBytes(9).toString('base64url')}/${name}`
    return `https://${host}${path}?expires=${expires}&signature=${signatureOf(path, expires)}`
  }
  const refuse = (route: Route) => {
    stream.refused += 1
    return route.fulfill({ status: 403, headers: CORS })
  }
  const playlist = (route: Route, body: string) =>
    route.fulfill({ body, headers: { ...CORS, 'content-type': 'application/vnd.apple.mpegurl' } })

  await context.route('https://*.mux.com/**', async (route) => {
    const { hostname, pathname, searchParams } = new URL(route.request().url())
    if (hostname === 'image.mux.com') return await route.fulfill({ status: 404, headers: CORS })
    const asked = hostname === 'stream.mux.com'
    const expires = asked ? expiryOf(searchParams.get('token') ?? '') : Number(searchParams.get('expires'))
    const genuine = asked || searchParams.get('signature') === signatureOf(pathname, expires)
    if (!genuine || !(expires * 1000 > Date.now())) return await refuse(route)
    if (asked)
      return await playlist(route, `${MASTER}\n${signed('manifest.mux.com', 'rendition.m3u8', expires)}\n`)
    const name = pathname.split('/').at(-1) ?? ''
    const file = join(folder, name)
    if (name === 'rendition.m3u8') {
      const text = await readFile(file, 'utf8')
      const sign = (part: string) => signed('chunk.mux.com', part, expires)
      return await playlist(
        route,
        text.replace(/URI="([^"]+)"/g, (_, part) => `URI="${sign(part)}"`).replace(/^\w.*$/gm, sign),
      )
    }
    stream.sentBy.set(expires, (stream.sentBy.get(expires) ?? 0) + 1)
    await route.fulfill({ body: await readFile(file), headers: { ...CORS, 'content-type': 'video/mp4' } })
  })
  return stream
}

const MASTER = [
  '#EXTM3U',
  '#EXT-X-VERSION:7',
  '#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=320x180,CODECS="avc1.42c00d,mp4a.40.2"',
].join('\n')

function expiryOf(token: string): number {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}')
  return Number(claims.exp)
}

async function segmentsOf(clip: string): Promise<string> {
  const folder = await mkdtemp('/tmp/mm-mux-')
  const hls = ['-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4']
  const names = ['-hls_segment_filename', join(folder, 'part%d.m4s'), join(folder, 'rendition.m3u8')]
  const args = ['-v', 'error', '-nostdin', '-i', clip, '-c', 'copy', ...hls, ...names]
  await promisify(execFile)(process.env.FFMPEG_PATH ?? 'ffmpeg', args)
  return folder
}
