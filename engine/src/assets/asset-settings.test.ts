import { describe, expect, it } from 'vitest'
import { assetSettingsInput, DEFAULT_SETTINGS, newAssetInput, settingsJson } from './asset-settings.ts'

describe('asset settings', () => {
  it('means the same in the older and the newer spelling', () => {
    const newer = assetSettingsInput.parse({
      inputs: [{}],
      playback_policies: ['signed'],
      video_quality: 'premium',
      passthrough: 'p',
    })
    for (const older of [
      { input: [{}], playback_policy: ['signed'], encoding_tier: 'premium', passthrough: 'p' },
      { input: {}, playback_policy: 'signed', encoding_tier: 'premium', passthrough: 'p' },
      {
        input: {},
        advanced_playback_policies: [{ policy: 'signed' }],
        video_quality: 'premium',
        passthrough: 'p',
      },
    ]) {
      expect(assetSettingsInput.parse(older)).toEqual(newer)
    }
    expect(settingsJson(newer)).toMatchObject({ playback_policy: ['signed'], encoding_tier: 'premium' })
  })

  it('makes no playback ID unless asked to', () => {
    expect(assetSettingsInput.parse({})).toEqual(DEFAULT_SETTINGS)
    expect(DEFAULT_SETTINGS.playback_policies).toEqual([])
  })

  it('keeps of meta what is filled in', () => {
    expect(assetSettingsInput.parse({ meta: { title: 'T', creator_id: null, unknown: 1 } }).meta).toEqual({
      title: 'T',
    })
  })

  it('keeps what files are asked for beside the video', () => {
    const text = { url: 'https://example.com/en.srt', type: 'text', language_code: 'en', name: null }
    const given = {
      inputs: [{ passthrough: 'p' }, text],
      static_renditions: [{ resolution: 'highest' }, { resolution: 'audio-only', passthrough: 'a' }],
      master_access: 'temporary',
    }
    const { name: _, ...kept } = text
    const settings = assetSettingsInput.parse(given)
    expect(settings).toMatchObject({ ...given, inputs: [{ passthrough: 'p' }, kept] })
    expect(settingsJson(settings)).toMatchObject({ master_access: 'temporary', mp4_support: 'none' })
    expect(assetSettingsInput.parse({ mp4_support: 'none', master_access: 'none' })).toEqual(DEFAULT_SETTINGS)
  })

  it('takes the address of a new asset in each of its forms', () => {
    const url = 'https://example.com/file.mp4'
    for (const given of [{ inputs: [{ url }] }, { input: [{ url }] }, { input: { url } }, { input: url }]) {
      expect(newAssetInput.parse(given).inputs).toEqual([{ url }])
    }
    const clip = { url: 'mux://assets/abc', start_time: 1, end_time: 2.5 }
    expect(newAssetInput.parse({ inputs: [clip] }).inputs).toEqual([clip])
  })

  it('shows no password', () => {
    const settings = newAssetInput.parse({ inputs: [{ url: `https://${'me:secret'}@example.com/a.mp4` }] })
    expect(settings.inputs?.[0]?.url).toContain('secret')
    expect(settingsJson(settings).inputs).toEqual([{ url: 'https://example.com/a.mp4' }])
  })

  const url = 'https://example.com/file.mp4'
  it.each([
    {},
    { inputs: [] },
    { inputs: [{}] },
    { inputs: [{ url: 'ftp://example.com/a' }] },
    { inputs: [{ url: 'mux://live-streams/abc' }] },
    { inputs: [{ url, start_time: 1 }] },
    { inputs: [{ url: 'mux://assets/a', start_time: 3, end_time: 3 }] },
    { inputs: [{ url, type: 'text' }] },
    { inputs: [{ url }, { url }] },
    { inputs: [{ url }, { url, type: 'text' }] },
    { inputs: [{ url }, { type: 'text', language_code: 'en' }] },
    { inputs: [{ url }, { url: 'mux://assets/a', type: 'audio', language_code: 'en' }] },
    { inputs: [{ url }, { url, overlay_settings: {} }] },
  ])('makes no asset of %j', (settings) => {
    expect(newAssetInput.safeParse(settings).success).toBe(false)
  })

  it.each([
    { playback_policies: ['drm'] },
    { playback_policies: 'signed' },
    { advanced_playback_policies: [{ policy: 'drm' }] },
    { passthrough: 'x'.repeat(256) },
    { meta: { title: 'x'.repeat(513) } },
    { meta: { creator_id: 'x'.repeat(129) } },
    { max_resolution_tier: '720p' },
    { inputs: [{ url }] },
    { inputs: [{}, {}] },
    { inputs: [{ overlay_settings: { width: '10%' } }] },
    { mp4_support: 'standard', static_renditions: [{ resolution: 'highest' }] },
    { static_renditions: [{ resolution: '4320p' }] },
    { static_renditions: [{ resolution: 'highest' }, { resolution: '720p' }] },
    { static_renditions: [{ resolution: '720p' }, { resolution: '720p' }] },
    { generate_shots: true },
    { directives: [{ id: 'x' }] },
  ])('refuses what it cannot do: %j', (settings) => {
    expect(assetSettingsInput.safeParse(settings).success).toBe(false)
  })
})
