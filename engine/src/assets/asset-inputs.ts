import { z } from 'zod'

/** One input as it was asked for. The first is the main file; further ones are audio and text tracks. */
export type AssetInput = {
  url?: string
  type?: 'video' | 'audio' | 'text'
  text_type?: 'subtitles'
  language_code?: string
  name?: string
  closed_captions?: boolean
  passthrough?: string
  /** Seconds; of clips only. */
  start_time?: number
  end_time?: number
  generated_subtitles?: { language_code?: string; name?: string; passthrough?: string }[]
}

const MOST_INPUTS = 50
const OVERLAY = 'watermarks (overlay_settings) are not supported'
const CLIPS_ONLY = 'is for clips only: the url must be mux://assets/{ASSET_ID}'
/** RFC 5646, loosely. */
const languageCode = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/, 'must be a BCP 47 language')
const url = z
  .string()
  .max(4096)
  .refine(isInputUrl, 'must be an http or https URL, or mux://assets/{ASSET_ID}')
const short = z.string().max(255)

const input = z
  .object({
    url: url.nullish(),
    type: z.enum(['video', 'audio', 'text']).nullish(),
    text_type: z.literal('subtitles').nullish(),
    language_code: languageCode.nullish(),
    name: short.nullish(),
    closed_captions: z.boolean().nullish(),
    passthrough: short.nullish(),
    start_time: z.number().min(0).nullish(),
    end_time: z.number().positive().nullish(),
    overlay_settings: z.null({ error: OVERLAY }).optional(),
    generated_subtitles: z
      .array(
        z
          .object({
            language_code: z.string().max(35).nullish(),
            name: short.nullish(),
            passthrough: short.nullish(),
          })
          .transform(filledIn),
      )
      .max(10)
      .nullish(),
  })
  .transform(filledIn)

/** `inputs`, or the older `input`, which may also be one object or one URL. */
export const inputList = z
  .union([
    z.string().transform((one) => [{ url: one }]),
    z.record(z.string(), z.unknown()).transform((one) => [one]),
    z.array(z.unknown()),
  ])
  .pipe(z.array(input).max(MOST_INPUTS).superRefine(checkInputs))

type Issues = z.core.$RefinementCtx<AssetInput[]>

function checkInputs(inputs: AssetInput[], issues: Issues): void {
  const wrong = (index: number, field: string, message: string) =>
    issues.addIssue({ code: 'custom', path: [index, field], message })
  for (const [index, { url: address, type, language_code, start_time, end_time }] of inputs.entries()) {
    const clip = address?.startsWith('mux:') ?? false
    if (clip && index > 0) wrong(index, 'url', 'only the first input can be an asset')
    if (!clip && start_time !== undefined) wrong(index, 'start_time', CLIPS_ONLY)
    if (!clip && end_time !== undefined) wrong(index, 'end_time', CLIPS_ONLY)
    if (end_time !== undefined && end_time <= (start_time ?? 0))
      wrong(index, 'end_time', 'must be after start_time')
    if (index === 0 && type === 'text') wrong(index, 'type', 'the first input must be a video or audio file')
    if (index === 0) continue
    if (!address) wrong(index, 'url', 'is required')
    if (type !== 'audio' && type !== 'text')
      wrong(index, 'type', 'must be "audio" or "text" for all inputs but the first')
    if (!language_code) wrong(index, 'language_code', 'is required for audio and text tracks')
  }
}

/** The asset that `mux://assets/{ASSET_ID}` names, or null. */
export function clippedAssetOf(address: string | undefined): string | null {
  return /^mux:\/\/assets\/([A-Za-z0-9]{1,64})$/.exec(address ?? '')?.[1] ?? null
}

function isInputUrl(text: string): boolean {
  if (clippedAssetOf(text)) return true
  const parsed = URL.parse(text)
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== ''
}

/** A URL as it may be shown: a password in it stays out of answers and events. */
export function shownUrl(text: string): string {
  const parsed = URL.parse(text)
  if (!parsed || (parsed.username === '' && parsed.password === '')) return text
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/** Inputs as answers show them. */
export function inputsJson(inputs: AssetInput[]): AssetInput[] {
  return inputs.map((each) => (each.url === undefined ? each : { ...each, url: shownUrl(each.url) }))
}

function filledIn<T extends Record<string, unknown>>(given: T) {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)) as {
    [Name in keyof T]?: NonNullable<T[Name]>
  }
}
