import { writeFile } from 'node:fs/promises'

/** What a master playlist offers, with absolute URLs. */
export type Master = {
  /** Best first. */
  video: { url: string; bandwidth: number; width: number; height: number; frameRate: number }[]
  audio: string[]
}

/** @throws Error with the status where the answer is not 200 */
export async function fetchText(url: string, cookie?: string): Promise<string> {
  return (await fetchBytes(url, cookie)).toString()
}

async function fetchBytes(url: string, cookie?: string): Promise<Buffer> {
  const headers: Record<string, string> = cookie ? { cookie } : {}
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200)
    throw new Error(`${new URL(url).pathname.split('/').at(-1)} answered ${answer.status}`)
  return body
}

/** Reads the master playlist behind a playback URL; that of a share wants the cookie of the viewer it was made for. */
export async function readMaster(playbackUrl: string, cookie?: string): Promise<Master> {
  const lines = (await fetchText(playbackUrl, cookie)).split('\n')
  const audio: string[] = []
  const video: Master['video'] = []
  lines.forEach((line, index) => {
    const uri = /^#EXT-X-MEDIA:TYPE=AUDIO.*URI="([^"]+)"/.exec(line)?.[1]
    if (uri) audio.push(new URL(uri, playbackUrl).href)
    if (!line.startsWith('#EXT-X-STREAM-INF:')) return
    const [, width = '0', height = '0'] = /RESOLUTION=(\d+)x(\d+)/.exec(line) ?? []
    const url = new URL(lines[index + 1] ?? '', playbackUrl).href
    const bandwidth = Number(/[:,]BANDWIDTH=(\d+)/.exec(line)?.[1])
    const frameRate = Number(/FRAME-RATE=([\d.]+)/.exec(line)?.[1] ?? 0)
    // An asset without pictures has its sound as the only variant.
    if (width === '0') audio.push(url)
    else video.push({ url, bandwidth, width: Number(width), height: Number(height), frameRate })
  })
  video.sort((a, b) => b.width * b.height - a.width * a.height || b.bandwidth - a.bandwidth)
  return { video, audio: [...new Set(audio)] }
}

/** URLs of a rendition's parts in order: the initialisation first, then the segments. */
export async function partsOf(renditionUrl: string): Promise<string[]> {
  const text = await fetchText(renditionUrl)
  const map = /#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1]
  const segments = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return [...(map ? [map] : []), ...segments].map((uri) => new URL(uri, renditionUrl).href)
}

/** Fetches every part of a rendition and joins them into one file. */
export async function downloadRendition(renditionUrl: string, file: string): Promise<void> {
  const parts: Buffer[] = []
  for (const url of await partsOf(renditionUrl)) parts.push(await fetchBytes(url))
  await writeFile(file, Buffer.concat(parts))
}
