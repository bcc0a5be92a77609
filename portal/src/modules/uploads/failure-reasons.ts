import type { UploadFailure } from './rules.ts'

/** What the service's error codes mean here: the engine's own `reason`, or else Mux's `type`. */
const MEANING: { readonly [code: string]: UploadFailure } = {
  empty: 'empty',
  not_media: 'unreadable',
  unsupported: 'unreadable',
  damaged: 'unreadable',
  hostile: 'unreadable',
  invalid_input: 'unreadable',
  truncated: 'cut_short',
  no_tracks: 'no_picture',
  too_long: 'too_long',
  too_large: 'too_large',
  timeout: 'provider_failed',
  internal_error: 'provider_failed',
}

/** The reason behind an error code of the video service; `fallback` for a code that we do not know. */
export function failureOf(code: string | null, fallback: UploadFailure): UploadFailure {
  return (code && Object.hasOwn(MEANING, code) && MEANING[code]) || fallback
}
