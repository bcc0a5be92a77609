import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MuxCloud, startMuxCloud } from '../../../../tests/support/mux-cloud.ts'
import { videoContract } from './contract.ts'
import { createMuxVideo, MUX_CLOUD } from './mux.ts'

const portOn = (cloud: MuxCloud, deadlineMs?: number) =>
  createMuxVideo({
    ...{ ...MUX_CLOUD, provider: 'mux', apiOrigin: cloud.origin, ...cloud.credentials },
    ...{ installation: 'this-portal', deadlineMs },
  })

videoContract('Mux cloud, by its recorded shapes', async () => {
  const cloud = await startMuxCloud()
  return {
    port: portOn(cloud),
    async put(url) {
      await fetch(url, { method: 'PUT', body: Buffer.alloc(1024) })
    },
    async settle() {
      for (const id of cloud.assets.keys()) cloud.finish(id)
    },
    stop: cloud.stop,
  }
})

describe('Mux SDK adapter', () => {
  let cloud: MuxCloud
  beforeAll(async () => {
    cloud = await startMuxCloud()
  })
  afterAll(() => cloud.stop())

  it('[MUX-01] gives up on a service that never answers, at its deadline', async () => {
    cloud.misbehave('hang')
    const port = portOn(cloud, 150)
    await expect(port.getAsset('a1b2')).rejects.toMatchObject({ code: 'unavailable' })
    cloud.misbehave(null)
  })

  it('tries a read three times and a creation twice', async () => {
    cloud.misbehave(503)
    const port = portOn(cloud)
    const from = cloud.calls.length
    await expect(port.getAsset('a1b2')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(port.createSigningKey()).rejects.toMatchObject({ code: 'unavailable' })
    cloud.misbehave(null)
    expect(cloud.calls.slice(from)).toEqual([
      ...Array(3).fill('GET /video/v1/assets/a1b2'),
      ...Array(2).fill('POST /system/v1/signing-keys'),
    ])
  })

  it('says that wrong credentials were refused', async () => {
    const { credentials, origin } = cloud
    const port = createMuxVideo({
      ...MUX_CLOUD,
      provider: 'mux',
      ...credentials,
      apiOrigin: origin,
      tokenSecret: 'wrong',
      installation: 'this-portal',
    })
    const failure = expect(port.getAsset('a1b2')).rejects
    await failure.toMatchObject({
      code: 'unavailable',
      message: 'The video service refused the request (HTTP 401).',
    })
  })

  it('[MUX-01] goes on asking after others where requests about one object are refused', async () => {
    const port = portOn(cloud)
    const place = () => cloud.arrive(cloud.place('u', 'this-portal').id)
    const [poisoned, sound] = [place(), place()]
    cloud.poisoned.add(poisoned.id)
    for (let tries = 0; tries < 8; tries += 1)
      await expect(port.getAsset(poisoned.id)).rejects.toThrow('refused the request (HTTP 422)')
    expect(await port.getAsset(sound.id)).toMatchObject({ id: sound.id })
  })

  it('[SPS-05] tells of playback IDs that play without a token', async () => {
    const port = portOn(cloud)
    const { id, url } = await port.createUpload({
      corsOrigin: '*',
      passthrough: 'u',
      timeoutSeconds: 60,
      title: 't',
    })
    expect(cloud.uploads.get(id)!.new_asset_settings.playback_policies).toEqual(['signed'])
    await fetch(url, { method: 'PUT', body: 'x' })
    const asset = cloud.assets.get(cloud.uploads.get(id)!.asset_id!)!
    asset.playback_ids.unshift({ id: 'openToTheWorld', policy: 'public' })
    const seen = await port.getAsset(asset.id)
    expect(seen!.publicPlaybackIds).toEqual(['openToTheWorld'])
    expect(seen!.playbackId).toBe(asset.playback_ids[1]!.id)
  })
})
