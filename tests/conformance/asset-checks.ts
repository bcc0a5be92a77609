import assert from 'node:assert/strict'
import { type Check, check, ownCheck, until } from './check.ts'
import { call } from './rest-client.ts'
import type { OwnEngine, Target } from './target.ts'
import { claimsFor, newSession, sharedKey, sign } from './token-client.ts'
import { makeClip, sharedVideo, uploadVideo, waitForLadder, waitForStatus } from './video-client.ts'

/** Files that bear the asset's or its upload's name anywhere in their path. */
async function filesOf(own: OwnEngine, video: { assetId: string; uploadId: string }) {
  return (await own.files()).filter(
    ({ path }) => path.includes(video.assetId) || path.includes(video.uploadId),
  )
}

async function assertGone(
  target: Target,
  own: OwnEngine,
  video: { assetId: string; uploadId: string; playbackId: string },
) {
  await assert.rejects(
    target.mux.video.assets.retrieve(video.assetId),
    (error: { status?: number }) => error.status === 404,
  )
  await assert.rejects(
    target.mux.video.playbackIds.retrieve(video.playbackId),
    (error: { status?: number }) => error.status === 404,
  )
  const token = await sign(await sharedKey(target), claimsFor(video.playbackId))
  assert.equal((await target.fetch(`${target.url}/${video.playbackId}.m3u8?token=${token}`)).status, 404)
  await until('every byte to be gone', async () => (await filesOf(own, video)).length === 0)
}

/** The ladder is under way, and some way from its end. */
const waitForTranscoding = (target: Target, assetId: string) =>
  until('the ladder to be worked on', async () => {
    const { progress } = await target.mux.video.assets.retrieve(assetId)
    assert.notEqual(progress.state, 'completed', 'the clip is too short for this check')
    return progress.state === 'transcoding' && (progress.progress ?? 0) > 0
  })

export const assetChecks: Check[] = [
  check('a video becomes ready and says what it is', async (target) => {
    const { assetId, uploadId } = await sharedVideo(target)
    const asset = await waitForStatus(target, assetId, 'ready')
    assert.ok(Math.abs((asset.duration ?? 0) - 6) < 0.1, `duration ${asset.duration}`)
    assert.equal(asset.aspect_ratio, '16:9')
    assert.equal(asset.resolution_tier, '720p')
    assert.equal(asset.max_stored_frame_rate, 25)
    assert.equal(asset.ingest_type, 'on_demand_direct_upload')
    assert.equal(asset.upload_id, uploadId)
    assert.match(asset.created_at, /^\d{10}$/)
    assert.deepEqual(asset.progress, { state: 'completed', progress: 100 })
    assert.deepEqual(new Set(asset.tracks?.map((track) => track.type)), new Set(['video', 'audio']))
    const raw = await call(target, 'GET', `/video/v1/assets/${assetId}`)
    assert.equal(raw.json.data.video_quality, 'plus')
    assert.equal(raw.json.data.encoding_tier, 'smart')
    const list = await call(target, 'GET', `/video/v1/assets?upload_id=${uploadId}`)
    assert.equal(list.json.data[0].id, assetId)
  }),
  check('playback IDs are made, shown and taken away', async (target) => {
    const { assetId } = await sharedVideo(target)
    const made = await call(target, 'POST', `/video/v1/assets/${assetId}/playback-ids`, '{"policy":"signed"}')
    assert.equal(made.status, 201)
    const path = `/video/v1/assets/${assetId}/playback-ids/${made.json.data.id}`
    assert.equal((await call(target, 'GET', path)).json.data.policy, 'signed')
    const found = await call(target, 'GET', `/video/v1/playback-ids/${made.json.data.id}`)
    assert.deepEqual(found.json.data.object, { type: 'asset', id: assetId })
    assert.equal(
      (await call(target, 'POST', `/video/v1/assets/${assetId}/playback-ids`, '{"policy":"drm"}')).status,
      400,
    )
    assert.equal((await call(target, 'DELETE', path)).status, 204)
    for (const method of ['GET', 'DELETE']) assert.equal((await call(target, method, path)).status, 404)
  }),
  check('PATCH changes passthrough and meta; "" clears', async (target) => {
    const { assetId } = await sharedVideo(target)
    const { assets } = target.mux.video
    await assets.update(assetId, { passthrough: 'a', meta: { title: 'First', creator_id: 'c' } })
    const second = await assets.update(assetId, { meta: { title: 'Second' } })
    assert.equal(second.passthrough, 'a')
    assert.deepEqual(second.meta, { title: 'Second', creator_id: 'c' })
    const cleared = await assets.update(assetId, { passthrough: '', meta: { title: '', creator_id: '' } })
    assert.equal(cleared.passthrough, undefined)
    assert.equal(cleared.meta, undefined)
    await assert.rejects(
      assets.update(assetId, { passthrough: 'x'.repeat(256) }),
      (error: { status?: number }) => error.status === 400,
    )
  }),
  check('what is no video becomes errored, with a sentence for people', async (target) => {
    const clip = await makeClip(2)
    const broken = {
      'no video': Buffer.from('not a video '.repeat(1000)),
      'cut in half': clip.subarray(0, clip.length / 2),
    }
    for (const [name, file] of Object.entries(broken)) {
      const { assetId, uploadId } = await uploadVideo(target, file)
      const asset = await waitForStatus(target, assetId, 'errored')
      assert.equal(asset.errors?.type, 'invalid_input', name)
      assert.match(asset.errors?.messages?.[0] ?? '', /^[A-Z].{10,}\.$/, name)
      assert.equal(asset.progress.state, 'errored')
      assert.equal((await target.mux.video.uploads.retrieve(uploadId)).status, 'asset_created')
    }
  }),
  ownCheck('a deleted asset leaves no byte behind', async (target, own) => {
    const video = await uploadVideo(target, await makeClip(3))
    await waitForLadder(target, video.assetId)
    assert.ok((await filesOf(own, video)).length > 3)
    await target.mux.video.assets.delete(video.assetId)
    await assertGone(target, own, video)
    await until('the event', () =>
      own.sink.received.some(
        ({ event }) => event.type === 'video.asset.deleted' && event.object.id === video.assetId,
      ),
    )
    await assert.rejects(
      target.mux.video.assets.delete(video.assetId),
      (error: { status?: number }) => error.status === 404,
    )
  }),
  ownCheck('nor does one that is deleted while it is transcoded', async (target, own) => {
    const clip = await makeClip(10, '1280x720')
    const video = await uploadVideo(target, clip)
    await waitForStatus(target, video.assetId, 'ready')
    await waitForTranscoding(target, video.assetId)
    await target.mux.video.assets.delete(video.assetId)
    await assertGone(target, own, video)
  }),
  ownCheck('a deletion ends what is being watched', async (target) => {
    const video = await uploadVideo(target, await makeClip(3))
    await waitForStatus(target, video.assetId, 'ready')
    const token = await sign(await sharedKey(target), claimsFor(video.playbackId, { session: newSession() }))
    const master = await target.fetch(`${target.url}/${video.playbackId}.m3u8?token=${token}`)
    const line = (await master.text()).split('\n').find((each) => each.endsWith('.m3u8'))!
    assert.equal((await target.fetch(new URL(line, `${target.url}/`))).status, 200)
    await target.mux.video.assets.delete(video.assetId)
    assert.equal((await target.fetch(new URL(line, `${target.url}/`))).status, 403)
  }),
  ownCheck('a crash while transcoding costs nothing but time', async (target, own) => {
    const video = await uploadVideo(target, await makeClip(10, '1280x720'))
    await waitForTranscoding(target, video.assetId)
    await own.crash()
    await waitForTranscoding(target, video.assetId)
    await own.crash()
    const asset = await waitForLadder(target, video.assetId)
    assert.equal(asset.status, 'ready')
    await until(
      'leftovers to be gone',
      async () => !(await filesOf(own, video)).some(({ path }) => path.includes('/work/')),
    )
  }),
]
