import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Check, check, ownCheck, until } from './check.ts'
import { componentFaults } from './openapi.ts'
import { call } from './rest-client.ts'
import type { OwnEngine, Target } from './target.ts'
import { claimsFor, sharedKey, sign } from './token-client.ts'
import { makeClip, sharedVideo, uploadVideo, waitForLadder, waitForStatus } from './video-client.ts'
import { distinctEvents } from './webhook-sink.ts'

type File = { id?: string; name?: string; status?: string }

async function waitForFile(target: Target, assetId: string, name: string, status: string) {
  return until(`${name} to be ${status}`, async () => {
    const { static_renditions } = await target.mux.video.assets.retrieve(assetId)
    const file = static_renditions?.files?.find((each) => each.name === name)
    assert.ok(!file?.status || ['preparing', status].includes(file.status), `${name} is ${file?.status}`)
    return file?.status === status ? file : null
  })
}

async function fileUrl(target: Target, playbackId: string, name: string, claims = {}) {
  const token = await sign(await sharedKey(target), claimsFor(playbackId, claims))
  return `${target.url}/${playbackId}/${name}?token=${token}`
}

/** What ffprobe says of a file's bytes, and whether its index comes before its media. */
async function inspect(bytes: Buffer) {
  const folder = await mkdtemp(join(tmpdir(), 'engine-file-'))
  try {
    const path = join(folder, 'file')
    await writeFile(path, bytes)
    const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', path]
    const { stdout } = await promisify(execFile)(process.env.FFPROBE_PATH || 'ffprobe', args)
    const { format, streams } = JSON.parse(stdout) as {
      format: { duration: string; start_time: string }
      streams: {
        codec_type: string
        codec_name: string
        width?: number
        height?: number
        start_time: string
      }[]
    }
    return { format, streams, indexFirst: bytes.indexOf('moov') < bytes.indexOf('mdat') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function eventsOf(own: OwnEngine, id: string) {
  const events = distinctEvents(own.sink).filter(({ object }) => object.id === id)
  for (const { type, data } of events.filter((each) => each.type.includes('.static_rendition.'))) {
    const { asset_id, error, ...file } = data
    assert.equal(typeof asset_id, 'string', type)
    assert.deepEqual(componentFaults('StaticRendition', file), [])
  }
  return events
}

const rejected = (status: number) => (error: { status?: number }) => error.status === status

/** A video of 960 × 540 with files for download, which several checks share. */
const shared = new WeakMap<Target, ReturnType<typeof makeFilm>>()
function sharedFilm(target: Target) {
  const known = shared.get(target) ?? makeFilm(target)
  shared.set(target, known)
  return known
}
async function makeFilm(target: Target) {
  const static_renditions = [{ resolution: 'highest', passthrough: 'mine' }, { resolution: 'audio-only' }]
  const film = await uploadVideo(target, await makeClip(4, '960x540'), { static_renditions })
  const { files = [] } = (await target.mux.video.assets.retrieve(film.assetId)).static_renditions ?? {}
  assert.deepEqual(files.map(({ name, status }) => [name, status]).toSorted(), [
    ['audio.m4a', 'preparing'],
    ['highest.mp4', 'preparing'],
  ])
  await waitForLadder(target, film.assetId)
  for (const name of ['highest.mp4', 'audio.m4a']) await waitForFile(target, film.assetId, name, 'ready')
  return film
}

export const staticRenditionChecks: Check[] = [
  check('[MUX-02] files for download are made with the video, from its ladder', async (target) => {
    const { assetId, playbackId } = await sharedFilm(target)
    const file = await waitForFile(target, assetId, 'highest.mp4', 'ready')
    assert.deepEqual(
      [file.ext, file.type, file.resolution, file.width, file.height, file.resolution_tier, file.passthrough],
      ['mp4', 'standard', 'highest', 960, 540, '720p', 'mine'],
    )
    const answer = await target.fetch(await fileUrl(target, playbackId, 'highest.mp4'))
    assert.equal(answer.headers.get('content-type'), 'video/mp4')
    assert.equal(answer.headers.get('content-disposition'), null)
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.equal(String(bytes.length), file.filesize)
    assert.ok(Math.abs((file.bitrate ?? 0) - (bytes.length * 8) / 4) < 0.05 * (file.bitrate ?? 0))
    const { format, streams, indexFirst } = await inspect(bytes)
    assert.ok(indexFirst, 'the index comes first')
    assert.ok(Math.abs(Number(format.duration) - 4) < 0.1, `duration ${format.duration}`)
    assert.deepEqual(streams.map(({ codec_name }) => codec_name).toSorted(), ['aac', 'h264'])
    for (const { codec_type, start_time } of streams)
      assert.ok(Math.abs(Number(start_time)) < 0.05, `${codec_type} begins at ${start_time}`)
  }),
  check('sound alone is an M4A', async (target) => {
    const { assetId, playbackId } = await sharedFilm(target)
    const file = await waitForFile(target, assetId, 'audio.m4a', 'ready')
    assert.deepEqual([file.ext, file.resolution_tier], ['m4a', 'audio-only'])
    const answer = await target.fetch(await fileUrl(target, playbackId, 'audio.m4a'))
    assert.equal(answer.headers.get('content-type'), 'audio/m4a')
    const { format, streams } = await inspect(Buffer.from(await answer.arrayBuffer()))
    assert.deepEqual(
      streams.map(({ codec_name }) => codec_name),
      ['aac'],
    )
    assert.ok(Math.abs(Number(format.duration) - 4) < 0.1, `duration ${format.duration}`)
  }),
  check('a file is sent in ranges, with an ETag, and as a download under a safe name', async (target) => {
    const { playbackId } = await sharedFilm(target)
    const url = await fileUrl(target, playbackId, 'highest.mp4')
    const whole = await target.fetch(url, { method: 'HEAD' })
    const size = Number(whole.headers.get('content-length'))
    const part = await target.fetch(url, { headers: { range: 'bytes=4-7' } })
    assert.equal(part.status, 206)
    assert.equal(part.headers.get('content-range'), `bytes 4-7/${size}`)
    assert.equal(await part.text(), 'ftyp')
    const etag = whole.headers.get('etag')!
    assert.equal((await target.fetch(url, { headers: { 'if-none-match': etag } })).status, 304)
    assert.equal((await target.fetch(url, { headers: { range: `bytes=${size}-` } })).status, 416)
    const download = await target.fetch(`${url}&download=${encodeURIComponent('Größe "1"/../x\r\n')}`, {
      method: 'HEAD',
    })
    assert.equal(
      download.headers.get('content-disposition'),
      `attachment; filename="Gr__e _1__.._x.mp4"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_1__.._x.mp4`,
    )
  }),
  check('a file needs a token for the whole video, each time', async (target) => {
    const { playbackId } = await sharedFilm(target)
    assert.equal((await target.fetch(`${target.url}/${playbackId}/highest.mp4`)).status, 403)
    for (const claims of [
      { aud: 't' },
      { exp: 1_000_000_000 },
      { sub: 'x'.repeat(44) },
      { asset_end_time: 2 },
    ]) {
      const url = await fileUrl(target, playbackId, 'highest.mp4', claims)
      assert.equal((await target.fetch(url)).status, 403, JSON.stringify(claims))
    }
    assert.equal((await target.fetch(await fileUrl(target, playbackId, '720p.mp4'))).status, 404)
  }),
  check('what would be scaled up is skipped; what no rung has is encoded', async (target) => {
    const { assetId, playbackId } = await uploadVideo(target, await makeClip(2, '960x540'))
    await waitForLadder(target, assetId)
    const { assets } = target.mux.video
    const made = await assets.createStaticRendition(assetId, { resolution: '720p', passthrough: 'p' })
    assert.deepEqual([made.name, made.status, made.passthrough], ['720p.mp4', 'preparing', 'p'])
    await waitForFile(target, assetId, '720p.mp4', 'skipped')
    await assets.createStaticRendition(assetId, { resolution: '480p' })
    const file = await waitForFile(target, assetId, '480p.mp4', 'ready')
    assert.deepEqual([file.width, file.height], [854, 480])
    const answer = await target.fetch(await fileUrl(target, playbackId, '480p.mp4'))
    const { streams, format } = await inspect(Buffer.from(await answer.arrayBuffer()))
    assert.ok(streams.some(({ width, height }) => width === 854 && height === 480))
    assert.ok(Math.abs(Number(format.duration) - 2) < 0.1)
    await assert.rejects(assets.createStaticRendition(assetId, { resolution: '480p' }), rejected(400))
    await assert.rejects(assets.createStaticRendition(assetId, { resolution: 'highest' }), rejected(400))
    const path = `/video/v1/assets/${assetId}/static-renditions`
    assert.equal((await call(target, 'POST', path, '{"resolution":"999p"}')).status, 400)
    assert.equal(
      (await call(target, 'POST', path.replace(assetId, 'x'), '{"resolution":"480p"}')).status,
      404,
    )
  }),
  ownCheck('files are told of, and deleted with their bytes', async (target, own) => {
    const { assetId, playbackId } = await uploadVideo(target, await makeClip(2))
    await waitForLadder(target, assetId)
    const { assets } = target.mux.video
    const good = (await assets.createStaticRendition(assetId, { resolution: 'highest' })) as File
    const sound = (await assets.createStaticRendition(assetId, { resolution: 'audio-only' })) as File
    for (const { name } of [good, sound]) await waitForFile(target, assetId, name!, 'ready')
    const url = await fileUrl(target, playbackId, 'highest.mp4')
    assert.equal((await target.fetch(url)).status, 200)
    await assets.deleteStaticRendition(assetId, good.id!)
    assert.equal((await target.fetch(url)).status, 404)
    await assert.rejects(assets.deleteStaticRendition(assetId, good.id!), rejected(404))
    const types = (id: string) =>
      eventsOf(own, id).map(({ type }) => type.replace('video.asset.static_rendition.', ''))
    await until('all events', () => types(good.id!).length === 3 && types(sound.id!).length === 2)
    assert.deepEqual(types(good.id!).toSorted(), ['created', 'deleted', 'ready'])
    await until('the bytes to be gone', async () =>
      (await own.files()).every(({ path }) => !path.includes(`static-${good.id}`)),
    )
    await assets.delete(assetId)
    await until('every byte to be gone', async () =>
      (await own.files()).every(({ path }) => !path.includes(assetId)),
    )
    assert.deepEqual(types(sound.id!).toSorted(), ['created', 'ready'])
  }),
  ownCheck('the older mp4_support makes its files and tells of them together', async (target, own) => {
    const { assetId, playbackId } = await uploadVideo(target, await makeClip(2), {
      mp4_support: 'audio-only,capped-1080p',
    })
    await waitForLadder(target, assetId)
    const asset = await until('the files to be ready', async () => {
      const found = await target.mux.video.assets.retrieve(assetId)
      return found.static_renditions?.status === 'ready' ? found : null
    })
    assert.deepEqual(asset.static_renditions?.files?.map(({ name }) => name).toSorted(), [
      'audio.m4a',
      'capped-1080p.mp4',
    ])
    assert.equal((await target.fetch(await fileUrl(target, playbackId, 'capped-1080p.mp4'))).status, 200)
    await until('both events', () => {
      const types = eventsOf(own, assetId).map(({ type }) => type)
      return ['preparing', 'ready'].every((what) => types.includes(`video.asset.static_renditions.${what}`))
    })
    const none = await target.mux.video.assets.updateMP4Support(assetId, { mp4_support: 'none' })
    assert.equal(none.static_renditions, undefined)
    assert.equal((await target.fetch(await fileUrl(target, playbackId, 'capped-1080p.mp4'))).status, 404)
  }),
  ownCheck('the master is the source, by a link that ends', async (target, own) => {
    const clip = await makeClip(2, '320x180', ['-movflags', '+faststart'])
    const { assetId } = await uploadVideo(target, clip)
    await waitForStatus(target, assetId, 'ready')
    const { assets } = target.mux.video
    const asked = await assets.updateMasterAccess(assetId, { master_access: 'temporary' })
    assert.equal(asked.master_access, 'temporary')
    assert.equal(asked.master?.status, 'preparing')
    const { master } = await until('the master', async () => {
      const asset = await assets.retrieve(assetId)
      return asset.master?.status === 'ready' ? asset : null
    })
    const answer = await target.fetch(master!.url!)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${assetId}.mp4"`)
    const [made, source] = [await inspect(Buffer.from(await answer.arrayBuffer())), await inspect(clip)]
    assert.deepEqual(
      made.streams.map(({ codec_name, width }) => [codec_name, width]),
      source.streams.map(({ codec_name, width }) => [codec_name, width]),
    )
    const forged = master!.url!.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 1}`)
    assert.equal((await target.fetch(forged)).status, 403)
    const none = await assets.updateMasterAccess(assetId, { master_access: 'none' })
    assert.equal(none.master_access, 'none')
    assert.equal(none.master, undefined)
    assert.equal((await target.fetch(master!.url!)).status, 404)
    await until('the events', () => {
      const types = eventsOf(own, assetId).map(({ type }) => type)
      return ['preparing', 'ready', 'deleted'].every((what) => types.includes(`video.asset.master.${what}`))
    })
    await until('the bytes to be gone', async () =>
      (await own.files()).every(({ path }) => !path.includes(`${assetId}/master`)),
    )
    await assert.rejects(
      assets.updateMasterAccess('x'.repeat(40), { master_access: 'temporary' }),
      rejected(404),
    )
  }),
  ownCheck('a file survives the death of the process that makes it', async (target, own) => {
    const { assetId } = await sharedVideo(target)
    const { id, name } = await target.mux.video.assets.createStaticRendition(assetId, {
      resolution: 'highest',
    })
    await own.crash()
    await waitForFile(target, assetId, name!, 'ready')
    await until('nothing to be left of the first attempt', async () => {
      const stored = (await own.files()).filter(({ path }) => path.includes(`static-${id}`))
      return stored.length === 1
    })
    await target.mux.video.assets.deleteStaticRendition(assetId, id!)
  }),
]
