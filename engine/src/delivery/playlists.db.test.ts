import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#engine/platform/ids.ts'
import type { IngestRun } from '../../../tests/support/ingest-run.ts'
import { AAC, decode, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import { newClaim, type PlaybackNode, type PlaybackStack } from '../../../tests/support/playback-stack.ts'
import { playlistWarnings } from '../../../tests/support/playlist-warnings.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'

const SECONDS = 17.4
const VTT = 'WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nearly\n\n00:00:12.500 --> 00:00:14.000\nlate\n\n'
let playable: PlayableClip
let clip: string
let run: IngestRun
let db: TestDatabase
let stack: PlaybackStack
let node: PlaybackNode
let open: string

beforeAll(async () => {
  const inputs = [...pictures('852x480', SECONDS), ...tone(SECONDS)]
  playable = await createPlayableClip([...inputs, '-c:v', 'mpeg4', '-q:v', '3', ...AAC, '-g', '25'])
  ;({ clip, run, db, stack } = playable)
  node = await stack.node()
  open = await stack.addPlaybackId('public')
}, 120_000)
afterAll(async () => {
  await node?.stop()
  await playable?.remove()
})
afterEach(async () => {
  await db.pool.query(`delete from engine.tracks where asset_id = $1`, [stack.assetId])
  node.delivery.forget('*')
})

const ask = (path: string, init?: RequestInit) => fetch(new URL(path, node.origin), init)
const text = async (path: string) => {
  const answer = await ask(path)
  expect(answer.status, path).toBe(200)
  return await answer.text()
}
const uris = (playlist: string) => playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const masterUrl = async (claims = {}) =>
  `${node.origin}/${stack.playbackId}.m3u8?token=${await stack.token(claims)}`
/** A media playlist of a master's first variant, or of the one whose line matches. */
async function media(url: string, line = /^[^#].*\.m3u8$/m) {
  const found = line.exec(await text(url))!
  const path = `/${found[1] ?? found[0]}`
  return { path, folder: path.slice(0, path.lastIndexOf('/') + 1), text: await text(path) }
}
const AUDIO = /TYPE=AUDIO.*URI="([^"]+)"/
async function addText(changes: { language?: string; name?: string; closedCaptions?: boolean } = {}) {
  const id = newId()
  const key = `assets/${stack.assetId}/text-${id}/captions.vtt`
  await run.storage.put(key, Buffer.from(VTT))
  await db.pool.query(
    `insert into engine.tracks (id, asset_id, type, text_type, language_code, name, closed_captions, object_key,
       created_at) values ($1, $2, 'text', 'subtitles', $3, $4, $5, $6, $7)`,
    [
      ...[id, stack.assetId, changes.language ?? 'en', changes.name ?? null],
      ...[changes.closedCaptions ?? false, key, stack.now],
    ],
  )
  node.delivery.forget('*')
  return id
}

describe('the playlists of a finished video', () => {
  it('hold what they promise, to the byte', async () => {
    await addText()
    expect(await playlistWarnings(await masterUrl())).toEqual([])
    expect(await text(await masterUrl())).toMatch(/I-FRAME.*\n.*I-FRAME/)
  }, 60_000)

  it.each([
    ['BANDWIDTH', `bandwidth = 1000`],
    ['AVERAGE-BANDWIDTH', `average_bandwidth = 1000`],
    ['CODECS', `codecs = 'avc1.4d401f'`],
    ['RESOLUTION', `width = width + 2`],
    ['EXTINF', `segments = jsonb_set(segments, '{0,0}', '3.5')`],
    ['decodes to', `iframes = jsonb_set(iframes, '{0,2}', '900')`],
    ['does not begin with a fragment', `iframes = jsonb_set(iframes, '{1,1}', '77')`],
    ['BANDWIDTH', `iframe_bandwidth = 1000`],
  ])(
    'are found out where they lie about %s',
    async (word, change) => {
      const { rows } = await db.pool.query(`select * from engine.renditions where name = '480p'`)
      await db.pool.query(`update engine.renditions set ${change} where name = '480p'`)
      node.delivery.forget('*')
      const warnings = await playlistWarnings(await masterUrl()).catch((error: Error) => [error.message])
      const { bandwidth, average_bandwidth, codecs, width, segments, iframes, iframe_bandwidth } = rows[0]
      await db.pool.query(
        `update engine.renditions set bandwidth = $1, average_bandwidth = $2, codecs = $3, width = $4, segments = $5,
         iframes = $6, iframe_bandwidth = $7 where name = '480p'`,
        [
          ...[bandwidth, average_bandwidth, codecs, width, JSON.stringify(segments), JSON.stringify(iframes)],
          iframe_bandwidth,
        ],
      )
      expect(warnings.join('\n')).toContain(word)
    },
    30_000,
  )

  it('can be played through the second path of redundant streams', async () => {
    const second = /^(?!#).*redundant.*$/m
    const { path, text: playlist } = await media(`/${open}.m3u8?redundant_streams=true`, second)
    expect((await ask(new URL(uris(playlist)[0]!, node.origin + path).pathname)).status).toBe(200)
    expect(await playlistWarnings(`${node.origin}/${open}.m3u8?redundant_streams=true`)).toEqual([])
  }, 30_000)

  it('take the parameters of Mux, and refuse malformed ones', async () => {
    for (const query of ['roku_trick_play=true', 'exclude_pdt=true', 'default_subtitles_lang=en-AU'])
      expect((await ask(`/${open}.m3u8?${query}`)).status, query).toBe(200)
    for (const query of [
      ...['default_subtitles_lang=e', 'asset_start_time=x', 'asset_start_time=9&asset_end_time=9'],
      ...[
        'asset_start_time=18',
        'program_start_time=1',
        'program_end_time=1700000000',
        'rendition_order=asc',
      ],
    ])
      expect((await ask(`/${open}.m3u8?${query}`)).status, query).toBe(400)
  })
})

describe('a growing rendition', () => {
  const grow = async (count: number | null) => {
    const values = { status: count === null ? 'ready' : 'growing', count: count ?? 100 }
    await db.pool.query(
      `update engine.renditions set status = $1, segments = (select jsonb_agg(s order by i)
         from jsonb_array_elements(whole) with ordinality as each(s, i) where i <= $2)`,
      [values.status, values.count],
    )
  }
  beforeAll(async () => {
    await db.pool.query('alter table engine.renditions add column whole jsonb')
    await db.pool.query('update engine.renditions set whole = segments')
  })
  afterAll(async () => {
    await grow(null)
    node.delivery.forget('*')
  })

  it('is followed from its beginning to its end, never from a cache older than half a second', async () => {
    await grow(1)
    node.delivery.forget('*')
    const url = await masterUrl()
    expect(await text(url)).not.toContain('I-FRAME')
    expect(await playlistWarnings(url)).toEqual([])
    const first = await media(url)
    expect(first.path).toMatch(/\/event\.m3u8$/)
    expect(uris(first.text)).toEqual(['0.m4s'])
    expect((await ask(`${first.folder}400.m4s`)).headers.get('cache-control')).toContain('no-store')
    expect((await ask(`${first.folder}400.m4s`)).status).toBe(404)
    await grow(2)
    await delay(500)
    const second = await text(first.path)
    expect(second.startsWith(first.text)).toBe(true)
    expect(uris(second)).toEqual(['0.m4s', '1.m4s'])
    await grow(null)
    await delay(500)
    const closed = await text(first.path)
    expect(closed.startsWith(second)).toBe(true)
    expect(closed.endsWith('#EXT-X-ENDLIST\n')).toBe(true)
    const decoded = await decode(`${node.origin}${first.path}`, 'v', ['-allowed_extensions', 'ALL'])
    expect(decoded.frames).toBe((await decode(clip, 'v')).frames)
    await delay(500)
    expect((await media(await masterUrl())).text).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
  }, 30_000)

  it('is not kept by anybody, and not waited for once its ingest has failed', async () => {
    await grow(1)
    node.delivery.forget('*')
    const { path } = await media(`/${open}.m3u8`)
    expect((await ask(path)).headers.get('cache-control')).toContain('no-store')
    await db.pool.query(`update engine.assets set status = 'errored'`)
    node.delivery.forget('*')
    expect((await ask(path)).status).toBe(404)
    await db.pool.query(`update engine.assets set status = 'ready'`)
  })
})

describe('a clip', () => {
  const claims = { asset_start_time: 9, asset_end_time: 11.5 }

  it('lists, and opens, only the segments that hold it: picture, sound and keyframes', async () => {
    const url = await masterUrl({ session: newClaim(), ...claims })
    const picture = await media(url)
    expect(uris(picture.text).map((uri) => uri.split('/').at(-1))).toEqual(['2.m4s'])
    expect(picture.text).toContain('#EXT-X-START:TIME-OFFSET=1,PRECISE=YES')
    const sound = await media(url, AUDIO)
    const iframes = await media(url, /I-FRAME-STREAM-INF.*URI="([^"]+)"/)
    expect(new Set(uris(iframes.text))).toEqual(new Set(['2.m4s']))
    for (const { folder, text: playlist, path } of [picture, sound]) {
      const listed = new Set(uris(playlist).map((uri) => folder + uri))
      const rendition = path.slice(folder.length, -'.m3u8'.length)
      for (const file of ['0.m4s', '1.m4s', '2.m4s', '3.m4s', '4.m4s']) {
        const segment = `${folder}${rendition}/${file}`
        for (const guess of [segment, segment.replace(rendition, `redundant/${rendition}`)])
          expect([guess, (await ask(guess)).status]).toEqual([guess, listed.has(segment) ? 200 : 403])
      }
      expect((await ask(`${folder}${rendition}/init.mp4`)).status).toBe(200)
    }
    expect(await playlistWarnings(await masterUrl(claims))).toEqual([])
  }, 30_000)

  it('is of the newest token of its session', async () => {
    const session = newClaim()
    const whole = await media(await masterUrl({ session }))
    const segment = whole.folder + uris(whole.text)[0]
    expect((await ask(segment)).status).toBe(200)
    await text(await masterUrl({ session, ...claims }))
    node.delivery.forget('*')
    expect((await ask(segment)).status).toBe(403)
    expect((await ask(whole.path)).status).toBe(200)
  })

  it('can be had of a public video by its query', async () => {
    const { text: playlist, path } = await media(`/${open}.m3u8?asset_start_time=12`)
    expect(uris(playlist).map((uri) => uri.split('/').at(-1))).toEqual(
      ['3.m4s', '4.m4s'].slice(0, uris(playlist).length),
    )
    const guess = path.replace(/\.m3u8$/, '/0.m4s')
    expect((await ask(guess)).status).toBe(403)
  })
})

describe('text tracks', () => {
  it('show at their time, on the clock of the media', async () => {
    await addText({ name: 'English CC', closedCaptions: true })
    const master = await text(await masterUrl({ default_subtitles_lang: 'en' }))
    expect(master).toMatch(/TYPE=SUBTITLES,.*NAME="English CC",LANGUAGE="en",AUTOSELECT=YES,DEFAULT=YES/)
    expect(master).toMatch(/STREAM-INF.*SUBTITLES="text"/)
    const playlist = await media(await masterUrl(), /TYPE=SUBTITLES.*URI="([^"]+)"/)
    const answer = await ask(playlist.folder + uris(playlist.text)[0])
    expect(answer.headers.get('content-type')).toBe('text/vtt; charset=utf-8')
    expect(await answer.text()).toBe(
      VTT.replace('WEBVTT\n', 'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n'),
    )
    expect(
      (await ask(`${playlist.folder + uris(playlist.text)[0]}`.replace('/0.vtt', '/1.vtt'))).status,
    ).toBe(404)
  })

  it('that the source marks as forced are shown unasked', async () => {
    const ids = [await addText(), await addText()]
    await db.pool.query('update engine.tracks set stream_index = 3 where id = $1', [ids[1]])
    const subtitles = [
      { index: 2, forced: false },
      { index: 3, forced: true },
    ]
    await db.pool.query('update engine.assets set media = $1', [JSON.stringify({ subtitles })])
    node.delivery.forget('*')
    const lines = (await text(await masterUrl())).match(/^.*TYPE=SUBTITLES.*$/gm)!
    const forced = ids.map((id) => /FORCED=(\w+)/.exec(lines.find((line) => line.includes(id))!)![1])
    expect(forced).toEqual(['NO', 'YES'])
  })

  it('of a clip hold what is said in it', async () => {
    await addText()
    const playlist = await media(
      await masterUrl({ asset_start_time: 12, asset_end_time: 15 }),
      /TYPE=SUBTITLES.*URI="([^"]+)"/,
    )
    const piece = await text(playlist.folder + uris(playlist.text)[0])
    expect(piece).toContain('late')
    expect(piece).not.toContain('early')
  })

  it('can be had whole, as WebVTT and as a transcript, with a video token', async () => {
    const id = await addText()
    const token = await stack.token()
    expect(await text(`/${stack.playbackId}/text/${id}.vtt?token=${token}`)).toBe(VTT)
    expect(await text(`/${stack.playbackId}/text/${id}.txt?token=${token}`)).toBe('early\nlate\n')
    expect(await text(`/${open}/text/${id}.vtt`)).toBe(VTT)
    const cut = await stack.token({ asset_start_time: 12, asset_end_time: 15 })
    expect(await text(`/${stack.playbackId}/text/${id}.txt?token=${cut}`)).toBe('late\n')
    expect((await ask(`/${stack.playbackId}/text/${id}.vtt`)).status).toBe(403)
    const thumbnail = await stack.token({ aud: 't' })
    expect((await ask(`/${stack.playbackId}/text/${id}.vtt?token=${thumbnail}`)).status).toBe(403)
    expect((await ask(`/${open}/text/${newId()}.vtt`)).status).toBe(404)
  })
})
