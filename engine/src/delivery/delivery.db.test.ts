import { createHash, generateKeyPairSync } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import Hls from 'hls-parser'
// @ts-expect-error it ships no types
import { Parser } from 'm3u8-parser'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { playbackSessionId } from '#engine/platform/playback-session-id.ts'
import type { StoredBody } from '#engine/storage/port.ts'
import { createIngestRun, type IngestRun } from '../../../tests/support/ingest-run.ts'
import { lastServed } from '../../../tests/support/last-served.ts'
import { AAC, type ClipFolder, decode, pictures, tone } from '../../../tests/support/media-clips.ts'
import { createPlayableClip, type PlayableClip } from '../../../tests/support/playable-clip.ts'
import { newClaim, type PlaybackNode, type PlaybackStack } from '../../../tests/support/playback-stack.ts'
import type { TestDatabase } from '../../../tests/support/test-postgres.ts'

let playable: PlayableClip
let clips: ClipFolder
let clip: string
let run: IngestRun
let db: TestDatabase
let stack: PlaybackStack
let node: PlaybackNode

beforeAll(async () => {
  const inputs = [...pictures('640x360', 9.4), ...tone(9.4)]
  playable = await createPlayableClip([...inputs, '-c:v', 'mpeg4', '-q:v', '3', ...AAC, '-g', '25'])
  ;({ clip, clips, run, db, stack } = playable)
  node = await stack.node()
}, 90_000)
afterAll(async () => {
  await node?.stop()
  await playable?.remove()
})
afterEach(() => {
  stack.now = new Date('2026-11-22T10:00:00Z')
})

const ask = (path: string, init?: RequestInit, on = node) => fetch(`${on.origin}${path}`, init)
const master = async (changes = {}, on = node) =>
  ask(`/${stack.playbackId}.m3u8?token=${await stack.token(changes)}`, undefined, on)
const lines = (playlist: string) =>
  playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
/** Paths of a session's first rendition playlist and first segment. */
async function start(changes = {}, on = node) {
  const [rendition] = lines(await (await master(changes, on)).text())
  const playlist = `/${rendition}`
  const folder = playlist.slice(0, playlist.lastIndexOf('/') + 1)
  const [segment] = lines(await (await ask(playlist, undefined, on)).text())
  return { playlist, segment: folder + segment, folder }
}

describe('a player', () => {
  it('decodes the whole video through the playlists', async () => {
    const url = `${node.origin}/${stack.playbackId}.m3u8?token=${await stack.token()}`
    const input = ['-allowed_extensions', 'ALL']
    const [source, picture, sound] = await Promise.all([
      decode(clip, 'v'),
      decode(url, 'v', input),
      decode(url, 'a', input),
    ])
    expect(picture.frames).toBe(source.frames)
    expect(Math.abs(picture.last - picture.first - (source.last - source.first))).toBeLessThan(0.002)
    expect(Math.abs(picture.first - sound.first)).toBeLessThan(0.04)
  }, 30_000)

  it('gets playlists that two independent parsers read without a warning', async () => {
    const text = await (await master()).text()
    const parsed = Hls.parse(text) as Hls.types.MasterPlaylist
    expect(parsed.independentSegments).toBe(true)
    const variants = parsed.variants.filter((variant) => !variant.isIFrameOnly)
    expect(variants.map((variant) => [variant.codecs, variant.resolution, variant.frameRate])).toEqual([
      [expect.stringMatching(/^avc1\.6400[0-9a-f]{2},mp4a\.40\.2$/), { width: 640, height: 360 }, 25],
    ])
    const [variant] = variants
    expect(variant!.bandwidth).toBeGreaterThanOrEqual(variant!.averageBandwidth!)
    expect(variant!.audio[0]).toMatchObject({ groupId: 'audio', channels: '2', isDefault: true })
    const warnings: unknown[] = []
    for (const playlist of [text, ...(await mediaTexts(parsed))]) {
      const parser = new Parser()
      parser.on('warn', (warning: unknown) => warnings.push(warning))
      parser.on('info', (info: unknown) => warnings.push(info))
      parser.push(playlist)
      parser.end()
      const media = Hls.parse(playlist)
      if (!media.isMasterPlaylist) expect(parser.manifest.segments).toHaveLength(media.segments.length)
    }
    expect(warnings).toEqual([])
  })

  async function mediaTexts(playlist: Hls.types.MasterPlaylist): Promise<string[]> {
    const uris = [playlist.variants[0]!.uri, playlist.variants[0]!.audio[0]!.uri!]
    return await Promise.all(uris.map(async (uri) => (await ask(`/${uri}`)).text()))
  }

  it('[ASVS-3.4.2, ASVS-14.2.2] is kept from storing what was signed for it, on any origin', async () => {
    const { playlist, segment } = await start()
    for (const path of [playlist, segment]) {
      const { headers } = await ask(path)
      expect(headers.get('cache-control')).toBe('private, no-store')
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    const preflight = await ask(segment, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
    ])
    const post = await ask(segment, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
})

describe('[SPS-05] no playback without a right token', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

  it.each([
    ['none', 'no_token', async () => ''],
    ['another audience', 'wrong_audience', () => stack.token({ aud: 't' })],
    ['another video', 'wrong_subject', () => stack.token({ sub: 'A'.repeat(44) })],
    ['an expired one', 'expired', () => stack.token({ exp: 1_700_000_000 })],
    ['none that ends', 'malformed_token', () => stack.token({ exp: undefined })],
    ['an end that is text', 'malformed_token', () => stack.token({ exp: '9999999999' })],
    ['an unknown key', 'unknown_key', () => stack.token({ kid: 'unknown' })],
    ['no key', 'malformed_token', () => stack.token({ kid: undefined })],
    ['two keys', 'malformed_token', () => stack.token({}, { kid: 'another' })],
    ['a foreign signature', 'bad_signature', () => stack.token({}, {}, other)],
    ['a restriction that cannot be kept', 'restricted', () => stack.token({ playback_restriction_id: 'x' })],
    ['a malformed session', 'malformed_token', () => stack.token({ session: 'short' })],
    ['no algorithm', 'malformed_token', async () => withHeader({ alg: 'none' })],
    ['the public key as a shared secret', 'malformed_token', async () => withHeader({ alg: 'HS256' })],
    [
      'a critical extension',
      'malformed_token',
      async () => withHeader({ alg: 'RS256', crit: ['b64'], b64: false }),
    ],
    ['letters that decode alike', 'malformed_token', async () => `${(await stack.token()).slice(0, -1)}_`],
    ['a padded part', 'malformed_token', async () => `${await stack.token()}==`],
    ['not a token', 'malformed_token', async () => 'a.b'],
  ])('refuses %s', async (_, reason, make) => {
    const token = await make()
    node.refusals.length = 0
    const answer = await ask(`/${stack.playbackId}.m3u8${token ? `?token=${token}` : ''}`)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ error: { type: 'forbidden', messages: ['Not allowed.'] } })
    expect(node.refusals).toMatchObject([{ playbackId: stack.playbackId, resource: 'video', reason }])
    if (token.length > 20) expect(JSON.stringify(node.refusals)).not.toContain(token)
  })

  async function withHeader(header: Record<string, unknown>): Promise<string> {
    const [, payload, signature] = (await stack.token()).split('.')
    return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.')
  }

  it('[ASVS-9.1.3] accepts the key in the header, in the payload, or in both alike', async () => {
    const both: [object, object][] = [
      [{ kid: undefined }, { kid: stack.keyId }],
      [{}, {}],
      [{}, { kid: stack.keyId }],
    ]
    for (const [claims, header] of both) {
      const token = await stack.token(claims as never, header as never)
      expect((await ask(`/${stack.playbackId}.m3u8?token=${token}`)).status).toBe(200)
    }
  })

  it('[SPS-11] refuses a token to every browser but the one it was made for, on whatever network', async () => {
    const client = createHash('sha256').update('known to one browser').digest('base64url')
    const url = `/${stack.playbackId}.m3u8?token=${await stack.token({ session: newClaim(), client })}`
    const withCookie = (cookie: string) => ask(url, { headers: { cookie } })
    expect((await withCookie('a=b; viewer=known to one browser')).status).toBe(200)
    node.refusals.length = 0
    expect((await withCookie('viewer=known to another')).status).toBe(403)
    expect((await ask(url)).status).toBe(403)
    expect(node.refusals.map(({ reason }) => reason)).toEqual(['replayed', 'replayed'])
    expect((await withCookie('viewer=known to one browser')).status).toBe(200)
  })

  it('[ASVS-9.1.1] refuses segment URLs that were changed, or belong to another video', async () => {
    const { segment } = await start()
    const elsewhere = await stack.addPlaybackId('signed')
    const [, , session] = segment.split('/')
    const [sid, signature] = session!.split('.')
    const turned = `${sid}.${signature!.slice(0, -2)}${signature!.endsWith('AA') ? 'BB' : 'AA'}`
    for (const path of [
      segment.replace(session!, turned),
      segment.replace(sid!, playbackSessionId(stack.playbackId, newClaim())),
      segment.replace(stack.playbackId, elsewhere),
    ]) {
      expect((await ask(path)).status, path).toBe(403)
    }
  })

  it('answers 404 to what is unknown, 412 to what is not ready, 400 to odd parameters', async () => {
    expect((await ask(`/${'A'.repeat(44)}.m3u8`)).status).toBe(404)
    expect((await ask(`/${stack.playbackId}/anything.txt`)).status).toBe(404)
    expect((await master({ max_resolution: '123p' })).status).toBe(400)
    await db.pool.query('update engine.assets set playable_at = null')
    node.delivery.forget(stack.playbackId)
    expect((await master()).status).toBe(412)
    await db.pool.query('update engine.assets set playable_at = created_at')
    node.delivery.forget(stack.playbackId)
    expect((await master()).status).toBe(200)
  })

  it('leaves every other path alone', async () => {
    for (const path of [
      '/',
      '/video/v1/assets',
      `/${'A'.repeat(43)}.m3u8`,
      `/${'A'.repeat(45)}/x`,
      `/${'A'.repeat(44)}`,
    ]) {
      expect((await ask(path)).status, path).toBe(418)
    }
  })
})

describe('[SPS-02] a session', () => {
  it('[ASVS-9.2.1] dies with its newest token, and renewal changes no URL', async () => {
    const session = newClaim()
    const first = await start({ session })
    stack.now = new Date(stack.now.getTime() + 299_000)
    expect((await ask(first.segment)).status).toBe(200)
    const renewed = await start({ session })
    expect(renewed).toEqual(first)
    stack.now = new Date(stack.now.getTime() + 299_000)
    expect((await ask(first.segment)).status).toBe(200)
    stack.now = new Date(stack.now.getTime() + 2000)
    expect((await ask(first.segment)).status).toBe(403)
    expect((await ask(first.playlist)).status).toBe(403)
    expect((await ask((await start({ session })).segment)).status).toBe(200)
  })

  it('is not shortened by an older token', async () => {
    const session = newClaim()
    const { segment } = await start({ session })
    await start({ session, exp: Math.floor(stack.now.getTime() / 1000) + 10 })
    stack.now = new Date(stack.now.getTime() + 100_000)
    expect((await ask(segment)).status).toBe(200)
  })

  it('ends at once where it is revoked, and never opens again', async () => {
    const session = newClaim()
    const { segment, playlist } = await start({ session })
    expect((await ask(segment)).status).toBe(200)
    await revoke(session)
    node.delivery.forget(stack.playbackId)
    expect((await ask(segment)).status).toBe(403)
    expect((await ask(playlist)).status).toBe(403)
    expect((await master({ session })).status).toBe(403)
    expect((await ask((await start()).segment)).status).toBe(200)
  })

  it('ends in other processes when they hear of it, and within half a second if they do not', async () => {
    const deaf = await stack.node({ deaf: true })
    const session = newClaim()
    const { segment } = await start({ session })
    for (const on of [node, deaf]) expect((await ask(segment, undefined, on)).status).toBe(200)
    const servedBy = (on: PlaybackNode) =>
      lastServed(async () => {
        const answer = await ask(segment, undefined, on)
        await answer.arrayBuffer()
        return answer.status
      })
    await revoke(session)
    const revoked = performance.now()
    await stack.tell(stack.playbackId)
    await servedBy(node)
    expect((await servedBy(deaf)) - revoked).toBeLessThan(510)
    await deaf.stop()
  })

  it('ends with its playback ID, its signing key and its asset', async () => {
    for (const [table, id] of [
      ['playback_ids', stack.playbackId],
      ['signing_keys', stack.keyId],
      ['assets', stack.assetId],
    ]) {
      const { segment } = await start()
      await db.pool.query(`update engine.${table} set deleted_at = now() where id = $1`, [id])
      node.delivery.forget('*')
      expect((await ask(segment)).status, table).toBe(403)
      await db.pool.query(`update engine.${table} set deleted_at = null where id = $1`, [id])
      node.delivery.forget('*')
      expect((await ask(segment)).status, table).toBe(200)
    }
  })

  it('does not outlive a revocation that overtakes the question about it', async () => {
    const session = newClaim()
    const { segment } = await start({ session })
    node.delivery.forget('*')
    const running = ask(segment)
    await revoke(session)
    node.delivery.forget(stack.playbackId)
    await running
    expect((await ask(segment)).status).toBe(403)
  })

  const revoke = (session: string) =>
    db.pool.query('update engine.playback_sessions set revoked_at = $2 where id = $1', [
      playbackSessionId(stack.playbackId, session),
      stack.now,
    ])
})

describe('a public playback ID', () => {
  it('plays without a token and refuses one', async () => {
    const id = await stack.addPlaybackId('public')
    const text = await (await ask(`/${id}.m3u8?max_resolution=720p`)).text()
    const answer = await ask(`/${lines(text)[0]}`)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=60'])
    expect((await ask(`/${id}.m3u8?token=${await stack.token({ sub: id })}`)).status).toBe(403)
    expect((await ask(`/${id}.m3u8?max_resolution=1p`)).status).toBe(400)
  })
})

describe('bytes', () => {
  const ranges: [string, number, string | null][] = [
    ['bytes=0-99', 206, 'bytes 0-99/'],
    ['bytes=100-', 206, 'bytes 100-'],
    ['bytes=-10', 206, null],
    ['bytes=99999999-', 416, 'bytes */'],
    ['bytes=5-1', 200, null],
    ['bytes=0-1,4-5', 200, null],
    ['chairs=0-1', 200, null],
  ]

  it.each([
    ['from memory', undefined],
    ['streamed', 1],
  ])('come whole, by range and conditionally, %s', async (_, segmentCacheBytes) => {
    const on = await stack.node({ segmentCacheBytes })
    const { segment } = await start({}, on)
    const whole = await ask(segment, undefined, on)
    const bytes = Buffer.from(await whole.arrayBuffer())
    const [rendition, file] = segment.split('/').slice(-2)
    const folder = run.renditions.find(({ name }) => name === rendition)!.folder
    expect(bytes).toEqual(await run.storage.readAll(folder + file))
    expect(whole.headers.get('content-type')).toBe('video/mp4')
    for (const [range, status, contentRange] of ranges) {
      const part = await ask(segment, { headers: { range } }, on)
      const got = Buffer.from(await part.arrayBuffer())
      expect(part.status, range).toBe(status)
      if (contentRange) expect(part.headers.get('content-range'), range).toContain(contentRange)
      if (range === 'bytes=0-99') expect(got).toEqual(bytes.subarray(0, 100))
      if (range === 'bytes=-10') expect(got).toEqual(bytes.subarray(-10))
      if (status === 200) expect(got).toEqual(bytes)
    }
    const etag = whole.headers.get('etag')!
    expect((await ask(segment, { headers: { 'if-none-match': `"x", ${etag}` } }, on)).status).toBe(304)
    expect((await ask(segment, { headers: { range: 'bytes=0-9', 'if-range': etag } }, on)).status).toBe(206)
    expect((await ask(segment, { headers: { range: 'bytes=0-9', 'if-range': '"old"' } }, on)).status).toBe(
      200,
    )
    const head = await ask(segment, { method: 'HEAD' }, on)
    expect([head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([
      `${bytes.length}`,
      0,
    ])
    expect((await ask(segment.replace(/\d+\.m4s$/, '999.m4s'), undefined, on)).status).toBe(404)
    await on.stop()
  })

  it('[ASVS-1.4.3] leave no file open when clients go away', async () => {
    const on = await stack.node({ segmentCacheBytes: 1 })
    const { segment } = await start({}, on)
    const leave = () =>
      new Promise<void>((resolve, reject) => {
        const request = get(`${on.origin}${segment}`, (answer) => {
          answer.once('close', resolve)
          answer.destroy()
        })
        request.once('error', reject)
      })
    for (let i = 0; i < 50; i += 1) await leave()
    await vi.waitFor(() => expect(openSegments()).toEqual([]), 30_000)
    await on.stop()
  })

  const openSegments = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`)
        return target.endsWith('.m4s') ? [target] : []
      } catch {
        return []
      }
    })
})

describe('images', () => {
  const image = async (path: string, changes: Record<string, unknown>, aud: string) =>
    ask(`/${stack.playbackId}/${path}?token=${await stack.token({ aud, ...changes })}`)
  const sizeOf = async (answer: Response, name: string) => {
    const path = `${clips.folder}/${name}`
    await writeFile(path, Buffer.from(await answer.arrayBuffer()))
    const { stream } = await decode(path, 'v')
    return [stream.codec_name, stream.width, stream.height]
  }

  it('show any moment at any size', async () => {
    expect(await sizeOf(await image('thumbnail.jpg', {}, 't'), 'a.jpg')).toEqual(['mjpeg', 640, 360])
    expect(await sizeOf(await image('thumbnail.jpg', { width: 320, time: '9.39' }, 't'), 'b.jpg')).toEqual([
      'mjpeg',
      320,
      180,
    ])
    const square = { width: '100', height: 100, fit_mode: 'crop' }
    expect(await sizeOf(await image('thumbnail.webp', square, 't'), 'c.webp')).toEqual(['webp', 100, 100])
    expect(await sizeOf(await image('thumbnail.png', { height: 90, rotate: 90 }, 't'), 'd.png')).toEqual([
      'png',
      50,
      90,
    ])
    expect((await image('thumbnail.jpg', { time: '-1' }, 't')).status).toBe(400)
  })

  it('[ASVS-9.2.2] ask for a token of their own', async () => {
    expect((await image('thumbnail.jpg', {}, 'v')).status).toBe(403)
    expect((await image('storyboard.vtt', {}, 't')).status).toBe(403)
    expect((await ask(`/${stack.playbackId}/thumbnail.jpg`)).status).toBe(403)
  })

  it('are made once and remembered', async () => {
    const before = (await run.storage.list('')).length
    await Promise.all([1, 2, 3].map(() => image('thumbnail.jpg', { time: 3 }, 't')))
    await image('thumbnail.jpg', { time: 3 }, 't')
    expect((await run.storage.list('')).length).toBe(before + 1)
  })

  it('lie on a storyboard whose cues carry the token', async () => {
    const token = await stack.token({ aud: 's' })
    const vtt = await (await ask(`/${stack.playbackId}/storyboard.vtt?token=${token}&format=webp`)).text()
    const url = `http://video.test/${stack.playbackId}/storyboard.webp?token=${token}`
    expect(vtt.split('\n').slice(0, 4)).toEqual([
      'WEBVTT',
      '',
      '00:00:00.000 --> 00:00:00.522',
      `${url}#xywh=0,0,256,144`,
    ])
    const json = await (await ask(`/${stack.playbackId}/storyboard.json?token=${token}`)).json()
    expect(json).toMatchObject({ tile_width: 256, tile_height: 144, tiles: { length: 18 } })
    expect(await sizeOf(await ask(`/${stack.playbackId}/storyboard.webp?token=${token}`), 'e.webp')).toEqual([
      'webp',
      1280,
      576,
    ])
  })

  it('leave nothing behind when their asset is deleted while they are made', async () => {
    const copy = await createIngestRun(clip)
    for (const key of await run.storage.list(''))
      await copy.storage.put(key, (await run.storage.readAll(key))!)
    const storage = {
      ...copy.storage,
      async put(key: string, body: StoredBody) {
        await db.pool.query('update engine.assets set deleted_at = now()')
        await copy.storage.deletePrefix('assets/')
        await copy.storage.put(key, body)
      },
    }
    const on = await stack.node({ storage })
    const token = await stack.token({ aud: 't', time: 1.5 })
    expect((await ask(`/${stack.playbackId}/thumbnail.jpg?token=${token}`, undefined, on)).status).toBe(404)
    expect(await copy.storage.list('')).toEqual([])
    await db.pool.query('update engine.assets set deleted_at = null')
    await Promise.all([on.stop(), copy.remove()])
  })
})
