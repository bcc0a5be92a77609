import assert from 'node:assert/strict'
import Mux from '@mux/mux-node'
import { type Check, check } from './check.ts'
import { documentedMethods } from './openapi.ts'
import { call } from './rest-client.ts'
import type { Target } from './target.ts'
import { sharedVideo, uploadVideo } from './video-client.ts'

/** What this engine leaves to others, and says so by 404: contract, 1.5. */
const NOT_SERVED = /shots/

/** A request with nothing but a method; checkedFetch looks at no OPTIONS. */
const allowOf = async (target: Target, path: string) => {
  const answer = await call(target, 'OPTIONS', path)
  return { status: answer.status, allow: (answer.headers.get('allow') ?? '').split(', ') }
}

async function newAsset(target: Target) {
  const { assetId } = await sharedVideo(target)
  return { assetId, path: `/video/v1/assets/${assetId}` }
}

export const surfaceChecks: Check[] = [
  check('[MUX-01] every operation of Mux’s document for these resources is served', async (target) => {
    for (const [template, methods] of documentedMethods()) {
      if (NOT_SERVED.test(template)) continue
      const { status, allow } = await allowOf(target, template.replaceAll(/\{[A-Z_]+\}/g, 'unknown'))
      assert.equal(status, 405, template)
      for (const method of methods) assert.ok(allow.includes(method), `${method} ${template}`)
    }
  }),
  check('another method of a known URL is 405 with Allow, an unknown URL 404', async (target) => {
    const answer = await call(target, 'PUT', '/video/v1/uploads')
    assert.equal(answer.status, 405)
    assert.equal(answer.json.error.type, 'method_not_allowed')
    assert.deepEqual(new Set(answer.headers.get('allow')?.split(', ')), new Set(['POST', 'GET']))
    for (const path of [
      '/video/v1',
      '/video/v1/',
      '/video/v2/assets',
      '/system/v1/nothing',
      '/video/v1/assets/x/y',
    ])
      for (const method of ['GET', 'POST', 'DELETE'])
        assert.equal((await call(target, method, path)).status, 404)
  }),
  check('what Mux serves and this engine does not is 404 NotFoundError', async (target) => {
    for (const path of [
      'live-streams',
      'spaces',
      'drm-configurations',
      'transcription-vocabularies',
      'assets/x/shots',
    ])
      assert.equal((await call(target, 'GET', `/video/v1/${path}`)).json.error.type, 'not_found', path)
    assert.equal((await target.fetch(`${target.url}/data/v1/metrics`)).status, 404)
    const request = target.mux.video.liveStreams.list()
    await assert.rejects(async () => request, Mux.NotFoundError)
  }),
  check('no answer of the API lets other origins read it', async (target) => {
    const { headers } = await call(target, 'GET', '/video/v1/assets', undefined, {
      origin: 'https://evil.example',
    })
    assert.equal(headers.get('access-control-allow-origin'), null)
    assert.equal(headers.get('cache-control'), 'no-store')
  }),
  check('empty bodies are taken where nothing is required', async (target) => {
    const { path } = await newAsset(target)
    assert.equal((await call(target, 'PATCH', path, '')).status, 200)
    const key = await call(target, 'POST', '/system/v1/signing-keys', '', { 'content-length': '0' })
    assert.equal(key.status, 201)
    assert.equal((await call(target, 'DELETE', `/system/v1/signing-keys/${key.json.data.id}`)).status, 204)
    assert.equal((await call(target, 'POST', '/video/v1/uploads', '')).status, 400)
  }),
  check('a body is JSON whatever its content-type says', async (target) => {
    const { path } = await newAsset(target)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-8',
    ]) {
      const answer = await call(target, 'PATCH', path, '{"passthrough":"typed"}', { 'content-type': type })
      assert.equal(answer.json.data.passthrough, 'typed', type)
    }
    await call(target, 'PATCH', path, '{"passthrough":""}')
  }),
  check('ids that can be none are 404, whatever they hold', async (target) => {
    for (const id of [
      '%00',
      'a%00b',
      '%2e%2e',
      '%2F..%2F',
      "'%20or%201=1",
      '%F0%9F%8E%AC',
      'x'.repeat(2000),
      '%ff',
    ])
      assert.equal((await call(target, 'GET', `/video/v1/assets/${id}`)).status, 404, id)
  }),
  check('texts that no database keeps are 400', async (target) => {
    const { path } = await newAsset(target)
    for (const text of ['"a\\u0000b"', '"\\ud800"', '"\\udc00x"'])
      assert.equal((await call(target, 'PATCH', path, `{"passthrough":${text}}`)).status, 400, text)
    assert.equal((await call(target, 'PATCH', path, '{"meta":{"title":"\\u0000"}}')).status, 400)
    assert.equal((await call(target, 'GET', '/video/v1/assets?upload_id=%00')).status, 400)
    assert.equal((await call(target, 'PATCH', path, `${'['.repeat(60_000)}`)).status, 400)
    assert.equal(
      (await call(target, 'PATCH', path, `${'['.repeat(60_000)}${']'.repeat(60_000)}`)).status,
      400,
    )
  }),
  check('letters of every script come back as they went', async (target) => {
    const { assetId } = await newAsset(target)
    const title = '映画 · фильм · 🎬 · "quoted" \\ backslash'
    const { meta } = await target.mux.video.assets.update(assetId, { meta: { title } })
    assert.equal(meta?.title, title)
    const { meta: cleared } = await target.mux.video.assets.update(assetId, { meta: { title: '' } })
    assert.equal(cleared, undefined)
  }),
  check('thumbnail_time is set, shown, used and taken away', async (target) => {
    const { assetId, path } = await newAsset(target)
    const changed = await call(target, 'PATCH', path, '{"thumbnail_time":1.5}')
    assert.equal(changed.json.data.thumbnail_time, 1.5)
    assert.equal((await call(target, 'PATCH', path, '{"passthrough":""}')).json.data.thumbnail_time, 1.5)
    for (const wrong of ['-1', '7', '"1"'])
      assert.equal((await call(target, 'PATCH', path, `{"thumbnail_time":${wrong}}`)).status, 400, wrong)
    await target.mux.video.assets.deleteThumbnailTime(assetId)
    assert.equal((await call(target, 'GET', path)).json.data.thumbnail_time, undefined)
    assert.equal((await call(target, 'DELETE', '/video/v1/assets/unknown/thumbnail-time')).status, 404)
  }),
  check('meta’s fields have Mux’s lengths', async (target) => {
    const { path } = await newAsset(target)
    for (const [field, most] of [
      ['title', 512],
      ['creator_id', 128],
      ['external_id', 128],
    ] as const) {
      const body = (length: number) => JSON.stringify({ meta: { [field]: 'x'.repeat(length) } })
      assert.equal((await call(target, 'PATCH', path, body(most))).status, 200, field)
      const refused = await call(target, 'PATCH', path, body(most + 1))
      assert.match(refused.json.error.messages[0], new RegExp(`^meta\\.${field}: `))
    }
    await call(target, 'PATCH', path, '{"meta":{"title":"","creator_id":"","external_id":""}}')
  }),
  check('playback IDs by the older and the newer words; one belongs to one asset', async (target) => {
    const { assetId, path } = await newAsset(target)
    const { assets } = target.mux.video
    const made = await assets.createPlaybackId(assetId, { policy: 'public' })
    assert.deepEqual(await assets.retrievePlaybackId(assetId, made.id), made)
    assert.equal((await call(target, 'GET', `/video/v1/assets/unknown/playback-ids/${made.id}`)).status, 404)
    assert.equal(
      (await call(target, 'DELETE', `/video/v1/assets/unknown/playback-ids/${made.id}`)).status,
      404,
    )
    const drm = await call(target, 'POST', `${path}/playback-ids`, '{"policy":"drm"}')
    assert.match(drm.json.error.messages[0], /DRM is not supported/)
    const { playback_ids: all } = await assets.retrieve(assetId)
    assert.ok(all?.some(({ id, policy }) => id === made.id && policy === 'public'))
    await assets.deletePlaybackId(assetId, made.id)
  }),
  check('signing keys through each method of the SDK', async (target) => {
    const { signingKeys } = target.mux.system
    const made = await signingKeys.create()
    const shown = await signingKeys.retrieve(made.id)
    assert.deepEqual(shown, { id: made.id, created_at: made.created_at })
    const listed: string[] = []
    for await (const key of signingKeys.list({ limit: 2 })) {
      assert.ok(!('private_key' in key))
      listed.push(key.id)
    }
    assert.ok(listed.includes(made.id) && new Set(listed).size === listed.length)
    await signingKeys.delete(made.id)
    await assert.rejects(signingKeys.delete(made.id), Mux.NotFoundError)
  }),
  check('whoami has Mux’s permissions', async (target) => {
    const me = await target.mux.system.utilities.whoami()
    assert.deepEqual(
      new Set(me.permissions),
      new Set(['video:read', 'video:write', 'system:read', 'system:write']),
    )
    assert.ok(me.environment_id && me.organization_id && me.environment_type)
  }),
  check('the asset list by page, by limit and by upload', async (target) => {
    const { assetId } = await newAsset(target)
    await uploadVideo(target, Buffer.from('no video'))
    const { assets } = target.mux.video
    const [first] = (await assets.list({ limit: 1, page: 1 })).data
    const [second] = (await assets.list({ limit: 1, page: 2 })).data
    assert.notEqual(first?.id, second?.id)
    assert.deepEqual((await assets.list({ upload_id: 'unknown' })).data, [])
    assert.equal((await call(target, 'GET', '/video/v1/assets?limit=1000')).status, 200)
    const cursor = (await call(target, 'GET', '/video/v1/assets?limit=1')).json.next_cursor
    const next = await call(target, 'GET', `/video/v1/assets?limit=1&cursor=${cursor}`)
    assert.equal(next.json.data[0].id, second?.id)
    assert.equal((await assets.retrieve(assetId)).id, assetId)
  }),
]
