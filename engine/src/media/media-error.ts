/**
 * Why a source cannot become a video. All of these lie in the file, so trying again changes nothing;
 * except `timeout`, which may also mean an overloaded machine.
 */
export type MediaErrorCode =
  | 'not_media'
  | 'truncated'
  | 'no_tracks'
  | 'too_long'
  | 'unsupported'
  | 'damaged'
  | 'timeout'
  | 'hostile'

/** `message` is a sentence for the person who uploaded the file; `detail` is for the log. */
export class MediaError extends Error {
  readonly code: MediaErrorCode
  readonly detail: string

  constructor(code: MediaErrorCode, message: string, detail = '') {
    super(message)
    this.name = 'MediaError'
    this.code = code
    this.detail = detail
  }
}

/** Compared by name: a module may be loaded twice in one process. */
export function isMediaError(error: unknown): error is MediaError {
  return error instanceof Error && error.name === 'MediaError'
}

export const TRUNCATED = 'This file ends in the middle. Export it again, then replace.'
export const NOT_MEDIA = 'This file is not a video.'
export const DAMAGED =
  'The picture in this file is damaged and cannot be read. Export it again, then replace.'
