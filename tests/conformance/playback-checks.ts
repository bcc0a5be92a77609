import assert from 'node:assert/strict'
import { type Check, check, until } from './check.ts'
import { call } from './rest-client.ts'
import type { Target } from './target.ts'
import { claimsFor, inSeconds, newKey, newSession, sharedKey, sign } from './token-client.ts'
import { newUpload } from './upload-client.ts'
import { sharedVideo } from './video-client.ts'

async function get(
  target: Target,
  path: string,
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await target.fetch(new URL(path, target.url))
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  return { status: response.status, text, headers: response.headers }
}

const master = (target: Target, playbackId: string, token?: string) =>
  get(target, `/${playbackId}.m3u8${token ? `?token=${token}` : ''}`)

/** Lines of a playlist that are addresses, made absolute. */
function addresses(playlist: string, base: string): string[] {
  const attributes = [...playlist.matchAll(/URI="([^"]+)"/g)].map((match) => match[1]!)
  const lines = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return [...attributes, ...lines].map((address) => new URL(address, base).href)
}

async function openSession(target: Target, claims = {}) {
  const { playbackId } = await sharedVideo(target)
  const token = await sign(await sharedKey(target), claimsFor(playbackId, claims))
  const answer = await master(target, playbackId, token)
  assert.equal(answer.status, 200, answer.text)
  const [rendition] = addresses(answer.text, `${target.url}/`)
  const playlist = await get(target, rendition!)
  assert.equal(playlist.status, 200)
  return {
    playbackId,
    master: answer.text,
    rendition: rendition!,
    segments: addresses(playlist.text, rendition!),
  }
}

/** Each way of changing one claim of a right token. */
const MUTATIONS: Record<string, (playbackId: string) => Record<string, unknown>> = {
  'another playback ID': () => ({ sub: 'A'.repeat(44) }),
  'no subject': () => ({ sub: undefined }),
  'the audience of thumbnails': () => ({ aud: 't' }),
  'the audience of storyboards': () => ({ aud: 's' }),
  'no audience': () => ({ aud: undefined }),
  expired: () => ({ exp: inSeconds(-10) }),
  'no expiry': () => ({ exp: undefined }),
  'an expiry that is text': () => ({ exp: String(inSeconds(300)) }),
  'an unknown key': () => ({ kid: 'unknown' }),
  'no key': () => ({ kid: undefined }),
  'a restriction that does not exist': () => ({ playback_restriction_id: 'unknown' }),
  'a session that is too short': () => ({ session: 'abc' }),
}

export const playbackChecks: Check[] = [
  check('the SDK’s token opens a video, its playlists and segments', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const key = await sharedKey(target)
    const token = await target.mux.jwt.signPlaybackId(playbackId, {
      keyId: key.id,
      keySecret: key.privateKey,
      expiration: '5m',
      type: 'video',
    })
    const answer = await master(target, playbackId, token)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /mpegurl/i)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    for (const rendition of addresses(answer.text, `${target.url}/`)) {
      const playlist = await get(target, rendition)
      assert.equal(playlist.status, 200)
      assert.match(playlist.text, /#EXT-X-ENDLIST/)
      for (const segment of addresses(playlist.text, rendition))
        assert.equal((await get(target, segment)).status, 200)
    }
  }),
  check('images take tokens of their own audience only', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const key = await sharedKey(target)
    const resources = { thumbnail: ['thumbnail.jpg', 't'], storyboard: ['storyboard.vtt', 's'] } as const
    for (const [type, [path, audience]] of Object.entries(resources)) {
      const good = await target.mux.jwt.signPlaybackId(playbackId, {
        keyId: key.id,
        keySecret: key.privateKey,
        expiration: '5m',
        type: type as 'thumbnail',
      })
      assert.equal((await get(target, `/${playbackId}/${path}?token=${good}`)).status, 200, path)
      for (const aud of ['v', 't', 's'].filter((each) => each !== audience)) {
        const wrong = await sign(key, claimsFor(playbackId, { aud }))
        assert.equal(
          (await get(target, `/${playbackId}/${path}?token=${wrong}`)).status,
          403,
          `${path} for ${aud}`,
        )
      }
    }
  }),
  ...Object.entries(MUTATIONS).map(([name, mutate]) =>
    check(`a token is refused with 403: ${name}`, async (target) => {
      const { playbackId } = await sharedVideo(target)
      const key = await sharedKey(target)
      const right = claimsFor(playbackId, { session: newSession() })
      assert.equal((await master(target, playbackId, await sign(key, right))).status, 200)
      assert.equal(
        (await master(target, playbackId, await sign(key, { ...right, ...mutate(playbackId) }))).status,
        403,
      )
    }),
  ),
  check('a token is refused with 403: forged, unsigned, cut, none at all', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const key = await sharedKey(target)
    const right = await sign(key, claimsFor(playbackId))
    const [head, body, signature] = right.split('.') as [string, string, string]
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    const other = await newKey(target)
    const forged = await sign({ id: key.id, privateKey: other.privateKey }, claimsFor(playbackId))
    for (const token of [
      forged,
      `${none}.${body}.`,
      `${head}.${body}`,
      `${head}.${body}.${signature.slice(2)}`,
      'x',
    ]) {
      assert.equal((await master(target, playbackId, token)).status, 403)
    }
    assert.equal((await master(target, playbackId)).status, 403)
  }),
  check('kid may stand in the header, but not two different ones', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const key = await sharedKey(target)
    const inHeader = await sign(key, claimsFor(playbackId, { kid: undefined }), { kid: key.id })
    assert.equal((await master(target, playbackId, inHeader)).status, 200)
    const both = await sign(key, claimsFor(playbackId), { kid: key.id })
    assert.equal((await master(target, playbackId, both)).status, 200)
    const differing = await sign(key, claimsFor(playbackId), { kid: (await newKey(target)).id })
    assert.equal((await master(target, playbackId, differing)).status, 403)
  }),
  check('a deleted key opens nothing more, and what it opened ends', async (target) => {
    const { playbackId } = await sharedVideo(target)
    const key = await newKey(target)
    const token = await sign(key, claimsFor(playbackId, { session: newSession() }))
    const answer = await master(target, playbackId, token)
    const [rendition] = addresses(answer.text, `${target.url}/`)
    assert.equal((await get(target, rendition!)).status, 200)
    await target.mux.system.signingKeys.delete(key.id)
    assert.equal((await master(target, playbackId, token)).status, 403)
    assert.equal((await get(target, rendition!)).status, 403)
  }),
  check(
    'a session ends with its newest token; a newer token prolongs it without changing a URL',
    async (target) => {
      const session = newSession()
      // Made before the time runs.
      await Promise.all([sharedVideo(target), sharedKey(target)])
      const ends = inSeconds(10)
      const first = await openSession(target, { session, exp: ends })
      const renewed = await openSession(target, { session, exp: ends + 10 })
      assert.deepEqual(renewed.segments, first.segments)
      assert.equal(renewed.master, first.master)
      await until('the first token to be over', () => Date.now() > ends * 1000 + 1000)
      assert.equal(
        (await get(target, first.segments[1]!)).status,
        200,
        'past the first token, within the second',
      )
      await until('the session to end', async () => (await get(target, first.segments[1]!)).status === 403)
      assert.ok(Date.now() >= (ends + 10) * 1000, 'not before the second token')
      const again = await openSession(target, { session, exp: inSeconds(60) })
      assert.equal((await get(target, first.segments[1]!)).status, 200)
      assert.deepEqual(again.segments, first.segments)
    },
  ),
  check('a revoked session is refused at the next request, and never opens again', async (target) => {
    const session = newSession()
    const bystander = await openSession(target, { session: newSession() })
    const open = await openSession(target, { session })
    const { json } = await call(
      target,
      'POST',
      '/video/v1/playback-sessions/revoke',
      JSON.stringify({ playback_id: open.playbackId, sessions: [session] }),
    )
    assert.deepEqual(json, { data: { revoked: 1 } })
    assert.equal((await get(target, open.segments[1]!)).status, 403)
    assert.equal((await get(target, open.rendition)).status, 403)
    const token = await sign(await sharedKey(target), claimsFor(open.playbackId, { session }))
    assert.equal((await master(target, open.playbackId, token)).status, 403)
    assert.equal((await get(target, bystander.segments[1]!)).status, 200, 'others go on')
  }),
  check('a session can be revoked before it was ever seen', async (target) => {
    const session = newSession()
    const { playbackId } = await sharedVideo(target)
    const body = JSON.stringify({ playback_id: playbackId, sessions: [session] })
    assert.equal(
      (await call(target, 'POST', '/video/v1/playback-sessions/revoke', body)).json.data.revoked,
      1,
    )
    const token = await sign(await sharedKey(target), claimsFor(playbackId, { session }))
    assert.equal((await master(target, playbackId, token)).status, 403)
  }),
  check('all sessions of a playback ID can be ended in one call', async (target) => {
    const { assetId } = await sharedVideo(target)
    const made = await target.mux.video.assets.createPlaybackId(assetId, { policy: 'signed' })
    const key = await sharedKey(target)
    const open = await Promise.all(
      [newSession(), newSession()].map(async (session) => {
        const answer = await master(target, made.id, await sign(key, claimsFor(made.id, { session })))
        return addresses(answer.text, `${target.url}/`)[0]!
      }),
    )
    const answer = await call(target, 'DELETE', `/video/v1/playback-sessions?playback_id=${made.id}`)
    assert.deepEqual(answer.json, { data: { revoked: 2 } })
    for (const rendition of open) assert.equal((await get(target, rendition)).status, 403)
    await target.mux.video.assets.deletePlaybackId(assetId, made.id)
  }),
  check('a session’s signature and playback ID can’t be exchanged', async (target) => {
    const one = await openSession(target, { session: newSession() })
    const [, folder] = new URL(one.rendition).pathname.split('/').filter((part) => part !== '') as [
      string,
      string,
    ]
    const [sid, signature] = folder.split('.') as [string, string]
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    for (const forged of [`${sid}.${flipped}`, `${'A'.repeat(sid.length)}.${signature}`]) {
      assert.equal((await get(target, one.rendition.replace(folder, forged))).status, 403)
    }
    const { assetId } = await sharedVideo(target)
    const other = await target.mux.video.assets.createPlaybackId(assetId, { policy: 'signed' })
    assert.equal((await get(target, one.rendition.replace(one.playbackId, other.id))).status, 403)
    await target.mux.video.assets.deletePlaybackId(assetId, other.id)
  }),
  check(
    'public playback IDs need no token and take none; deleted and unknown ones are 404',
    async (target) => {
      const { assetId } = await sharedVideo(target)
      const made = await target.mux.video.assets.createPlaybackId(assetId, { policy: 'public' })
      assert.deepEqual(await target.mux.video.playbackIds.retrieve(made.id), {
        ...made,
        object: { type: 'asset', id: assetId },
      })
      const open = await master(target, made.id)
      assert.equal(open.status, 200)
      const token = await sign(await sharedKey(target), claimsFor(made.id))
      assert.equal((await master(target, made.id, token)).status, 403)
      await target.mux.video.assets.deletePlaybackId(assetId, made.id)
      assert.equal((await master(target, made.id)).status, 404)
      const [rendition] = addresses(open.text, `${target.url}/`)
      assert.equal((await get(target, rendition!)).status, 403)
      assert.equal((await master(target, 'Z'.repeat(44))).status, 404)
    },
  ),
  check('an asset that is not ready yet is 412', async (target) => {
    const upload = await newUpload(target, { playback_policies: ['signed'] })
    // Nothing is playable before the file is whole, so a broken source keeps the asset from ever being ready.
    await target.fetch(upload.url, { method: 'PUT', body: Buffer.from('this is no video at all') })
    const { asset_id: assetId } = await target.mux.video.uploads.retrieve(upload.id)
    const asset = await target.mux.video.assets.retrieve(assetId!)
    const playbackId = asset.playback_ids![0]!.id
    const token = await sign(await sharedKey(target), claimsFor(playbackId))
    assert.equal((await master(target, playbackId, token)).status, 412)
  }),
]
