import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { listenOnFreePort } from '../support/listen.ts'
import { type Check, check, ownCheck, until } from './check.ts'
import type { InputFile } from './input-server.ts'
import { call } from './rest-client.ts'
import type { OwnEngine, Target } from './target.ts'
import { makeClip, sharedVideo, waitForLadder, waitForStatus } from './video-client.ts'

const refused = (error: { status?: number }) => error.status === 400

async function createFrom(target: Target, url: string, more = {}) {
  return target.mux.video.assets.create({ inputs: [{ url }], playback_policies: ['signed'], ...more })
}

/** A name that nothing else asks for. */
const serve = (own: OwnEngine, file: InputFile) => {
  const path = `/${randomUUID()}.mp4`
  return { path, url: own.inputs.serve(path, file) }
}

async function failsWith(target: Target, url: string, type: string, words: RegExp) {
  const { id } = await createFrom(target, url)
  const asset = await waitForStatus(target, id, 'errored')
  assert.equal(asset.errors?.type, type)
  assert.match(asset.errors?.messages?.[0] ?? '', words)
  assert.deepEqual(asset.progress, { state: 'errored', progress: -1 })
}

export const inputChecks: Check[] = [
  ownCheck('an asset is made of the file at a URL', async (target, own) => {
    const body = await makeClip(3)
    const { url } = serve(own, { body })
    const made = await createFrom(target, url, { passthrough: 'p', meta: { title: 'T' } })
    assert.equal(made.status, 'preparing')
    assert.equal(made.ingest_type, 'on_demand_url')
    assert.equal(made.upload_id, undefined)
    assert.deepEqual(
      made.playback_ids?.map(({ policy }) => policy),
      ['signed'],
    )
    assert.deepEqual(made.meta, { title: 'T' })
    const asset = await waitForLadder(target, made.id)
    assert.equal(asset.status, 'ready')
    assert.equal(asset.passthrough, 'p')
    assert.ok(Math.abs((asset.duration ?? 0) - 3) < 0.1, `duration ${asset.duration}`)
  }),
  ownCheck('its events come in Mux’s order: created, then ready', async (target, own) => {
    const { url } = serve(own, { body: await makeClip(3) })
    const { id } = await createFrom(target, url)
    const types = await until('video.asset.ready', () => {
      const seen = own.sink.received
        .filter(({ event }) => event.object.id === id)
        .map(({ event }) => event.type)
      return seen.includes('video.asset.ready') ? seen : null
    })
    assert.equal(types[0], 'video.asset.created')
    assert.ok(!types.includes('video.upload.created'))
  }),
  ownCheck('a connection that breaks is taken up where it broke', async (target, own) => {
    const body = await makeClip(3)
    const { path, url } = serve(own, { body, breakAfter: Math.ceil(body.length / 3) })
    const { id } = await createFrom(target, url)
    await waitForStatus(target, id, 'ready')
    const ranges = own.inputs.requests(path).map(({ range }) => range)
    assert.equal(ranges[0], null)
    assert.ok(
      ranges.length >= 3 && ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? '')),
      `${ranges}`,
    )
  }),
  ownCheck('a server that is busy for a moment is asked again', async (target, own) => {
    const { path, url } = serve(own, { body: await makeClip(3), failFirst: [503, 429] })
    const { id } = await createFrom(target, url)
    await waitForStatus(target, id, 'ready')
    assert.equal(own.inputs.requests(path).length, 3)
  }),
  ownCheck('what is not there makes the asset errored: download_failed', async (target, own) => {
    await failsWith(target, `${own.inputs.origin}/missing.mp4`, 'download_failed', /answered 404/)
  }),
  ownCheck('what is no video makes the asset errored: invalid_input', async (target, own) => {
    const { url } = serve(own, { body: Buffer.from('this is no video') })
    await failsWith(target, url, 'invalid_input', /not a video/)
  }),
  ownCheck('a file over the limit makes the asset errored', async (target, own) => {
    const { url } = serve(own, { body: Buffer.alloc(own.maxUploadBytes + 1) })
    await failsWith(target, url, 'download_failed', /larger than/)
  }),
  ownCheck('redirects are followed, but only to where it might have gone by itself', async (target, own) => {
    const file = serve(own, { body: await makeClip(3) })
    const there = serve(own, { body: Buffer.alloc(0), redirect: file.url })
    await waitForStatus(target, (await createFrom(target, there.url)).id, 'ready')
    const asked: string[] = []
    const secret = await listenOnFreePort(
      createServer((req, res) => {
        asked.push(`${req.url}`)
        res.end()
      }),
    )
    try {
      for (const redirect of [
        `http://127.0.0.2:${secret.port}/file`,
        `http://localhost:${secret.port}/file`,
        `http://[::ffff:127.0.0.1]:${secret.port}/file`,
        'http://169.254.169.254/latest/meta-data/',
        'file:///etc/passwd',
      ]) {
        const { url } = serve(own, { body: Buffer.alloc(0), redirect })
        await failsWith(target, url, 'download_failed', /^The server redirects elsewhere/)
      }
      assert.deepEqual(asked, [])
    } finally {
      await secret.stop()
    }
  }),
  check('addresses inside the engine’s network are refused in every spelling', async (target) => {
    for (const host of [
      '127.0.0.2',
      '127.2',
      '2130706434',
      '0x7f000002',
      '0177.0.0.2',
      '10.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '192.168.1.1',
      '0.0.0.0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[fd00::1]',
      'localhost',
      'metadata.google.internal',
    ]) {
      await assert.rejects(createFrom(target, `http://${host}/a.mp4`), refused, host)
    }
  }),
  check('a URL that is none, or of another scheme, is 400', async (target) => {
    for (const url of ['', 'example', 'file:///etc/passwd', 'ftp://example.com/a', 'http://example.com:22/a'])
      await assert.rejects(createFrom(target, url), refused, url)
  }),
  ownCheck('a name that stands for an address inside makes the asset errored', async (target) => {
    // RFC 6761: never resolves; any name that did would be looked at the same way.
    await failsWith(
      target,
      'http://nothing.invalid/a.mp4',
      'download_failed',
      /(does not exist|could not be fetched)/,
    )
  }),
  ownCheck('a password in a URL is used, and never shown', async (target, own) => {
    const { path, url } = serve(own, { body: await makeClip(3) })
    const secret = url.replace('//', '//me:hunter2@')
    const { id } = await createFrom(target, secret)
    await waitForStatus(target, id, 'ready')
    const expected = `Basic ${Buffer.from('me:hunter2').toString('base64')}`
    assert.equal(own.inputs.requests(path)[0]?.authorization, expected)
    const info = await call(target, 'GET', `/video/v1/assets/${id}/input-info`)
    assert.equal(info.json.data[0].settings.url, url)
    assert.ok(!JSON.stringify(own.sink.received).includes('hunter2'))
  }),
  ownCheck('input-info tells what was asked for and what was found', async (target, own) => {
    const { url } = serve(own, { body: await makeClip(3) })
    const { id } = await createFrom(target, url)
    await waitForStatus(target, id, 'ready')
    const [input] = await target.mux.video.assets.retrieveInputInfo(id)
    assert.equal(input?.settings?.url, url)
    assert.equal(input?.file?.container_format, 'mp4')
    const [picture, sound] = input?.file?.tracks ?? []
    assert.deepEqual(
      { type: picture?.type, encoding: picture?.encoding, width: picture?.width, height: picture?.height },
      { type: 'video', encoding: 'h.264', width: 320, height: 180 },
    )
    assert.equal(picture?.frame_rate, 25)
    assert.deepEqual({ type: sound?.type, encoding: sound?.encoding }, { type: 'audio', encoding: 'aac' })
  }),
  check('input-info of an upload, and of nothing', async (target) => {
    const { assetId } = await sharedVideo(target)
    const info = await target.mux.video.assets.retrieveInputInfo(assetId)
    assert.equal(info.length, 1)
    assert.equal(info[0]?.settings?.url, undefined)
    assert.equal(info[0]?.file?.tracks?.length, 2)
    assert.equal((await call(target, 'GET', '/video/v1/assets/unknown/input-info')).status, 404)
  }),
  ownCheck('the older spelling is taken: input as a URL, an object or a list', async (target, own) => {
    const { url } = serve(own, { body: await makeClip(3) })
    for (const input of [url, { url }, [{ url }]]) {
      const body = JSON.stringify({ input, playback_policy: 'signed', encoding_tier: 'baseline' })
      const { status, json } = await call(target, 'POST', '/video/v1/assets', body)
      assert.equal(status, 201)
      assert.equal(json.data.video_quality, 'basic')
      await call(target, 'DELETE', `/video/v1/assets/${json.data.id}`)
    }
  }),
  check('inputs that make no sense are 400 and say which', async (target) => {
    const url = 'https://example.com/a.mp4'
    const wrong: [object, RegExp][] = [
      [{}, /^inputs\.0\.url: /],
      [{ inputs: [] }, /^inputs\.0\.url: /],
      [{ inputs: [{}] }, /^inputs\.0\.url: /],
      [{ inputs: [{ url, start_time: 1 }] }, /clips only/],
      [{ inputs: [{ url }, { url }] }, /^inputs\.1\.type: /],
      [{ inputs: [{ url }, { url, type: 'text' }] }, /^inputs\.1\.language_code: /],
      [{ inputs: [{ url }, { type: 'text', language_code: 'en' }] }, /^inputs\.1\.url: /],
      [{ inputs: [{ url }, { url, overlay_settings: { width: '10%' } }] }, /overlay_settings/],
      [{ inputs: [{ url }], playback_policies: ['drm'] }, /DRM/],
      [{ inputs: [{ url }], advanced_playback_policies: [{ policy: 'drm' }] }, /DRM/],
      [
        { inputs: [{ url }], static_renditions: [{ resolution: '4320p' }] },
        /^static_renditions\.0\.resolution: /,
      ],
    ]
    for (const [body, words] of wrong) {
      const { status, json } = await call(target, 'POST', '/video/v1/assets', JSON.stringify(body))
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(json.error.messages.join('\n'), words)
    }
  }),
  check('a clip of an asset holds what lies between its two instants', async (target) => {
    const { assetId } = await sharedVideo(target)
    const made = await target.mux.video.assets.create({
      inputs: [{ url: `mux://assets/${assetId}`, start_time: 1.5, end_time: 3.5 }],
      playback_policies: ['signed'],
    })
    assert.equal(made.ingest_type, 'on_demand_clip')
    assert.equal(made.source_asset_id, assetId)
    const asset = await waitForStatus(target, made.id, 'ready')
    assert.ok(Math.abs((asset.duration ?? 0) - 2) < 0.1, `duration ${asset.duration}`)
    const info = await target.mux.video.assets.retrieveInputInfo(made.id)
    assert.deepEqual(info[0]?.settings, {
      url: `mux://assets/${assetId}`,
      start_time: 1.5,
      end_time: 3.5,
    })
  }),
  check('a clip of nothing, or of what lies past the end, is 400', async (target) => {
    const { assetId } = await sharedVideo(target)
    for (const input of [
      { url: 'mux://assets/unknown' },
      { url: `mux://assets/${assetId}`, start_time: 100 },
      { url: `mux://assets/${assetId}`, start_time: 2, end_time: 1 },
      { url: 'mux://live-streams/x' },
    ])
      await assert.rejects(target.mux.video.assets.create({ inputs: [input] }), refused)
  }),
  ownCheck('an asset deleted while its file is fetched leaves nothing', async (target, own) => {
    const body = await makeClip(3)
    const { path, url } = serve(own, { body, breakAfter: 100 })
    const { id } = await createFrom(target, url)
    await until('the file to be asked for', () => own.inputs.requests(path).length > 0)
    await target.mux.video.assets.delete(id)
    await until(
      'the fetching to end',
      async () => !(await own.files()).some((file) => file.path.includes(id)),
    )
    assert.equal((await call(target, 'GET', `/video/v1/assets/${id}`)).status, 404)
  }),
  ownCheck('a crash while a file is fetched costs nothing but time', async (target, own) => {
    const body = await makeClip(3)
    const { path, url } = serve(own, { body, failFirst: [503, 503, 503] })
    const { id } = await createFrom(target, url)
    await until('the file to be asked for', () => own.inputs.requests(path).length > 0)
    await own.crash()
    await waitForStatus(target, id, 'ready')
  }),
  ownCheck('an unusual source says what is unusual', async (target, own) => {
    const options = ['-c:v', 'mpeg4', '-pix_fmt', 'yuv420p', '-c:a', 'mp3']
    const { url } = serve(own, { body: await makeClip(3, '320x180', options) })
    const { id } = await createFrom(target, url)
    const asset = await waitForStatus(target, id, 'ready')
    assert.deepEqual(asset.non_standard_input_reasons, { video_codec: 'mpeg4', audio_codec: 'mp3' })
    await until('the event', () =>
      own.sink.received.some(
        ({ event }) => event.type === 'video.asset.non_standard_input_detected' && event.object.id === id,
      ),
    )
    const standard = await sharedVideo(target)
    const { non_standard_input_reasons: none } = await target.mux.video.assets.retrieve(standard.assetId)
    assert.equal(none, undefined)
  }),
]
