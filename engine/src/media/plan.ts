import { type AudioInfo, heldSeconds, type MediaInfo, type VideoInfo } from '#engine/media/media-info.ts'

/** One video rendition to encode. Sizes are even; the name tells the short side. */
export type Rung = {
  name: string
  width: number
  height: number
  /** Frames a second at most; null to keep the source's. */
  frameRateCap: number | null
  /** Bits a second that a second may cost on average over the encoder's buffer. */
  maxBitRate: number
}

export type AudioPlan = {
  /** copy: the source's AAC is taken as it is. */
  first: 'copy' | 'encode'
  /** The copy plays at once but not everywhere (more than two channels): a stereo encode follows. */
  interim: boolean
}

export type IngestPlan = {
  first: 'remux' | 'encode'
  /** Made first when nothing can be remuxed; it is a rung of the ladder. Null without a picture. */
  quick: Rung | null
  /** Every rung, tallest first, `quick` included. */
  ladder: Rung[]
  audio: AudioPlan | null
}

/** Renditions that open a video before its ladder stands; masters leave them out once it is complete. */
export const INTERIM: ReadonlySet<string> = new Set(['source', 'source-audio'])

// Short sides in lines. Each rung has about half the pixels of the one above; below 270 nothing is legible.
const HEIGHTS = [2160, 1440, 1080, 720, 480, 360, 270]
const QUICK_LINES = 480
const MOST_FRAMES = 60
const FULL_HD = 1920 * 1080
const FULL_HD_BIT_RATE = 6_000_000

/**
 * Decides from the probe alone what is made of a source and what comes first. Nothing is scaled up;
 * portrait pictures are measured by their short side.
 */
export function planIngest(info: MediaInfo, maxHeight: number): IngestPlan {
  const ladder = info.video ? ladderFor(info.video, maxHeight) : []
  return {
    first: canRemux(info) ? 'remux' : 'encode',
    quick: ladder.find((rung) => shortSide(rung) <= QUICK_LINES) ?? ladder.at(-1) ?? null,
    ladder,
    audio: info.audio && planAudio(info.audio, info.video),
  }
}

export const shortSide = (size: { width: number; height: number }) => Math.min(size.width, size.height)

function ladderFor(video: VideoInfo, maxHeight: number): Rung[] {
  const source = Math.min(video.displayWidth, video.displayHeight)
  const rungs: Rung[] = []
  for (let lines = Math.min(source, maxHeight); lines > 0; lines = below(lines)) {
    const rung = rungAt(video, lines)
    if (rungs.some((taller) => taller.name === rung.name)) break
    rungs.push(rung)
  }
  return rungs
}

function below(lines: number): number {
  const most = lines * (lines > 720 ? 0.75 : 0.7)
  return HEIGHTS.find((height) => height <= most) ?? 0
}

function rungAt(video: VideoInfo, lines: number): Rung {
  const scale = lines / Math.min(video.displayWidth, video.displayHeight)
  const width = even(video.displayWidth * scale)
  const height = even(video.displayHeight * scale)
  const fast = video.frameRate > MOST_FRAMES * 1.01
  // Bits grow slower than pixels: neighbours in a larger picture are more alike.
  const bits = FULL_HD_BIT_RATE * ((width * height) / FULL_HD) ** 0.75 * (video.frameRate > 40 ? 1.4 : 1)
  return {
    name: `${Math.min(width, height)}p`,
    width,
    height,
    frameRateCap: fast ? MOST_FRAMES : null,
    maxBitRate: Math.round(Math.max(bits, 150_000) / 1000) * 1000,
  }
}

// 4:2:0 needs even sizes; rounding down never scales up.
const even = (size: number) => Math.max(2, Math.floor((size + 0.01) / 2) * 2)

function canRemux({ container, video, audio }: MediaInfo): boolean {
  if (!/mov|mp4|matroska|flv|mpegts/.test(container)) return false
  if (heldSeconds({ video, audio }) > 0) return false
  return video ? isPlainH264(video) : audio !== null && planAudio(audio, null).first === 'copy'
}

/**
 * H.264 that every browser decodes and shows right from fragmented MP4: 8 bits 4:2:0, progressive, upright.
 * Packets hidden by an edit list would become visible, and far apart pictures make reordering too long.
 */
function isPlainH264(video: VideoInfo): boolean {
  return (
    video.codec === 'h264' &&
    ['yuv420p', 'yuvj420p'].includes(video.pixelFormat) &&
    !video.interlaced &&
    video.rotation === 0 &&
    video.squarePixels &&
    video.codedWidth % 2 === 0 &&
    video.codedHeight % 2 === 0 &&
    !video.hdr &&
    !video.hiddenStart &&
    !video.sparse
  )
}

// Players wait at the start for sound that begins this much after the picture.
const LATE_SECONDS = 0.3

function planAudio(audio: AudioInfo, video: VideoInfo | null): AudioPlan {
  const aac = audio.codec === 'aac' && ['LC', 'HE-AAC', 'HE-AACv2'].includes(audio.profile)
  const late = video !== null && audio.startSeconds - video.startSeconds > LATE_SECONDS
  const plain = aac && !audio.hiddenStart && !late
  return { first: plain ? 'copy' : 'encode', interim: plain && audio.channels > 2 }
}

/** What a remuxed picture must be to stay in the ladder as a rung of its own. */
export type Remuxed = {
  width: number
  height: number
  frameRate: number
  bandwidth: number
  averageBandwidth: number
  segments: { duration: number }[]
}

/**
 * Whether a remuxed source may stay as the top rung. It may not if its keyframes come too rarely or
 * irregularly to switch at, if it costs far more bits than a rung of its size, or if it is taller than wanted.
 */
export function remuxedIsRung(remuxed: Remuxed, top: Rung, maxHeight: number): boolean {
  const longest = Math.max(...remuxed.segments.map((segment) => segment.duration))
  return (
    shortSide(remuxed) <= maxHeight &&
    longest <= 6.5 &&
    remuxed.averageBandwidth <= top.maxBitRate * 1.2 &&
    remuxed.bandwidth <= top.maxBitRate * 2
  )
}
