import { describe, expect, it } from 'vitest'
import { namesOf, redactEvent, tellsOfChange } from './rules.ts'

const event = (data: Record<string, unknown>) => ({
  id: '1',
  type: 'video.asset.ready',
  createdAt: new Date(0),
  objectType: 'asset',
  objectId: 'a',
  data,
})

describe('webhook rules', () => {
  it.each([
    ['video.asset.ready', true],
    ['video.asset.deleted', true],
    ['video.upload.asset_created', true],
    ['video.upload.cancelled', true],
    ['video.asset.track.ready', false],
    ['video.asset.static_rendition.ready', false],
    ['video.live_stream.active', false],
    ['evil video.asset.ready', false],
  ])('%s tells of a change: %s', (type, tells) => {
    expect(tellsOfChange(type)).toBe(tells)
  })

  it('[MUX-08] keeps names and states, and nothing that the list does not name', () => {
    const kept = redactEvent(
      event({
        status: 'ready',
        passthrough: 'upl_1',
        url: 'https://storage.example/secret',
        meta: { title: 'Anna, 100 m' },
        playback_ids: [{ id: 'secret', policy: 'signed' }, 'odd', null],
        errors: { type: 'invalid_input', messages: ['Anna.mp4 is broken'] },
        something_new: { email: 'a@example.com' },
      }),
    )
    expect(kept).toEqual({
      status: 'ready',
      passthrough: 'upl_1',
      playback_policies: ['signed', null, null],
      error_type: 'invalid_input',
    })
  })

  it('finds the upload by whatever name an event gives it', () => {
    const names = (objectType: string, body: Record<string, unknown>) =>
      namesOf({ objectType, objectId: 'o', body })
    expect(names('asset', { upload_id: 'u', passthrough: 'p' })).toEqual({
      assetId: 'o',
      providerUploadId: 'u',
      uploadId: 'p',
    })
    expect(names('upload', { asset_id: 'a' })).toEqual({
      assetId: 'a',
      providerUploadId: 'o',
      uploadId: null,
    })
    expect(redactEvent(event({ new_asset_settings: { passthrough: 'p' } }))).toEqual({ passthrough: 'p' })
  })
})
