import assert from 'node:assert/strict'
import { type Check, check, ownCheck, until } from './check.ts'
import { call } from './rest-client.ts'
import type { Target } from './target.ts'
import { claimsFor, newSession, sharedKey, sign } from './token-client.ts'
import { makeClip, sharedVideo, uploadVideo, type Video, waitForLadder } from './video-client.ts'

const HOUR = 3600
const now = () => Math.floor(Date.now() / 1000)
/** The hour that runs and the one before, should it turn meanwhile. */
const lately = () => {
  const hour = Math.floor(now() / HOUR) * HOUR
  return `timeframe[]=${hour - HOUR}&timeframe[]=${hour + HOUR}`
}
const usageOf = async (target: Target, query: string) =>
  call(target, 'GET', `/video/v1/delivery-usage?${query}`)

type Segment = { url: string; seconds: number }

/** The segments of one rendition of a video, the first that matches, with what the playlist says they last. */
async function segmentsOf(target: Target, video: Video, line: RegExp): Promise<Segment[]> {
  const claims = claimsFor(video.playbackId, { session: newSession() })
  const token = await sign(await sharedKey(target), claims)
  const master = await (await target.fetch(`${target.url}/${video.playbackId}.m3u8?token=${token}`)).text()
  const address = line.exec(master)?.[1]
  assert.ok(address, master)
  const url = new URL(address, `${target.url}/`)
  const playlist = await (await target.fetch(url)).text()
  return [...playlist.matchAll(/#EXTINF:([\d.]+).*\n(?:#.*\n)*([^#\n]+)/g)].map(([, seconds, path]) => ({
    url: new URL(path!, url).href,
    seconds: Number(seconds),
  }))
}

const VIDEO = /#EXT-X-STREAM-INF.*\n(.+)/
const AUDIO = /#EXT-X-MEDIA:TYPE=AUDIO.*URI="([^"]+)"/

async function fetched(target: Target, url: string, headers = {}): Promise<number> {
  const answer = await target.fetch(url, { headers })
  assert.ok(answer.status === 200 || answer.status === 206, String(answer.status))
  return (await answer.arrayBuffer()).byteLength
}

/** Seconds by tier of one asset, once they add up to what was sent; playlists round to microseconds. */
async function counted(target: Target, assetId: string, seconds: number) {
  return until(`${seconds} delivered seconds`, async () => {
    const { json } = await usageOf(target, `${lately()}&asset_id=${assetId}`)
    const row = json.data[0]
    return row && Math.abs(row.delivered_seconds - seconds) < 0.01 ? row : null
  })
}

const videos = new WeakMap<Target, Promise<Video>>()
/** A video that only these checks play. */
function countedVideo(target: Target): Promise<Video> {
  const known =
    videos.get(target) ??
    makeClip(10).then(async (clip) => {
      const video = await uploadVideo(target, clip)
      await waitForLadder(target, video.assetId)
      return video
    })
  videos.set(target, known)
  return known
}

export const usageChecks: Check[] = [
  ownCheck(
    'delivered seconds are those of the segments that were sent, whole and in part',
    async (target, own) => {
      const video = await countedVideo(target)
      const segments = await segmentsOf(target, video, VIDEO)
      let expected = 0
      for (const { url, seconds } of segments) {
        const size = await fetched(target, url)
        const part = await fetched(target, url, { range: `bytes=0-${Math.floor(size / 4) - 1}` })
        expected += seconds + (seconds * part) / size
        await target.fetch(url, { method: 'HEAD' })
        await target.fetch(url, { headers: { 'if-none-match': '*' } })
      }
      for (const { url } of await segmentsOf(target, video, AUDIO)) await fetched(target, url)
      const row = await counted(target, video.assetId, expected)
      assert.deepEqual(Object.keys(row.delivered_seconds_by_resolution), ['tier_720p'])
      // A process that is killed right after an answer has counted it.
      const [first] = segments
      await fetched(target, first!.url)
      await own.crash()
      await counted(target, video.assetId, expected + first!.seconds)
    },
  ),
  ownCheck('a deleted asset stays in the usage, without what was written about it', async (target) => {
    const video = await uploadVideo(target, await makeClip(4), { passthrough: 'a person’s words' })
    await waitForLadder(target, video.assetId)
    const [segment] = await segmentsOf(target, video, VIDEO)
    await fetched(target, segment!.url)
    await target.mux.video.assets.delete(video.assetId)
    const row = await counted(target, video.assetId, segment!.seconds)
    assert.equal(row.asset_state, 'deleted')
    assert.match(row.deleted_at, /^\d{10}$/)
    assert.equal(row.passthrough, undefined)
  }),
  check('the SDK’s loop over delivery usage ends, and pages say which they are', async (target) => {
    const { assetId } = await sharedVideo(target)
    let rows = 0
    for await (const row of target.mux.video.deliveryUsage.list({ limit: 1 })) {
      assert.ok(row.asset_id)
      rows += 1
      assert.ok(rows < 1000)
    }
    const { json } = await usageOf(target, `asset_id=${assetId}&page=7&limit=3`)
    assert.deepEqual([json.page, json.limit, json.data], [7, 3, []])
    assert.equal(typeof json.total_row_count, 'number')
    const [from, to] = json.timeframe
    assert.equal(to - from, HOUR)
  }),
  check('delivery usage is sorted by seconds, most first', async (target) => {
    const { json } = await usageOf(target, lately())
    if (json.error) return
    const seconds = json.data.map((row: { delivered_seconds: number }) => row.delivered_seconds)
    assert.deepEqual(
      seconds,
      seconds.toSorted((a: number, b: number) => b - a),
    )
  }),
  check('delivery usage refuses windows and filters that make no sense', async (target) => {
    const from = now() - 20 * HOUR
    const wrong = [
      'asset_id=a&live_stream_id=b',
      `timeframe[]=${from}`,
      `timeframe[]=${from}&timeframe[]=${from - HOUR}`,
      'timeframe[]=yesterday&timeframe[]=today',
      `timeframe[]=${now() - 91 * 24 * HOUR}&timeframe[]=${from}`,
      `timeframe[]=${from}&timeframe[]=${now() + 3 * HOUR}`,
      'limit=none',
    ]
    for (const query of wrong) {
      const { status, json } = await usageOf(target, query)
      assert.equal(status, 400, query)
      assert.equal(json.error.type, 'invalid_parameters')
    }
    assert.deepEqual((await usageOf(target, 'live_stream_id=none')).json.data, [])
  }),
  check('usage exports are listed through the SDK', async (target) => {
    const { data, meta } = await target.mux.system.usageExports.list()
    assert.equal(meta.page, 1)
    assert.equal(meta.limit, 25)
    assert.ok(data.length <= meta.total)
    for (const each of data) assert.equal((await fetch(each.download_url)).status, 200)
  }),
  check('usage exports refuse as documented', async (target) => {
    const exports = (query: string) => call(target, 'GET', `/system/v1/usage/exports?${query}`)
    for (const query of [
      'timeframe[]=soon',
      'timeframe[]=1',
      'download_url_ttl=0',
      'download_url_ttl=604801',
    ]) {
      assert.equal((await exports(query)).status, 400, query)
    }
    const long = now() - 900 * 24 * HOUR
    assert.equal((await exports(`timeframe[]=${long}&timeframe[]=${long + HOUR}`)).status, 404)
    const forged = `/system/v1/usage/exports/2026-01-01.csv?expires=${now() + 60}&signature=${'A'.repeat(43)}`
    // Not an operation of the document, and without credentials.
    assert.equal((await fetch(`${target.url}${forged}`)).status, 403)
  }),
]
