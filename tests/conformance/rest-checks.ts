import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import Mux from '@mux/mux-node'
import { type Check, check } from './check.ts'
import { call } from './rest-client.ts'
import { sdkClient } from './target.ts'
import { newUpload } from './upload-client.ts'

async function rejectsWith(type: { new (...args: never[]): Error }, request: () => Promise<unknown>) {
  await assert.rejects(request(), (error) => error instanceof type)
}

export const restChecks: Check[] = [
  check('whoami proves the credentials', async (target) => {
    const { json } = await call(target, 'GET', '/system/v1/whoami')
    assert.equal(json.data.access_token_name, target.credentials.id)
    assert.equal((await target.mux.system.utilities.whoami()).access_token_name, target.credentials.id)
  }),
  check('wrong credentials are 401 AuthenticationError, whatever the path', async (target) => {
    const { id, secret } = target.credentials
    for (const [tokenId, tokenSecret] of [
      [id, `${secret}x`],
      [`${id}x`, secret],
      ['nobody', 'nothing'],
    ] as const) {
      const mux = sdkClient(target.url, { id: tokenId, secret: tokenSecret }, target.fetch)
      await rejectsWith(Mux.AuthenticationError, async () => mux.video.uploads.list())
      await rejectsWith(Mux.AuthenticationError, () => mux.video.assets.retrieve('unknown'))
    }
    const bare = await target.fetch(`${target.url}/video/v1/nothing-here`)
    assert.equal(bare.status, 401)
    assert.deepEqual(await bare.json(), {
      error: { type: 'unauthorized', messages: ['Unauthorized request'] },
    })
    assert.equal(bare.headers.get('access-control-allow-origin'), null)
  }),
  check('unknown things are 404 NotFoundError', async (target) => {
    const { video, system } = target.mux
    for (const request of [
      () => video.assets.retrieve('unknown'),
      () => video.assets.delete('unknown'),
      () => video.assets.update('unknown', { passthrough: 'x' }),
      () => video.uploads.retrieve('unknown'),
      () => video.uploads.cancel('unknown'),
      () => video.playbackIds.retrieve('unknown'),
      () => video.assets.createPlaybackId('unknown', { policy: 'signed' }),
      () => system.signingKeys.retrieve('unknown'),
      () => system.signingKeys.delete('unknown'),
    ]) {
      await rejectsWith(Mux.NotFoundError, request)
    }
    assert.equal((await call(target, 'GET', '/video/v1/live-streams')).json.error.type, 'not_found')
  }),
  check('wrong parameters are 400 BadRequestError and say which', async (target) => {
    const { uploads } = target.mux.video
    const wrong: Record<string, unknown>[] = [
      {},
      { cors_origin: 'javascript:alert(1)' },
      { cors_origin: '*', timeout: 'soon' },
      { cors_origin: '*', new_asset_settings: { playback_policies: ['drm'] } },
      { cors_origin: '*', new_asset_settings: { passthrough: 'x'.repeat(256) } },
      { cors_origin: '*', new_asset_settings: { meta: { title: 'x'.repeat(513) } } },
      { cors_origin: '*', new_asset_settings: { max_resolution_tier: '4320p' } },
      { cors_origin: '*', new_asset_settings: { inputs: [{ url: 'https://example.com/a.mp4' }] } },
    ]
    for (const body of wrong) await rejectsWith(Mux.BadRequestError, () => uploads.create(body as never))
    const { json } = await call(target, 'POST', '/video/v1/uploads', '{"cors_origin":"*","timeout":1}')
    assert.equal(json.error.type, 'invalid_parameters')
    assert.match(json.error.messages[0], /^timeout: /)
    for (const query of ['limit=0', 'limit=x', 'page=0', 'page=-1']) {
      assert.equal((await call(target, 'GET', `/video/v1/uploads?${query}`)).status, 400, query)
    }
    assert.equal((await call(target, 'GET', '/video/v1/assets?cursor=nonsense')).status, 400)
  }),
  check('a body that is no JSON is 400, one over the limit 413', async (target) => {
    assert.equal((await call(target, 'POST', '/video/v1/uploads', '{')).status, 400)
    assert.equal((await call(target, 'POST', '/video/v1/uploads', '[]')).status, 400)
    assert.equal((await call(target, 'POST', '/video/v1/uploads', `"${'x'.repeat(200_000)}"`)).status, 413)
  }),
  check('both spellings of the settings are taken, and both are given back', async (target) => {
    const old = await target.mux.video.uploads.create({
      cors_origin: '*',
      new_asset_settings: { playback_policy: ['signed'], encoding_tier: 'baseline', input: [{}] } as never,
    })
    const young = await target.mux.video.uploads.create({
      cors_origin: '*',
      new_asset_settings: { playback_policies: ['signed'], video_quality: 'basic', inputs: [{}] } as never,
    })
    for (const { new_asset_settings: settings } of [old, young]) {
      assert.deepEqual(settings?.playback_policies, ['signed'])
      assert.deepEqual((settings as Record<string, unknown>).playback_policy, ['signed'])
      assert.equal(settings?.video_quality, 'basic')
      assert.equal(settings?.encoding_tier, 'baseline')
    }
  }),
  check('answers have the shapes of Mux’s OpenAPI document', async (target) => {
    const made = await call(
      target,
      'POST',
      '/video/v1/uploads',
      '{"cors_origin":"*","new_asset_settings":{"playback_policy":"signed"}}',
    )
    assert.equal(made.status, 201)
    await call(target, 'GET', `/video/v1/uploads/${made.json.data.id}`)
    await call(target, 'GET', '/video/v1/uploads')
    await call(target, 'GET', '/video/v1/assets')
    await call(target, 'GET', '/video/v1/signing-keys')
    const cancelled = await call(target, 'PUT', `/video/v1/uploads/${made.json.data.id}/cancel`)
    assert.equal(cancelled.status, 200)
  }),
  check('lists by page end with an empty page; the SDK’s loop stops', async (target) => {
    const ids = new Set<string>()
    for (let n = 0; n < 5; n += 1) ids.add((await newUpload(target)).id)
    const seen: string[] = []
    for await (const upload of target.mux.video.uploads.list({ limit: 2 })) {
      seen.push(upload.id)
      if (seen.length > 5000) break
    }
    assert.equal(new Set(seen).size, seen.length)
    for (const id of ids) assert.ok(seen.includes(id))
    assert.deepEqual((await call(target, 'GET', '/video/v1/uploads?page=100000')).json, { data: [] })
    assert.equal((await call(target, 'GET', '/video/v1/uploads?limit=1')).json.data.length, 1)
  }),
  check('the asset list ends with next_cursor null', async (target) => {
    const seen: string[] = []
    for await (const asset of target.mux.video.assets.list({ limit: 2 })) {
      seen.push(asset.id)
      if (seen.length > 5000) break
    }
    assert.equal(new Set(seen).size, seen.length)
    const all = await call(target, 'GET', '/video/v1/assets?limit=100')
    assert.ok('next_cursor' in all.json)
    assert.deepEqual((await call(target, 'GET', '/video/v1/assets?live_stream_id=x')).json, {
      data: [],
      next_cursor: null,
    })
  }),
  check('signing keys: RSA 2048 as base64 of a PKCS#1 PEM, shown once, on both URLs', async (target) => {
    for (const path of ['/system/v1/signing-keys', '/video/v1/signing-keys']) {
      const { status, json } = await call(target, 'POST', path)
      assert.equal(status, 201)
      const pem = Buffer.from(json.data.private_key, 'base64').toString('utf8')
      assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\n/)
      assert.equal(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength, 2048)
      assert.equal(typeof json.data.created_at, 'string')
      const shown = await call(target, 'GET', `${path}/${json.data.id}`)
      assert.equal(shown.json.data.private_key, undefined)
      assert.equal((await call(target, 'DELETE', `${path}/${json.data.id}`)).status, 204)
      assert.equal((await call(target, 'GET', `${path}/${json.data.id}`)).status, 404)
    }
  }),
]
