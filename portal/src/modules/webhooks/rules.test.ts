import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isKnownType, oddFields, strangeKinds } from './known-kinds.ts'
import { secondsToNextTry, stepAfter, TRIES } from './retry-rules.ts'
import { namesOf, redactEvent, tellsOfChange } from './rules.ts'

const event = (data: Record<string, unknown>) => ({
  id: '1',
  type: 'video.asset.ready',
  createdAt: new Date(0),
  objectType: 'asset',
  objectId: 'a',
  data: { id: 'a', status: 'ready', ...data },
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
    expect(redactEvent(event({ new_asset_settings: { passthrough: 'p' } })).passthrough).toBe('p')
  })

  it.each([
    ['video.asset.ready', true],
    ['video.asset.track.ready', true],
    ['video.asset.shots.ready', true],
    ['video.live_stream.simulcast_target.idle', true],
    ['video.asset.warming_up', false],
    ['video.assets.ready', false],
    ['evil video.asset.ready', false],
  ])('[VOR-06] knows the type %s: %s', (type, known) => {
    expect(isKnownType(type)).toBe(known)
  })

  it('[VOR-06] names fields that are not as documented, and never what stands in them', () => {
    expect(oddFields(event({ status: 'ready' }))).toBeUndefined()
    const strange = event({ status: 'anna@example.com', playback_ids: 'none', duration: '12' })
    expect(oddFields(strange)).toEqual(['status', 'playback_ids', 'duration'])
    const kept = redactEvent(strange)
    expect(strangeKinds({ type: strange.type, body: kept })).toEqual([
      'shape:video.asset.ready:status',
      'shape:video.asset.ready:playback_ids',
      'shape:video.asset.ready:duration',
    ])
    expect(strangeKinds({ type: 'video.asset.warming_up', body: {} })).toEqual([
      'type:video.asset.warming_up',
    ])
  })
})

describe('tries', () => {
  it('[MUX-03] come at growing intervals, jittered by a sixth, and end in a dead letter', () => {
    for (let failures = 1; failures < TRIES + 3; failures += 1) {
      const [soonest, latest] = [secondsToNextTry(failures, 0), secondsToNextTry(failures, 1)]
      expect(latest).toBeGreaterThan(soonest)
      expect(secondsToNextTry(failures + 1, 0)).toBeGreaterThan(latest)
    }
    expect([1, 4, 5, 6].map(stepAfter)).toEqual(['retry', 'retry', 'dead_letter', 'replay'])
  })

  it('[MUX-09] of a dead letter are five a day at most, whatever the jitter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
        (chances) => {
          let at = 0
          const times = chances.map((chance, n) => (at += secondsToNextTry(TRIES + n, chance)))
          for (const from of [0, ...times])
            expect(times.filter((time) => time > from && time <= from + 86_400).length).toBeLessThanOrEqual(5)
        },
      ),
    )
  })
})
