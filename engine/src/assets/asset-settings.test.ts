import { describe, expect, it } from 'vitest'
import { assetSettingsInput, DEFAULT_SETTINGS, settingsJson } from './asset-settings.ts'

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

  it.each([
    { playback_policies: ['drm'] },
    { playback_policies: 'signed' },
    { advanced_playback_policies: [{ policy: 'drm' }] },
    { passthrough: 'x'.repeat(256) },
    { meta: { title: 'x'.repeat(513) } },
    { meta: { creator_id: 'x'.repeat(129) } },
    { max_resolution_tier: '720p' },
    { inputs: [{ url: 'https://example.com/file.mp4' }] },
    { inputs: [{}, {}] },
    { mp4_support: 'standard' },
    { master_access: 'temporary' },
    { static_renditions: [{ resolution: 'highest' }] },
  ])('refuses what it cannot do: %j', (settings) => {
    expect(assetSettingsInput.safeParse(settings).success).toBe(false)
  })
})
