export type VideoInfo = {
  /** Index of the stream in the file. */
  index: number
  codec: string
  profile: string
  pixelFormat: string
  bitDepth: number
  /** As coded. */
  codedWidth: number
  codedHeight: number
  /** As it is to be shown: square pixels, rotation applied. */
  displayWidth: number
  displayHeight: number
  /** Clockwise turn that the player has to apply: 0, 90, 180 or 270. */
  rotation: number
  squarePixels: boolean
  /** Frames a second, on average. */
  frameRate: number
  variableFrameRate: boolean
  interlaced: boolean
  colour: { primaries: string; transfer: string; matrix: string; range: string }
  hdr: boolean
  startSeconds: number
  /** Packets at the start that an edit list hides, or that come before the first keyframe. */
  hiddenStart: boolean
  /** Pictures lie seconds apart, as in slides or a recording of a still screen. */
  sparse: boolean
}

export type AudioInfo = {
  /** Index of the stream in the file. */
  index: number
  codec: string
  profile: string
  channels: number
  sampleRate: number
  /** As the file tells it, most often ISO 639-2; null where it is undetermined. */
  language: string | null
  /** The track's name for people, such as "Director's commentary". */
  title: string | null
  /** The file wants it played unless a viewer chooses otherwise; several tracks may say so. */
  default: boolean
  startSeconds: number
  /** Packets at the start that an edit list hides, beyond what a decoder needs to settle. */
  hiddenStart: boolean
}

export type SubtitleInfo = {
  /** Index of the stream in the file. */
  index: number
  codec: string
  /** Whether it holds words; the others (DVD, Blu-ray, DVB) hold pictures of words. */
  text: boolean
  language: string | null
  title: string | null
  /** Only what must be shown to everyone, such as signs in a foreign language. */
  forced: boolean
  default: boolean
}

/** What a source holds, as far as the engine uses it. */
export type MediaInfo = {
  container: string
  /** When the first of all its tracks begins, on the file's own clock: ffmpeg's zero. */
  startSeconds: number
  durationSeconds: number
  /** Bytes a second × 8, of the whole file. */
  bitRate: number
  video: VideoInfo | null
  /** The primary one of `audios`. */
  audio: AudioInfo | null
  /** Every track of sound that can be decoded, in the file's order. */
  audios: AudioInfo[]
  subtitles: SubtitleInfo[]
}

// Less is how cameras and encoders always begin, and cut off without anybody hearing it.
const HEARD_SECONDS = 0.3

/**
 * Seconds by which the first picture is shown earlier than the file says, as sound begins before it: both tracks
 * of a stream have to begin together, and nothing that can be heard may be lost.
 */
export function heldSeconds({ video, audio }: Pick<MediaInfo, 'video' | 'audio'>): number {
  const early = video && audio ? video.startSeconds - audio.startSeconds : 0
  return early > HEARD_SECONDS ? early : 0
}
