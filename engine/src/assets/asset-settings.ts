import { z } from 'zod'
import { type AssetInput, inputList, inputsJson } from './asset-inputs.ts'

/** Normalised settings of a new asset, as stored and as answered: one spelling inside, both outside. */
export type AssetSettings = {
  inputs?: AssetInput[]
  playback_policies: ('public' | 'signed')[]
  passthrough?: string
  meta?: AssetMeta
  max_resolution_tier: '1080p' | '1440p' | '2160p'
  video_quality: 'basic' | 'plus' | 'premium'
  normalize_audio: boolean
  /** Absent means none, for each of these. */
  static_renditions?: StaticRenditionSettings[]
  mp4_support?: Mp4Support
  master_access?: 'temporary'
  test?: true
}

export type AssetMeta = { title?: string; creator_id?: string; external_id?: string }
export type Mp4Support = 'standard' | 'capped-1080p' | 'audio-only' | 'audio-only,capped-1080p'
export type StaticResolution = (typeof RESOLUTIONS)[number]
export type StaticRenditionSettings = { resolution: StaticResolution; passthrough?: string }

export const RESOLUTIONS = [
  'highest',
  'audio-only',
  '2160p',
  '1440p',
  '1080p',
  '720p',
  '540p',
  '480p',
  '360p',
  '270p',
] as const

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

/** What POST …/playback-ids and the lists of policies take. */
export const policyInput = z.enum(['public', 'signed'], {
  error: ({ input }) =>
    input === 'drm' ? 'DRM is not supported; use "signed" or "public"' : 'must be "signed" or "public"',
})
const policyList = z.union([policyInput.transform((one) => [one]), z.array(policyInput).max(10)])

/** What POST …/static-renditions and `static_renditions` take. */
export const staticRenditionInput = z
  .object({ resolution: z.enum(RESOLUTIONS), passthrough: passthroughInput.nullish() })
  .transform(({ resolution, passthrough }) => ({ resolution, ...(passthrough ? { passthrough } : {}) }))

const staticRenditionList = z.array(staticRenditionInput).superRefine((list, issues) => {
  const asked = list.map(({ resolution }) => resolution)
  if (new Set(asked).size < asked.length)
    issues.addIssue({ code: 'custom', message: 'each resolution can be asked for once' })
  if (asked.includes('highest') && asked.some((each) => each.endsWith('p')))
    issues.addIssue({ code: 'custom', message: '"highest" cannot be combined with other video resolutions' })
})

const mp4SupportInput = z.enum(['none', 'standard', 'capped-1080p', 'audio-only', 'audio-only,capped-1080p'])
const masterAccessInput = z.enum(['none', 'temporary'])

const fields = {
  inputs: inputList.nullish(),
  input: inputList.nullish(),
  playback_policies: z.array(policyInput).max(10).nullish(),
  playback_policy: policyList.nullish(),
  advanced_playback_policies: z
    .array(z.object({ policy: policyInput }))
    .max(10)
    .nullish(),
  passthrough: passthroughInput.nullish(),
  meta: metaInput.nullish(),
  max_resolution_tier: z.enum(['1080p', '1440p', '2160p']).nullish(),
  video_quality: z.enum(['basic', 'plus', 'premium']).nullish(),
  encoding_tier: z.enum(['smart', 'baseline', 'premium']).nullish(),
  normalize_audio: z.boolean().nullish(),
  mp4_support: mp4SupportInput.nullish(),
  master_access: masterAccessInput.nullish(),
  static_renditions: staticRenditionList.nullish(),
  test: z.boolean().nullish(),
  // There are no overlays that a clip could take over, so both of its values mean the same.
  copy_overlays: z.boolean().nullish(),
  directives: z.array(z.never({ error: 'directives are not supported' })).nullish(),
  generate_shots: z.literal(false, { error: 'shots are not supported' }).nullish(),
}

type Given = z.output<ReturnType<typeof z.object<typeof fields>>>

const settings = z.object(fields).superRefine((given, issues) => {
  if ((given.static_renditions?.length ?? 0) > 0 && (given.mp4_support ?? 'none') !== 'none') {
    const message = 'cannot be combined with static_renditions'
    issues.addIssue({ code: 'custom', path: ['mp4_support'], message })
  }
})

/** `new_asset_settings` of an upload: the first input is the file that is sent, so it has no url. */
export const assetSettingsInput = settings
  .superRefine((given, issues) => {
    if ((given.inputs ?? given.input)?.[0]?.url === undefined) return
    const message = 'the first input of a direct upload has no url'
    issues.addIssue({ code: 'custom', path: ['inputs', 0, 'url'], message })
  })
  .transform(normalise)

/** The body of POST /video/v1/assets: the first input says where the file is. */
export const newAssetInput = settings
  .superRefine((given, issues) => {
    if ((given.inputs ?? given.input)?.[0]?.url !== undefined) return
    issues.addIssue({ code: 'custom', path: ['inputs', 0, 'url'], message: 'is required' })
  })
  .transform(normalise)

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
    ...(given.static_renditions?.length ? { static_renditions: given.static_renditions } : {}),
    ...(given.mp4_support && given.mp4_support !== 'none' ? { mp4_support: given.mp4_support } : {}),
    ...(given.master_access === 'temporary' ? { master_access: 'temporary' } : {}),
    ...(given.test ? { test: true } : {}),
  }
}

/** Settings in both spellings, for answers. */
export function settingsJson(settings: AssetSettings) {
  return {
    ...settings,
    ...(settings.inputs ? { inputs: inputsJson(settings.inputs), input: inputsJson(settings.inputs) } : {}),
    playback_policy: settings.playback_policies,
    encoding_tier: QUALITY_TO_TIER[settings.video_quality],
    mp4_support: settings.mp4_support ?? 'none',
    master_access: settings.master_access ?? 'none',
  }
}

export const DEFAULT_SETTINGS: AssetSettings = normalise({})
