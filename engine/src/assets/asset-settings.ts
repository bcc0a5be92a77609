import { z } from 'zod'

/** Normalised settings of a new asset, as stored and as answered: one spelling inside, both outside. */
export type AssetSettings = {
  inputs?: Record<string, unknown>[]
  playback_policies: ('public' | 'signed')[]
  passthrough?: string
  meta?: AssetMeta
  max_resolution_tier: '1080p' | '1440p' | '2160p'
  video_quality: 'basic' | 'plus' | 'premium'
  normalize_audio: boolean
}

export type AssetMeta = { title?: string; creator_id?: string; external_id?: string }

/** Mux: at most 255 characters. */
export const passthroughInput = z.string().max(255)

export const metaInput = z
  .object({
    title: z.string().max(512).nullish(),
    creator_id: z.string().max(128).nullish(),
    external_id: z.string().max(128).nullish(),
  })
  .transform(
    (meta) => Object.fromEntries(Object.entries(meta).filter(([, value]) => value != null)) as AssetMeta,
  )

/** Older SDKs call the quality `encoding_tier`. */
const TIER_TO_QUALITY = { smart: 'plus', baseline: 'basic', premium: 'premium' } as const
export const QUALITY_TO_TIER = { plus: 'smart', basic: 'baseline', premium: 'premium' } as const

const policy = z.enum(['public', 'signed'], { error: 'playback_policies must be "signed" or "public"' })
const input = z.looseObject({
  url: z.undefined({ error: 'inputs with a url are not supported for direct uploads' }).optional(),
})

/** `new_asset_settings` of an upload. Accepts the older and the newer spelling; what this engine cannot do is refused. */
export const assetSettingsInput = z
  .object({
    inputs: z.array(input).max(1, 'only one input is supported').nullish(),
    input: z
      .union([input.transform((one) => [one]), z.array(input).max(1, 'only one input is supported')])
      .nullish(),
    playback_policies: z.array(policy).max(2).nullish(),
    playback_policy: z.union([policy.transform((one) => [one]), z.array(policy).max(2)]).nullish(),
    advanced_playback_policies: z.array(z.object({ policy })).max(2).nullish(),
    passthrough: passthroughInput.nullish(),
    meta: metaInput.nullish(),
    max_resolution_tier: z.enum(['1080p', '1440p', '2160p']).nullish(),
    video_quality: z.enum(['basic', 'plus', 'premium']).nullish(),
    encoding_tier: z.enum(['smart', 'baseline', 'premium']).nullish(),
    normalize_audio: z.boolean().nullish(),
    mp4_support: z.literal('none', { error: 'mp4_support is not supported' }).nullish(),
    master_access: z.literal('none', { error: 'master_access is not supported' }).nullish(),
    static_renditions: z.array(z.unknown()).max(0, 'static_renditions are not supported').nullish(),
    test: z.boolean().nullish(),
  })
  .transform(normalise)

type Given = {
  inputs?: Record<string, unknown>[] | null
  input?: Record<string, unknown>[] | null
  playback_policies?: AssetSettings['playback_policies'] | null
  playback_policy?: AssetSettings['playback_policies'] | null
  advanced_playback_policies?: { policy: 'public' | 'signed' }[] | null
  passthrough?: string | null
  meta?: AssetMeta | null
  max_resolution_tier?: AssetSettings['max_resolution_tier'] | null
  video_quality?: AssetSettings['video_quality'] | null
  encoding_tier?: keyof typeof TIER_TO_QUALITY | null
  normalize_audio?: boolean | null
}

function normalise(given: Given): AssetSettings {
  const inputs = given.inputs ?? given.input
  const policies =
    given.playback_policies ??
    given.playback_policy ??
    given.advanced_playback_policies?.map((advanced) => advanced.policy) ??
    []
  return {
    ...(inputs ? { inputs } : {}),
    playback_policies: [...new Set(policies)],
    ...(given.passthrough ? { passthrough: given.passthrough } : {}),
    ...(given.meta ? { meta: given.meta } : {}),
    max_resolution_tier: given.max_resolution_tier ?? '1080p',
    video_quality:
      given.video_quality ??
      (given.encoding_tier ? TIER_TO_QUALITY[given.encoding_tier] : undefined) ??
      'plus',
    normalize_audio: given.normalize_audio ?? false,
  }
}

/** Settings in both spellings, for answers. */
export function settingsJson(settings: AssetSettings) {
  return {
    ...settings,
    playback_policy: settings.playback_policies,
    encoding_tier: QUALITY_TO_TIER[settings.video_quality],
  }
}

export const DEFAULT_SETTINGS: AssetSettings = normalise({})
