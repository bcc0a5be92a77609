import type { MediaInfo } from '#engine/media/ingest-context.ts'

/** What an asset's answer says about its source. Sizes are as shown: rotation applied, square pixels. */
export type MediaFacts = {
  durationSeconds: number
  aspectRatio: string | null
  width: number | null
  height: number | null
  frameRate: number | null
  resolutionTier: 'audio-only' | '720p' | '1080p' | '1440p' | '2160p'
}

const TIERS = [
  // Pixel counts of Mux's delivery buckets; a picture is in the first tier that holds it.
  { tier: '720p', pixels: 921_600 },
  { tier: '1080p', pixels: 2_073_600 },
  { tier: '1440p', pixels: 4_194_304 },
] as const

/** `maxTier` is the most the settings asked for: what lies above is not stored. */
export function mediaFacts(media: MediaInfo, maxTier: '1080p' | '1440p' | '2160p'): MediaFacts {
  const { video, durationSeconds } = media
  if (!video) {
    return {
      durationSeconds,
      aspectRatio: null,
      width: null,
      height: null,
      frameRate: null,
      resolutionTier: 'audio-only',
    }
  }
  const { displayWidth: width, displayHeight: height } = video
  return {
    durationSeconds,
    aspectRatio: aspectRatio(width, height),
    width,
    height,
    frameRate: Math.round(video.frameRate * 1000) / 1000,
    resolutionTier: lower(tierOf(width * height), maxTier),
  }
}

export function tierOf(pixels: number): MediaFacts['resolutionTier'] {
  return TIERS.find((each) => pixels <= each.pixels)?.tier ?? '2160p'
}

function lower<Tier extends string>(one: Tier, other: Tier): Tier {
  return Number.parseInt(one, 10) <= Number.parseInt(other, 10) ? one : other
}

/** In lowest terms: 1920 × 1080 is 16:9. */
export function aspectRatio(width: number, height: number): string {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  const common = divisor(width, height) || 1
  return `${width / common}:${height / common}`
}
