import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import Mux from '@mux/mux-node'
import { type Check, ownCheck, until } from './check.ts'
import type { OwnEngine, Target } from './target.ts'
import { type Key, sharedKey } from './token-client.ts'
import { makeClip, waitForLadder } from './video-client.ts'

const SRT = '1\n00:00:00,500 --> 00:00:02,000\nHello there\n'

type Everything = { assetId: string; publicId: string; signedId: string; trackId: string; key: Key }

const made = new WeakMap<Target, Promise<Everything>>()

/** One asset with all that can be asked for when it is made. */
function everything(target: Target, own: OwnEngine): Promise<Everything> {
  const known = made.get(target) ?? make(target, own)
  made.set(target, known)
  return known
}

async function make(target: Target, own: OwnEngine): Promise<Everything> {
  const name = randomUUID()
  const url = own.inputs.serve(`/${name}.mp4`, { body: await makeClip(4, '640x360') })
  const words = own.inputs.serve(`/${name}.srt`, { body: Buffer.from(SRT) })
  const text = {
    url: words,
    type: 'text',
    text_type: 'subtitles',
    language_code: 'en',
    name: 'English',
  } as const
  const { id } = await target.mux.video.assets.create({
    inputs: [{ url }, { ...text, closed_captions: true, passthrough: 'words' }],
    playback_policies: ['public', 'signed'],
    static_renditions: [{ resolution: 'highest' }, { resolution: 'audio-only' }],
    video_quality: 'plus',
    max_resolution_tier: '1440p',
    normalize_audio: false,
  } as never)
  await waitForLadder(target, id)
  const asset = await until('the files beside the video', async () => {
    const found = await target.mux.video.assets.retrieve(id)
    const states = [...(found.static_renditions?.files ?? []), ...(found.tracks ?? [])].map(
      ({ status }) => status,
    )
    return states.length === 5 && states.every((status) => status === 'ready') ? found : null
  })
  const idOf = (policy: string) => asset.playback_ids!.find((each) => each.policy === policy)!.id
  const trackId = asset.tracks!.find(({ type }) => type === 'text')!.id!
  return {
    assetId: id,
    publicId: idOf('public'),
    signedId: idOf('signed'),
    trackId,
    key: await sharedKey(target),
  }
}

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

async function tokenFor(
  target: Target,
  video: Everything,
  type: 'video' | 'thumbnail' | 'gif' | 'storyboard',
) {
  const { id: keyId, privateKey: keySecret } = video.key
  const params: Record<string, string> = type === 'thumbnail' ? { time: '1', width: '160' } : {}
  return target.mux.jwt.signPlaybackId(video.signedId, { keyId, keySecret, expiration: '5m', type, params })
}

export const sdkPlaybackChecks: Check[] = [
  ownCheck('an asset made with all it can have shows it all', async (target, own) => {
    const { assetId, trackId } = await everything(target, own)
    const asset = await target.mux.video.assets.retrieve(assetId)
    assert.equal(asset.max_resolution_tier, '1440p')
    const text = asset.tracks?.find(({ id }) => id === trackId)
    assert.deepEqual(
      [text?.text_source, text?.language_code, text?.closed_captions, text?.passthrough],
      ['uploaded', 'en', true, 'words'],
    )
    assert.deepEqual(
      new Set(asset.static_renditions?.files?.map(({ resolution }) => resolution)),
      new Set(['highest', 'audio-only']),
    )
    const info = await target.mux.video.assets.retrieveInputInfo(assetId)
    assert.equal(info.length, 2)
    assert.equal(info[1]?.settings?.type, 'text')
    assert.equal(info[1]?.file?.container_format, 'srt')
  }),
  ownCheck('playback.hls of a public video, whose credentials are for nobody', async (target, own) => {
    const { publicId } = await everything(target, own)
    const answer = await target.mux.video.playback.hls(publicId, {})
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /^#EXTM3U/)
  }),
  ownCheck('playback.hls takes its parameters from the query', async (target, own) => {
    const { publicId } = await everything(target, own)
    const answer = await target.mux.video.playback.hls(publicId, { max_resolution: '360p' } as never)
    const lines = (await answer.text()).match(/RESOLUTION=\d+x(\d+)/g) ?? []
    assert.ok(lines.length > 0 && lines.every((line) => Number(line.split('x')[1]) <= 360), `${lines}`)
  }),
  ownCheck('playback.thumbnail, .animated and .storyboard are pictures', async (target, own) => {
    const { publicId } = await everything(target, own)
    const { playback } = target.mux.video
    const magic = async (answer: Promise<Response>) =>
      (await bytesOf(await answer)).subarray(0, 4).toString('latin1')
    assert.equal(
      await magic(playback.thumbnail(publicId, 'jpg', { time: 1, width: 160 })),
      '\xff\xd8\xff\xe0',
    )
    assert.equal(await magic(playback.thumbnail(publicId, 'png')), '\x89PNG')
    assert.equal(await magic(playback.thumbnail(publicId, 'webp')), 'RIFF')
    assert.equal(await magic(playback.animated(publicId, 'gif', { start: 0, end: 1, width: 160 })), 'GIF8')
    assert.equal(await magic(playback.animated(publicId, 'webp', { start: 0, end: 1 })), 'RIFF')
    assert.equal(await magic(playback.storyboard(publicId, 'jpg')), '\xff\xd8\xff\xe0')
  }),
  ownCheck('playback.storyboardVtt and .storyboardMeta name the same picture', async (target, own) => {
    const { publicId } = await everything(target, own)
    const vtt = await target.mux.video.playback.storyboardVtt(publicId)
    assert.match(vtt, /^WEBVTT\n\n00:00:00\.000 --> /)
    const meta = (await target.mux.video.playback.storyboardMeta(publicId)) as unknown as {
      url: string
      tiles: object[]
    }
    assert.ok(meta.tiles.length > 0)
    assert.ok(vtt.includes(`${meta.url}#xywh=0,0,`))
  }),
  ownCheck('playback.track and .transcript give the words', async (target, own) => {
    const { publicId, trackId } = await everything(target, own)
    const { playback } = target.mux.video
    assert.match(
      await playback.track(publicId, trackId),
      /^WEBVTT\n[\s\S]*00:00:00\.500 --> 00:00:02\.000[\s\S]*Hello there/,
    )
    assert.match(await playback.transcript(publicId, trackId), /^Hello there\s*$/)
  }),
  ownCheck('playback.staticRendition gives whole files, and parts of them', async (target, own) => {
    const { publicId } = await everything(target, own)
    const { playback } = target.mux.video
    const mp4 = await bytesOf(await playback.staticRendition(publicId, 'highest.mp4' as never))
    assert.equal(mp4.toString('latin1', 4, 8), 'ftyp')
    const m4a = await bytesOf(await playback.staticRendition(publicId, 'audio.m4a'))
    assert.ok(m4a.length > 1000 && m4a.length < mp4.length)
    const part = await target.fetch(`${target.url}/${publicId}/highest.mp4`, {
      headers: { range: 'bytes=4-7' },
    })
    assert.equal(part.status, 206)
    assert.equal(await part.text(), 'ftyp')
  }),
  ownCheck(
    'tokens of the SDK open the signed video: video, thumbnail, gif, storyboard',
    async (target, own) => {
      const video = await everything(target, own)
      const { playback } = target.mux.video
      const token = await tokenFor(target, video, 'video')
      assert.equal((await playback.hls(video.signedId, { token })).status, 200)
      assert.match(await playback.track(video.signedId, video.trackId, { token }), /Hello there/)
      assert.equal((await playback.staticRendition(video.signedId, 'audio.m4a', { token })).status, 200)
      const picture = await playback.thumbnail(video.signedId, 'jpg', {
        token: await tokenFor(target, video, 'thumbnail'),
      })
      assert.equal(picture.status, 200)
      assert.equal(
        (await playback.animated(video.signedId, 'gif', { token: await tokenFor(target, video, 'gif') }))
          .status,
        200,
      )
      const board = { token: await tokenFor(target, video, 'storyboard') }
      assert.match(await playback.storyboardVtt(video.signedId, board), /token=/)
    },
  ),
  ownCheck('a token for one thing opens no other, and a public video takes none', async (target, own) => {
    const video = await everything(target, own)
    const { playback } = target.mux.video
    const refused = (request: () => Promise<unknown>) => assert.rejects(request(), Mux.PermissionDeniedError)
    const [film, picture] = [
      await tokenFor(target, video, 'video'),
      await tokenFor(target, video, 'thumbnail'),
    ]
    await refused(() => playback.hls(video.signedId, { token: picture }))
    await refused(() => playback.thumbnail(video.signedId, 'jpg', { token: film }))
    await refused(() => playback.animated(video.signedId, 'gif', { token: picture }))
    await refused(() => playback.storyboard(video.signedId, 'jpg', { token: film }))
    await refused(() => playback.track(video.signedId, video.trackId, { token: picture }))
    await refused(() => playback.staticRendition(video.signedId, 'audio.m4a', { token: picture }))
    await refused(() => playback.hls(video.signedId, {}))
    await refused(() => playback.hls(video.publicId, { token: film }))
  }),
  ownCheck('what a playback ID does not have is 404', async (target, own) => {
    const { publicId } = await everything(target, own)
    const { playback } = target.mux.video
    const missing = (request: () => Promise<unknown>) => assert.rejects(request(), Mux.NotFoundError)
    await missing(() => playback.hls('A'.repeat(44), {}))
    await missing(() => playback.track(publicId, 'unknown'))
    await missing(() => playback.transcript(publicId, 'A'.repeat(40)))
    await missing(() => playback.staticRendition(publicId, 'high.mp4'))
  }),
]
